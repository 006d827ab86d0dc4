"""Threat: a stranger fills the database, at no cost, with what stays there for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from accounts.models import SecurityEvent, Session
from accounts.models.security_event import Event
from care_identity.services import unasked
from tests.support.at_care_identity import CALLBACK, CHOOSE, REFUSED, START, address_in, bring_back
from tests.support.openid_provider import OpenIDProvider
from tests.support.openid_server import Answer
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

Visit = Callable[[PortalClient], Any]


@pytest.fixture(autouse=True)
def care_identity(openid_provider: OpenIDProvider, monkeypatch: pytest.MonkeyPatch) -> OpenIDProvider:
    """Return a provider, in a process that has counted nothing yet."""
    monkeypatch.setattr(unasked, "COUNT", unasked.new_count())
    return openid_provider


def rows() -> dict[str, int]:
    """Return how many rows each table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.managed}


NOTHING_STAYS: dict[str, Visit] = {
    "an answer with an unknown state": lambda stranger: stranger.get(CALLBACK, {"state": "x", "code": "x"}),
    "an answer without one": lambda stranger: stranger.get(CALLBACK),
    "a choice that is not to be made": lambda stranger: stranger.get(CHOOSE),
    "the same, sent": lambda stranger: stranger.post(CHOOSE, {"login": "1"}),
    "the page about a refusal": lambda stranger: stranger.get(REFUSED),
    "a log-in with Care Identity that is begun": lambda stranger: stranger.post(START, {"next": "/help/"}),
    "a log-out message that is none": lambda stranger: stranger.post(
        "/care-identity/back-channel-logout/", "logout_token=x", content_type="application/x-www-form-urlencoded"
    ),
    "a recovery link that is none": lambda stranger: stranger.get(f"/recovery/link/{'x' * 43}/"),
    "its page": lambda stranger: stranger.get("/recovery/new-password/?about=x"),
    "a link to confirm an address that is none": lambda stranger: stranger.get(f"/confirm-address/link/{'x' * 43}/"),
    "a leaver's link that is none": lambda stranger: stranger.get(f"/after-leaving/link/{'x' * 43}/"),
    "the second step of no log-in": lambda stranger: stranger.get("/log-in/second-step/"),
    "the log-in page": lambda stranger: stranger.get("/log-in/?next=/help/&ended="),
    "the log-out page": lambda stranger: stranger.post("/log-out/"),
    "a page for people who are logged in": lambda stranger: stranger.get("/my-esr/"),
    "the admin": lambda stranger: stranger.get("/admin/"),
    "a session that is none": lambda stranger: stranger.get(
        "/my-esr/", headers={"cookie": f"__Host-session={'x' * 32}"}
    ),
}


@pytest.mark.parametrize("visit", NOTHING_STAYS.values(), ids=NOTHING_STAYS)
def test_what_was_not_asked_for_stores_nothing(visit: Visit) -> None:
    before = rows()
    for _ in range(3):
        visit(PortalClient())
    assert rows() == before


def test_no_session_is_stored_where_care_identity_is_away(care_identity: OpenIDProvider) -> None:
    """The page that says so is remembered by a cookie."""
    care_identity.answers["/.well-known/openid-configuration"] = Answer(status=503)
    stranger = PortalClient()
    assert stranger.post(START)["Location"] == REFUSED
    assert "Care Identity is not answering" in stranger.get(REFUSED).text
    assert not Session.objects.exists()
    assert "Log in again" in PortalClient().get(REFUSED).text


def test_no_session_is_stored_for_a_log_in_that_is_broken_off(care_identity: OpenIDProvider) -> None:
    """Threat: a program begins log-ins, and brings back each that it was turned away."""
    stranger = PortalClient()
    state = care_identity.visit(address_in(stranger.post(START)))["state"]
    bring_back(stranger, {"state": state, "error": "access_denied"})
    assert "You did not finish logging in" in stranger.get(REFUSED).text
    assert not Session.objects.exists()
    # What came of it last is said.
    bring_back(stranger, {"state": state, "error": "access_denied"})
    assert "Log in again" in stranger.get(REFUSED).text


@pytest.mark.parametrize("cookie", ["", "x", "cancelled", "cancelled:x:y", "\0", "é" * 50, "x" * 4000])
def test_no_cookie_that_was_made_up_makes_a_page(cookie: str) -> None:
    stranger = PortalClient()
    stranger.cookies["__Host-refusal"] = cookie
    answer = stranger.get(REFUSED)
    assert (answer.status_code, "Log in again" in answer.text) == (200, True)


def test_a_wrong_log_in_stores_no_session(client: PortalClient) -> None:
    client.post("/log-in/", {"username": "999NOBODY01", "password": "wrong"})
    assert not Session.objects.exists()


def test_what_was_not_asked_for_is_counted_in_the_log(caplog: pytest.LogCaptureFixture, travel: Travel) -> None:
    """One line a minute: a flood fills no log either."""
    caplog.set_level(logging.INFO, "esr_portal.care_identity")
    for _ in range(5):
        PortalClient().get(CALLBACK, {"state": "x"})
    PortalClient().get(CHOOSE)
    travel(seconds=61)
    PortalClient().get(CALLBACK, {"state": "x"})
    counted = [vars(record) for record in caplog.records if record.name == "esr_portal.care_identity"]
    assert [(line["message"], line["reason"], line["count"]) for line in counted] == [
        ("not asked for", "unknown_state", 1),
        ("not asked for", "unknown_state", 5),
        ("not asked for", "choice_too_late", 1),
    ]
    assert not SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_REFUSED).exists()
