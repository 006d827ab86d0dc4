"""Threat: what claims to be Care Identity's answer is not, or is another person's, or of another day.

Through the portal's pages against the stand-in, a real process, over real HTTP. Each answer ends on a page that says
what to do: no session, no new login, one event with the reason, and nothing of the answer anywhere.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import SESSION_KEY

from accounts import proof
from accounts.browser.slots import HALF_FINISHED
from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from care_identity.services import provider
from care_identity.services.refusals import Page
from esr_portal.logs import JSONFormatter
from tests.support.at_care_identity import REFUSED, START, bring_back, press, show_card
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.stand_in import StandIn
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.own_processes]

AMINA, JESS = "555000000101", "555000000110"
NOT_BELIEVED, START_AGAIN, UNAVAILABLE = Page.NOT_BELIEVED, Page.START_AGAIN, Page.UNAVAILABLE

# How the stand-in misbehaves, why the portal then refuses, and the page that the person gets.
HOSTILE = {
    "expired": ("id_token_expired", START_AGAIN),
    "no-exp": ("id_token_exp", NOT_BELIEVED),
    "issued-in-the-future": ("id_token_iat_to_come", NOT_BELIEVED),
    "wrong-aud": ("id_token_aud", NOT_BELIEVED),
    "list-of-auds": ("id_token_aud", NOT_BELIEVED),
    "other-azp": ("id_token_azp", NOT_BELIEVED),
    "other-nonce": ("id_token_nonce", NOT_BELIEVED),
    "no-nonce": ("id_token_nonce", NOT_BELIEVED),
    "wrong-at-hash": ("id_token_at_hash", NOT_BELIEVED),
    "no-at-hash": ("id_token_at_hash", NOT_BELIEVED),
    "wrong-iss": ("token_iss", NOT_BELIEVED),
    "no-sub": ("id_token_sub", NOT_BELIEVED),
    "old-auth-time": ("id_token_auth_time_too_old", START_AGAIN),
    "no-auth-time": ("id_token_auth_time", NOT_BELIEVED),
    "no-acr": ("id_token_acr_missing", NOT_BELIEVED),
    "no-authentication-level": ("id_token_level", NOT_BELIEVED),
    "authentication-level-1": ("id_token_acr", NOT_BELIEVED),
    "no-identity-level": ("id_token_identity_level", NOT_BELIEVED),
    "identity-level-2": ("identity_level_too_low", Page.IDENTITY_NOT_CHECKED),
    "wrong-key": ("token_signature", NOT_BELIEVED),
    "unknown-key": ("token_kid", NOT_BELIEVED),
    "alg-none": ("token_algorithm", NOT_BELIEVED),
    "public-key-as-secret": ("token_algorithm", NOT_BELIEVED),
    "two-parts": ("token_malformed", NOT_BELIEVED),
    "logout-token": ("token_type", NOT_BELIEVED),
    "no-keys": ("keys_none", UNAVAILABLE),
    "keys-down": ("provider_answered_503", UNAVAILABLE),
    "token-fails": ("provider_answered_500", UNAVAILABLE),
    "token-html": ("provider_failed", UNAVAILABLE),
    "token-slow": ("provider_too_slow", UNAVAILABLE),
    "no-id-token": ("id_token_missing", NOT_BELIEVED),
    "userinfo-of-somebody-else": ("userinfo_sub", NOT_BELIEVED),
    "userinfo-fails": ("provider_answered_500", UNAVAILABLE),
    "userinfo-html": ("provider_failed", UNAVAILABLE),
    "userinfo-jwt": ("provider_failed", UNAVAILABLE),
    "userinfo-slow": ("provider_too_slow", UNAVAILABLE),
    # What was not asked for is in no event: see test_what_strangers_leave_behind.py.
    "wrong-state": ("", START_AGAIN),
    "wrong-code": ("code_refused", START_AGAIN),
}
# The same, where the browser does not get as far as Care Identity.
HOSTILE_AT_THE_START = {
    "discovery-down": ("provider_answered_503", UNAVAILABLE),
    "discovery-slow": ("provider_too_slow", UNAVAILABLE),
    "discovery-other-issuer": ("discovery_issuer", UNAVAILABLE),
}
HARMLESS = {"email-of-somebody-else", "rotated-keys"}


@pytest.fixture
def amina() -> User:
    """Return the person who has the card, and make another who must not be touched."""
    link(make_user(email="jess.turner@riverside.nhs.example"), JESS)
    return link(make_user(), AMINA)


@pytest.fixture
def offered(care_identity: StandIn, settings: Any, amina: User) -> StandIn:
    """Return the stand-in, to which the portal sends people, as a process does that has just started."""
    provider.forget()
    for name, value in {**care_identity.portal_settings, "BASE_URL": care_identity.portal}.items():
        setattr(settings, name, value)
    return care_identity


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what is logged while the test runs, by any logger, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    loggers = [logging.getLogger(name) for name in ("", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)


def assert_refused(client: PortalClient, answer: Any, *, reason: str, page: Page) -> str:
    """Assert that an answer let no person in and made no login; return the page that the person gets."""
    assert (answer.status_code, answer.headers["Location"]) == (302, REFUSED)
    shown = client.get(REFUSED)
    assert shown.status_code == 200
    assert shown.templates[0].name == f"care_identity/refused/{page.value}.html"
    assert len(BeautifulSoup(shown.content, "html.parser").select("h1")) == 1
    assert not Session.objects.filter(user_id__isnull=False).exists()
    assert not Session.objects.exclude(care_identity_uid="", care_identity_session="").exists()
    assert not {SESSION_KEY, proof.KEY, "account_login"} & set(client.session.keys())
    assert "care_identity_choice" not in client.session.get(HALF_FINISHED, {})
    assert client.get("/my-esr/").status_code == 302
    assert User.objects.count() == 2
    recorded = [(event.event, event.reason, event.user_id) for event in SecurityEvent.objects.all()]
    assert recorded == ([(Event.CARE_IDENTITY_REFUSED, reason, None)] if reason else [])
    return shown.text


def assert_says_nothing(text: str, secrets: list[str]) -> None:
    """Assert that nothing of an answer is in `text`, and no token (they begin with "eyJ")."""
    for secret in (*secrets, "eyJ", AMINA, JESS, "somebody-else"):
        assert secret not in text


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_lets_nobody_in(offered: StandIn, client: PortalClient, log: io.StringIO, kind: str) -> None:
    reason, page = HOSTILE[kind]
    address = press(client, next="/my-esr/")
    offered.misbehave(kind)
    brought = show_card(offered, address, uid=AMINA)
    shown = assert_refused(client, bring_back(client, brought), reason=reason, page=page)
    for text in (shown, log.getvalue(), str(list(SecurityEvent.objects.values()))):
        assert_says_nothing(text, [brought["code"], brought["state"]])


@pytest.mark.parametrize("kind", HOSTILE_AT_THE_START)
def test_nobody_is_sent_where_a_hostile_document_says(
    offered: StandIn, client: PortalClient, log: io.StringIO, kind: str
) -> None:
    reason, page = HOSTILE_AT_THE_START[kind]
    offered.misbehave(kind)
    answer = client.post(START)
    assert "Refresh" not in answer.headers
    shown = assert_refused(client, answer, reason=reason, page=page)
    for text in (shown, log.getvalue(), str(list(SecurityEvent.objects.values()))):
        assert_says_nothing(text, [])


def test_the_good_answer_lets_its_person_in(offered: StandIn, client: PortalClient, amina: User) -> None:
    answer = bring_back(client, show_card(offered, press(client), uid=AMINA))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/my-esr/")
    assert client.get("/my-esr/").context["person"] == amina
    events = list(SecurityEvent.objects.values_list("event", "reason", "user"))
    assert events == [(Event.LOGGED_IN, "care_identity", amina.pk)]
    assert Session.objects.get().care_identity_uid == AMINA


@pytest.mark.parametrize("kind", sorted(HARMLESS))
def test_what_is_only_odd_lets_the_right_person_in(
    offered: StandIn, client: PortalClient, amina: User, kind: str
) -> None:
    """Threat: an email address in the answer is another person's and opens their login. Keys may change at any time."""
    # The keys of before are known already.
    bring_back(client, show_card(offered, press(client), uid=AMINA))
    client.post("/log-out/")
    offered.misbehave(kind)
    bring_back(client, show_card(offered, press(client), uid=AMINA))
    assert client.get("/my-esr/").context["person"] == amina
    assert Session.objects.get().care_identity_uid == AMINA


