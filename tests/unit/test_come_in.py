"""The short ways by which tests come to a session leave what the way that people go leaves."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import transaction

from accounts import adapter
from accounts.services import second_step
from accounts.stages import SecondStepStage
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_agent
from tests.support.steps import PortalClient, answered, come_in, log_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

    Way = Callable[[PortalClient, User], object]

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

# What is random: the digest of a browser, the key of a session and what is signed with it. Of an app, in which half
# minute its code was typed.
RANDOM = {"digest", "session_key", "session_data", "last_t", "drift"}
# Rows that a log-in makes: a number is given once, by a database that keeps count of those that were undone.
MADE = {"accounts.SecurityEvent", "accounts.DeviceCookie", "accounts.OutboxMessage"}


def _left(way: Way, user: User, *, before: Way | None) -> dict[str, Any]:
    """Return what is in the database and in the browser after `way`, and undo it."""
    with transaction.atomic():
        client = PortalClient()
        if before is not None:
            before(client, user)
        way(client, user)
        rows = [_told(row) for model in apps.get_models() for row in model._default_manager.order_by("pk")]
        # Each page with a form sets the token of forms, and an empty cookie is one that the browser forgets.
        cookies = {
            re.sub(r"-b[0-9a-f]{16}$", "-device", name): (cookie["path"], cookie["max-age"], cookie["httponly"])
            for name, cookie in client.cookies.items()
            if cookie.value and name != "__Host-csrf"
        }
        session = {name: _plain(value) for name, value in client.session.items()}
        transaction.set_rollback(True)
    return {"rows": rows, "cookies": cookies, "session": {**session, "log_in_event": ""}}


def _told(row: Any) -> tuple[str, dict[str, Any]]:
    fields = {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}
    random = RANDOM | ({"id"} if row._meta.label in MADE else set())
    return row._meta.label, {name: value for name, value in fields.items() if name not in random}


def _plain(value: Any) -> Any:
    """Return what of a value is the same at each log-in: a time is some time."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: "its event" if name == "event" else _plain(part) for name, part in value.items()}
    return "a time" if isinstance(value, datetime.datetime | float) else value


def _through_the_stages(client: PortalClient, user: User) -> None:
    """Log in with password and code; tests/pages/test_second_step.py shows the pages of these stages."""
    device = second_step.check(user=user, code=PhoneApp.of(user).code())

    def enter(request: HttpRequest) -> HttpResponse:
        adapter.enter(request, user=user, browser="", next_url="")
        stage = SecondStepStage.of(request)
        assert stage is not None
        return stage.passed_with(device)

    assert answered(client, enter).status_code == 302


def _another_browser(_: PortalClient, user: User) -> None:
    log_in(PortalClient(), user)


@pytest.mark.parametrize("before", [None, _another_browser], ids=["for the first time", "in a new browser"])
def test_coming_in_leaves_what_a_log_in_leaves(before: Way | None) -> None:
    user = make_user()
    by_pages = _left(log_in, user, before=before)
    assert by_pages["session"]["_auth_user_id"] == str(user.pk)
    assert {label for label, _ in by_pages["rows"]} >= {"accounts.Session", "accounts.DeviceCookie"}
    assert _left(come_in, user, before=before) == by_pages


def test_being_at_work_is_to_have_passed_the_stages() -> None:
    agent = make_agent()
    PhoneApp.of(agent)
    by_stages = _left(_through_the_stages, agent, before=None)
    assert by_stages["session"]["otp_device_id"]
    assert _left(lambda client, user: at_work(user, client), agent, before=None) == by_stages
