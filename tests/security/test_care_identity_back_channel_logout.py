"""Threats to people's sessions through the address that logout tokens come to, which is open to the internet."""

from __future__ import annotations

import base64
import hmac
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted

from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from care_identity.models import SpentLogoutToken
from care_identity.services import provider as known
from tests.support import steps
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import UID, let_apps_in, link, log_in_by_care_identity, smartcard
from tests.support.factories import make_user
from tests.support.openid_provider import CLIENT_ID, OpenIDProvider, key_named
from tests.support.steps import PortalClient, log_in
from tests.support.threads import all_at_once
from tests.support.travel import Travel

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

ADDRESS = "/care-identity/back-channel-logout/"


def send(token: str) -> Answer:
    """Send a token from nowhere in particular."""
    return PortalClient().post(ADDRESS, urlencode({"logout_token": token}), "application/x-www-form-urlencoded")


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


@pytest.fixture
def inside(client: PortalClient, user: User, openid_provider: OpenIDProvider) -> PortalClient:
    """Return a browser in which the person came by Care Identity, in the session that it calls there-1."""
    log_in_by_care_identity(client, user, smartcard(session="there-1"))
    assert is_in(client)
    return client


def segment(part: object) -> str:
    return base64url(json.dumps(part).encode())


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(openid_provider: OpenIDProvider) -> str:
    return f"{segment({'alg': 'none', 'kid': 'key-1'})}.{segment(openid_provider.logout_claims(sid='there-1'))}."


def signed_by_another_key(openid_provider: OpenIDProvider) -> str:
    return openid_provider.signed(openid_provider.logout_claims(sid="there-1"), key=key_named("another"), kid="key-1")


def signed_by_a_key_of_its_own(openid_provider: OpenIDProvider) -> str:
    own = key_named("another")
    claims = openid_provider.logout_claims(sid="there-1")
    return openid_provider.signed(claims, key=own, kid="another", jwk=own.as_dict(private=False))


def signed_with_the_public_key_as_a_secret(openid_provider: OpenIDProvider) -> str:
    secret: bytes = openid_provider.key.as_pem(private=False)
    claims = openid_provider.logout_claims(sid="there-1")
    signed = f"{segment({'alg': 'HS256', 'kid': 'key-1'})}.{segment(claims)}"
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), 'sha256'))}"


def changed_after_it_was_signed(openid_provider: OpenIDProvider) -> str:
    head, _, signature = openid_provider.logout_token(sid="there-2").split(".")
    return f"{head}.{segment(openid_provider.logout_claims(sid='there-1'))}.{signature}"


def an_id_token(openid_provider: OpenIDProvider) -> str:
    """An ID token names the person's `sub` and `sid` too, and their browser has seen it."""
    claims = {"nonce": "n", "auth_time": 1, "events": None, "sub": UID, "sid": "there-1"}
    return openid_provider.signed(openid_provider.logout_claims(**claims), typ="JWT")


def an_access_token(openid_provider: OpenIDProvider) -> str:
    return openid_provider.signed(openid_provider.logout_claims(sub=UID), typ="at+jwt")


def for_another_service(openid_provider: OpenIDProvider) -> str:
    return openid_provider.logout_token(sid="there-1", aud="another.apps.national")


def of_another_provider(openid_provider: OpenIDProvider) -> str:
    return openid_provider.logout_token(sid="there-1", iss="https://elsewhere.example")


FORGED = [
    unsigned,
    signed_by_another_key,
    signed_by_a_key_of_its_own,
    signed_with_the_public_key_as_a_secret,
    changed_after_it_was_signed,
    an_id_token,
    an_access_token,
    for_another_service,
    of_another_provider,
]


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
def test_nobody_is_logged_out_by_a_forged_token(
    inside: PortalClient, openid_provider: OpenIDProvider, forge: Callable[[OpenIDProvider], str]
) -> None:
    """Threat: a stranger logs people out, one after the other or all at once."""
    answer = send(forge(openid_provider))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert is_in(inside)
    assert not SpentLogoutToken.objects.exists()


@pytest.mark.parametrize("named", [{}, {"sid": ""}, {"sub": ""}, {"sub": "", "sid": ""}])
def test_a_token_that_names_nobody_logs_nobody_out(
    inside: PortalClient, openid_provider: OpenIDProvider, named: dict[str, str]
) -> None:
    """Threat: an empty name is compared with the empty columns of the people who came with a password."""
    other = PortalClient()
    log_in(other, make_user())
    assert send(openid_provider.logout_token(**named)).status_code == 400
    assert is_in(inside)
    assert is_in(other)


def test_a_token_that_was_seen_on_its_way_logs_nobody_out_again(
    inside: PortalClient, openid_provider: OpenIDProvider, user: User, travel: Travel
) -> None:
    """Threat, replay: an attacker who has seen one token that logged a person out keeps them out with it."""
    token = openid_provider.logout_token(sub=UID)
    assert send(token).status_code == 200
    assert not is_in(inside)
    travel(seconds=2)
    again = log_in_by_care_identity(PortalClient(), user, smartcard(session="there-2"))
    assert is_in(again)
    assert send(token).status_code == 400
    assert is_in(again)


