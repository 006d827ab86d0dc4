"""Threat: an attacker learns from the recovery form who works here, or the state of their account."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import RecoveryRequest
from accounts.services import lockout, recovery
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.leavers import make_leaver, with_address
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

YESTERDAY = datetime.date.today() - datetime.timedelta(days=2)  # noqa: DTZ011 (a day either side is as good)


def a_match() -> str:
    return make_user().email


def nobody() -> str:
    return "nobody@nhs.net"


def a_wrong_date() -> str:
    return make_user(date_of_birth=datetime.date(1991, 1, 31)).email


def somebody_inactive() -> str:
    return make_user(is_active=False).email


def somebody_who_left() -> str:
    return make_user(ends_on=YESTERDAY).email


def somebody_without_a_password_yet() -> str:
    return make_user(password=None).email


def somebody_with_a_smartcard_alone() -> str:
    return make_user(care_identity_only=True, password=None).email


def a_shared_mailbox() -> str:
    make_user(email="smiths@example.org", person_type="volunteer")
    return make_user(email="smiths@example.org", person_type="volunteer", date_of_birth=datetime.date(2001, 2, 3)).email


def somebody_locked() -> str:
    user = make_user()
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    return user.email


def somebody_who_has_used_up_their_requests() -> str:
    user = make_user()
    for _ in range(recovery.REQUESTS_A_DAY + 1):
        recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
        recovery.decide(request_id=RecoveryRequest.objects.latest("pk").pk)
    return user.email


def an_admin_who_must_change_their_password() -> str:
    return make_user(is_staff=True, must_change_password=True).email


def a_leaver_with_their_personal_address() -> str:
    return with_address(make_leaver(days=-3)).email


def a_personal_address_of_a_person_who_is_still_in() -> str:
    return with_address(make_leaver(days=3)).email


KINDS: list[Callable[[], str]] = [
    a_match,
    nobody,
    a_wrong_date,
    somebody_inactive,
    somebody_who_left,
    somebody_without_a_password_yet,
    somebody_with_a_smartcard_alone,
    a_shared_mailbox,
    somebody_locked,
    somebody_who_has_used_up_their_requests,
    an_admin_who_must_change_their_password,
    a_leaver_with_their_personal_address,
    a_personal_address_of_a_person_who_is_still_in,
]


def everything_seen(email: str) -> dict[str, Any]:
    """Return all that a browser sees from the form to its answer, reference and tokens aside, and what it cost."""
    client = PortalClient(enforce_csrf_checks=True)
    form = client.get("/recovery/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token is not None
    typed = {
        "csrfmiddlewaretoken": token[1],
        "email": email,
        "date_of_birth_day": DATE_OF_BIRTH.day,
        "date_of_birth_month": DATE_OF_BIRTH.month,
        "date_of_birth_year": DATE_OF_BIRTH.year,
    }
    with CaptureQueriesContext(connection) as queries:
        answers = [
            client.post("/recovery/", typed, headers={"origin": "https://esr.example.nhs.uk"}),
            client.get("/recovery/requested/"),
        ]
    reference = RecoveryRequest.objects.latest("pk").reference
    assert reference in answers[1].text
    assert len(queries) >= 3
    return {
        "statuses": [answer.status_code for answer in answers],
        # The bodies are compared whole, but for what was typed into the form, which the page repeats.
        "headers": [sorted((n, v) for n, v in answer.headers.items() if n != "Content-Length") for answer in answers],
        "bodies": [_without_token(a.text.replace(reference, "REFERENCE").replace(email, "TYPED")) for a in answers],
        "cookies": sorted((name, len(morsel.OutputString())) for name, morsel in answers[0].cookies.items()),
        "queries": [_shape(query["sql"]) for query in queries.captured_queries],
    }


def _without_token(page: str) -> str:
    return re.sub(r'(name="(?:csrfmiddlewaretoken" value="|page-))\w+', r"\1", page)


def _shape(sql: str) -> str:
    """Return which tables a statement touches and how, without what it is about."""
    return " ".join(re.findall(r"\b(?:SELECT|INSERT|UPDATE|DELETE|SAVEPOINT|RELEASE|accounts_\w+)\b", sql))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_answer_is_the_same_for_everyone(kind: Callable[[], str]) -> None:
    """Status, headers, bytes and queries are those of an unknown address. The mail server is down besides."""
    assert everything_seen(kind()) == everything_seen("somebody.else@example.org")


def test_the_request_looks_nobody_up() -> None:
    """Timing by construction: a table that is not read cannot be slow."""
    for kind in KINDS:
        assert not any("accounts_user" in query.split() for query in everything_seen(kind())["queries"])


def test_the_date_of_birth_is_in_no_log_line_and_in_no_row(caplog: pytest.LogCaptureFixture) -> None:
    from django.apps import apps

    everything_seen("somebody.else@example.org")
    models = [model for model in apps.get_models() if model._meta.app_label == "accounts"]
    rows = [str(row) for model in models for row in model._default_manager.values()]
    assert rows
    for kept in [caplog.text, *rows, *(str(vars(record)) for record in caplog.records)]:
        assert DATE_OF_BIRTH.isoformat() not in kept
        assert "datetime.date(1980" not in kept
        assert "23/4/1980" not in kept


def test_the_answer_needs_no_session() -> None:
    """Threat: fill the database with the sessions of a robot."""
    from accounts.models.session import Session

    everything_seen("somebody.else@example.org")
    assert Session.objects.count() == 0
