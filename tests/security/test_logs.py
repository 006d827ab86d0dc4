"""Threat: an attacker reads the log or the record of events, and learns who people are or gets in with what it says."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts import prepared
from accounts.models import SecurityEvent, User
from esr_portal.logs import JSONFormatter
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.smtp import Inbox
from tests.support.steps import PortalClient, send

pytestmark = pytest.mark.django_db

WRONG = "nightingale wrong words"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the portal logs, at every level and as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    # The mail server of the tests logs too; it is not the portal.
    handler.addFilter(lambda record: not record.name.startswith("mail."))
    loggers = [logging.getLogger(name) for name in ("", "django")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield stream
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """Return the log's lines; each must be one JSON object."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def everything_that_happens(client: PortalClient, user: User, inbox: Inbox, deliver_mail: Callable[[], None]) -> str:
    """Go through log-in, failure, recovery, change and log-out; return the link that was used."""
    client.post("/log-in/", {"username": user.username, "password": WRONG})
    client.post("/log-in/", {"username": user.email, "password": WRONG})
    born = user.date_of_birth
    form = {"date_of_birth_day": born.day, "date_of_birth_month": born.month, "date_of_birth_year": born.year}
    client.post("/recovery/", {"email": user.email, **form})
    client.post("/recovery/", {"email": user.email, **form, "date_of_birth_year": born.year + 1})
    deliver_mail()
    link = next(link for mail in inbox.mails for link in mail.links if "/recovery/link/" in link)
    page = client.get(link)["Location"]
    send(client, page, {"new_password": "password1234"})
    send(client, page, {"new_password": NEW_PASSWORD})
    deliver_mail()
    client.post("/log-in/", {"username": user.username, "password": NEW_PASSWORD})
    send(client, "/change-password/", {"current_password": WRONG, "new_password": PASSWORD})
    client.post("/log-out/")
    client.get("/no-such-page")
    client.get("/log-in/", headers={"Host": "evil.example"})
    return link


@pytest.fixture
def philippa() -> User:
    return make_user(given_name="Philippa", family_name="Featherstone", employee_number="87654321")


def test_log_lines_and_events_say_nothing_about_people_and_hold_no_secret(
    client: PortalClient, philippa: User, inbox: Inbox, deliver_mail: Callable[[], None], log: io.StringIO
) -> None:
    link = everything_that_happens(client, philippa, inbox, deliver_mail)
    events = str(list(SecurityEvent.objects.values()))
    token = link.rstrip("/").rsplit("/", 1)[-1]
    born = philippa.date_of_birth
    secrets = {
        "name": "Philippa",
        "family name": "Featherstone",
        "username": philippa.username,
        "email": philippa.email,
        "ESR number": philippa.employee_number,
        "date of birth": born.isoformat(),
        "date of birth as typed": f"{born.day}/{born.month}/{born.year}",
        "password": PASSWORD,
        "new password": NEW_PASSWORD,
        "wrong password": WRONG,
        "refused password": "password1234",
        "token": token,
        "hash": "argon2",
    }
    assert len(lines(log)) > 10
    for what, value in secrets.items():
        assert value.lower() not in log.getvalue().lower(), what
        assert value.lower() not in events.lower(), what


def test_every_event_has_a_line_that_names_the_user_by_id(
    client: PortalClient, philippa: User, inbox: Inbox, deliver_mail: Callable[[], None], log: io.StringIO
) -> None:
    everything_that_happens(client, philippa, inbox, deliver_mail)
    logged = [line["event"] for line in lines(log) if line["logger"] == "esr_portal.security"]
    assert sorted(logged) == sorted(SecurityEvent.objects.values_list("event", flat=True))
    assert {line["user"] for line in lines(log) if line.get("event") == "logged_in"} == {philippa.pk}


def test_what_is_typed_cannot_forge_a_line(client: PortalClient, log: io.StringIO) -> None:
    """Threat: a username with a line end writes "logged in" into the log."""
    forged = 'x\n{"event": "logged_in", "user": 1}\r\n'
    client.post("/log-in/", {"username": forged, "password": forged}, headers={"User-Agent": forged})
    client.get("/no-such-page/%0A%7B%22event%22%3A%22logged_in%22%7D")
    assert all(line.get("event") != "logged_in" for line in lines(log))


def test_a_code_of_the_second_step_is_not_logged(client: PortalClient, log: io.StringIO) -> None:
    admin = make_user(is_staff=True)
    app = PhoneApp.of(admin)
    client.post("/log-in/", {"username": admin.username, "password": PASSWORD})
    wrong, right = app.wrong_code(), app.code()
    send(client, "/log-in/second-step/", {"code": right})
    send(client, "/log-in/second-step/", {"code": wrong})
    for code in (wrong, right, admin.totpdevice_set.get().key):
        assert code not in log.getvalue()


def test_a_failure_is_logged_with_its_cause_and_without_what_was_typed(
    client: PortalClient, philippa: User, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat: a traceback with the form in it."""

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(prepared.Select, "first", fail)
        response = client.post("/log-in/", {"username": philippa.username, "password": WRONG})
    assert response.status_code == 500
    assert "the disk is full" in log.getvalue()
    assert WRONG not in log.getvalue()
    assert philippa.username not in log.getvalue()
    assert "the disk is full" not in response.text


def test_a_line_says_where_a_request_came_from_and_who_was_logged_in(
    client: PortalClient, desk: PortalClient, agent: User, log: io.StringIO
) -> None:
    """Threat: an attacker tries pages of the admin or host names, and no line says who, or from where."""
    desk.get("/admin/auth/group/", REMOTE_ADDR="203.0.113.7")
    assert desk.post("/admin/accounts/organisation/add/", REMOTE_ADDR="203.0.113.7").status_code == 403
    client.get("/", REMOTE_ADDR="203.0.113.8", headers={"Host": "evil.example"})
    client.post("/log-in/", {"username": "999NOBODY01", "password": WRONG}, REMOTE_ADDR="203.0.113.9")
    found = {(line["logger"], line["address"]): line["user"] for line in lines(log) if line["address"]}
    assert found[("django.request", "203.0.113.7")] == agent.pk
    assert found[("django.security.DisallowedHost", "203.0.113.8")] is None
    assert found[("esr_portal.security", "203.0.113.9")] is None