def test_a_token_that_was_kept_for_long_is_of_no_use(
    inside: PortalClient, openid_provider: OpenIDProvider, travel: Travel
) -> None:
    """Threat, replay: after what was seen is forgotten."""
    token = openid_provider.logout_token(sid="there-1", exp=None)
    travel(minutes=5, seconds=1)
    assert send(token).status_code == 400
    assert is_in(inside)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_posts_of_one_token_one_acts(openid_provider: OpenIDProvider) -> None:
    """Threat, replay: many at the same moment, before the first is written down."""
    users = [link(make_user()) for _ in range(3)]
    for user in users:
        log_in_by_care_identity(PortalClient(), user, smartcard(session="there-1"))
    token = openid_provider.logout_token(sub=UID)
    # The keys are read before, so that the race is for our own table.
    assert known.key(kid="key-1", algorithm="RS256") is not None
    answers = all_at_once([lambda: send(token).status_code] * 20)
    assert sorted(answers) == [200] + [400] * 19
    assert not Session.objects.filter(user_id__isnull=False).exists()
    assert SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_LOGGED_OUT).count() == 3


@pytest.mark.django_db(transaction=True)
def test_many_tokens_at_once_about_the_same_sessions_all_act(openid_provider: OpenIDProvider) -> None:
    """Threat: log-outs at the same moment wait for each other for ever."""
    for number in range(4):
        user = link(make_user())
        log_in_by_care_identity(PortalClient(), user, smartcard(session=f"there-{number}"))
    assert known.key(kid="key-1", algorithm="RS256") is not None
    tokens = [openid_provider.logout_token(sub=UID) for _ in range(6)]
    tokens += [openid_provider.logout_token(sid=f"there-{number}") for number in range(4)]

    def post(token: str) -> Callable[[], int]:
        return lambda: send(token).status_code

    assert set(all_at_once([post(token) for token in tokens])) == {200}
    assert not Session.objects.filter(user_id__isnull=False).exists()
    assert SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_LOGGED_OUT).count() == 4


def test_a_half_finished_log_in_is_not_finished_after_the_log_out(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    """Threat: the card is taken out while a code is asked for, and the log-in goes on without its owner's session."""
    user = let_apps_in(link(make_user(is_staff=True)))
    app = PhoneApp.of(user)
    log_in_by_care_identity(client, user, smartcard(level=2, methods=("TOTP",), session="there-1"))
    assert client.get("/log-in/second-step/").status_code == 200
    assert send(openid_provider.logout_token(sid="there-1")).status_code == 200
    response = steps.send(client, "/log-in/second-step/", {"code": app.code()}, follow=True)
    assert "Log in again" in response.text
    assert not is_in(client)
    assert SecurityEvent.objects.get(event=Event.LOG_IN_REFUSED).reason == "care_identity_ended"


def test_a_log_in_whose_session_had_ended_there_gets_nobody_in(
    client: PortalClient, user: User, openid_provider: OpenIDProvider
) -> None:
    """Threat: the log-out overtakes the log-in, which then makes a session that nothing ends any more."""
    assert send(openid_provider.logout_token(sid="there-1")).status_code == 200
    log_in_by_care_identity(client, user, smartcard(session="there-1"))
    assert not is_in(client)


def test_a_session_is_not_saved_back_after_the_log_out(inside: PortalClient, openid_provider: OpenIDProvider) -> None:
    """Threat: a request that is under way during the log-out writes its session back."""
    under_way = inside.session
    assert under_way[SESSION_KEY]
    assert send(openid_provider.logout_token(sid="there-1")).status_code == 200
    with pytest.raises(SessionInterrupted):
        under_way.cycle_key()
    assert not is_in(inside)


def test_forged_tokens_do_not_have_the_keys_read_again_and_again(
    inside: PortalClient, openid_provider: OpenIDProvider, travel: Travel
) -> None:
    """Threat: an attacker who sends tokens by unknown keys makes us ask Care Identity until it shuts us out."""
    assert send(openid_provider.logout_token(sid="there-9")).status_code == 200
    before = len(openid_provider.requests)
    for number in range(30):
        token = openid_provider.signed(
            openid_provider.logout_claims(sid="there-1"), key=key_named("another"), kid=f"key-{number}"
        )
        send(token)
    assert len(openid_provider.requests) - before <= 1
    assert is_in(inside)


@pytest.mark.parametrize("size", [20 * 1024, 300 * 1024])
def test_a_huge_token_is_not_looked_into(inside: PortalClient, openid_provider: OpenIDProvider, size: int) -> None:
    """Threat: tokens that take long to read."""
    token = openid_provider.logout_token(sid="there-1", padding="x" * size)
    assert send(token).status_code == 400
    assert is_in(inside)


def test_the_log_holds_neither_the_token_nor_whom_it_is_about(
    inside: PortalClient, openid_provider: OpenIDProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: a reader of the log takes a token from it, or learns which person has which Care Identity."""
    tokens = [openid_provider.logout_token(sub=UID, sid="there-1", aud=aud) for aud in (CLIENT_ID, "another")]
    with caplog.at_level(logging.DEBUG):
        assert [send(token).status_code for token in tokens] == [200, 400]
    written = " ".join(str(record.__dict__) for record in caplog.records if record.name.startswith("esr_portal"))
    for secret in (*tokens, UID, "there-1"):
        assert secret not in caplog.text
        assert secret not in written