@pytest.mark.parametrize("kind", ["wrong-key", "unknown-key", "wrong-state", "token-fails", "no-keys"])
def test_the_good_answer_is_taken_right_after_a_hostile_one(
    offered: StandIn, client: PortalClient, amina: User, kind: str
) -> None:
    """Threat: one bad answer leaves something behind that keeps people out."""
    address = press(client)
    offered.misbehave(kind)
    assert bring_back(client, show_card(offered, address, uid=AMINA)).headers["Location"] == REFUSED
    bring_back(client, show_card(offered, press(client), uid=AMINA))
    assert client.get("/my-esr/").context["person"] == amina


def test_a_hostile_answer_leaves_whoever_is_in_where_they_are(
    offered: StandIn, client: PortalClient, amina: User
) -> None:
    """Threat: it throws a person out who is logged in, or lets them in as another."""
    bring_back(client, show_card(offered, press(client), uid=AMINA))
    address = press(client)
    offered.misbehave("userinfo-of-somebody-else")
    assert bring_back(client, show_card(offered, address, uid=AMINA)).headers["Location"] == REFUSED
    assert client.get("/my-esr/").context["person"] == amina


def test_every_way_in_which_the_stand_in_misbehaves_is_here(offered: StandIn) -> None:
    page = BeautifulSoup(offered.browser().open("/misbehave/").text, "html.parser")
    offered_kinds = {str(one["value"]) for one in page.select('input[name="kind"]')}
    assert offered_kinds == {*HOSTILE, *HOSTILE_AT_THE_START, *HARMLESS}
    assert len(HOSTILE) + len(HOSTILE_AT_THE_START) >= 24
