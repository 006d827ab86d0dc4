"""Which logout tokens are taken, and what they end."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.utils import translation

from accounts.models import Session, User
from accounts.services import sessions
from accounts.session_store import SessionStore
from care_identity.models import SpentLogoutToken
from care_identity.services import back_channel_logout, rp_logout
from care_identity.services.refusals import Page, Refused
from tests.support.care_identity import UID, smartcard
from tests.support.factories import make_user
from tests.support.openid_provider import CLIENT_ID, EVENT, OpenIDProvider
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def logged_in_there(openid_provider: OpenIDProvider) -> User:
    """Return a person who is in by Care Identity, in the session that it calls there-1."""
    user = make_user()
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    sessions.begin(session=store, log_in_event=7, by=smartcard(session="there-1"))
    store.save(must_create=True)
    return user


def refusal(token: str) -> str:
    """Return why a token is refused, having made sure that it ended nothing and was not remembered."""
    with pytest.raises(Refused) as refused:
        back_channel_logout.log_out(logout_token=token)
    assert refused.value.page is Page.NOT_BELIEVED
    assert Session.objects.count() == 1
    return refused.value.reason


@pytest.mark.parametrize(
    "named",
    [
        {"sid": "there-1"},
        {"sub": UID},
        {"sub": UID, "sid": "there-1"},
        {"sid": "there-1", "aud": [CLIENT_ID]},
        {"sid": "there-1", "aud": ["another", CLIENT_ID]},
        {"sid": "there-1", "exp": None},
        {"sid": "there-1", "events": {EVENT: {}, "https://example.org/another": {}}},
        {"sid": "there-1", "acr": "a claim that we do not know"},
    ],
)
def test_a_good_token_ends_the_session(openid_provider: OpenIDProvider, named: dict[str, Any]) -> None:
    assert back_channel_logout.log_out(logout_token=openid_provider.logout_token(**named)) == 1
    assert not Session.objects.exists()


def test_a_token_may_come_a_little_early_or_late(openid_provider: OpenIDProvider) -> None:
    for seconds in (-290, 50):
        made_at = int(time.time()) + seconds
        back_channel_logout.log_out(logout_token=openid_provider.logout_token(sid="another", iat=made_at, exp=None))


def test_a_time_may_have_a_fraction(openid_provider: OpenIDProvider) -> None:
    """As OpenID Connect Core 1.0 (2) allows."""
    token = openid_provider.logout_token(sid="there-1", iat=time.time() - 0.5, exp=time.time() + 60.5)
    assert back_channel_logout.log_out(logout_token=token) == 1


def test_a_token_about_nobody_here_is_taken_and_ends_nothing(openid_provider: OpenIDProvider) -> None:
    assert back_channel_logout.log_out(logout_token=openid_provider.logout_token(sid="there-2")) == 0
    assert back_channel_logout.log_out(logout_token=openid_provider.logout_token(sub="555000000998")) == 0
    assert (
        back_channel_logout.log_out(logout_token=openid_provider.logout_token(sub="555000000998", sid="there-1")) == 0
    )
    assert Session.objects.count() == 1


@pytest.mark.parametrize("kind", ["JWT", "application/logout+jwt", "LOGOUT+JWT"])
def test_what_a_good_token_calls_itself(openid_provider: OpenIDProvider, kind: str) -> None:
    """The name is recommended, and not demanded (2.4): what tells logout tokens from others is `events`."""
    token = openid_provider.signed(openid_provider.logout_claims(sid="there-1"), typ=kind)
    assert back_channel_logout.log_out(logout_token=token) == 1


BAD_CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("token_iss", {"iss": "https://elsewhere.example"}),
    ("token_iss", {"iss": None}),
    ("logout_aud", {"aud": None}),
    ("logout_aud", {"aud": "another.apps.national"}),
    ("logout_aud", {"aud": ["another.apps.national"]}),
    ("logout_aud", {"aud": {CLIENT_ID: True}}),
    ("logout_events", {"events": None}),
    ("logout_events", {"events": {}}),
    ("logout_events", {"events": EVENT}),
    ("logout_events", {"events": [EVENT]}),
    ("logout_events", {"events": {EVENT: True}}),
    ("logout_events", {"events": {"https://example.org/another": {}}}),
    ("logout_nonce", {"nonce": "a nonce"}),
    ("logout_nonce", {"nonce": ""}),
    ("logout_iat", {"iat": None}),
    ("logout_iat", {"iat": "now"}),
    ("logout_iat", {"iat": True}),
    ("logout_iat", {"iat": 10**30}),
    ("logout_iat", {"iat": -1}),
    ("logout_exp", {"exp": "later"}),
    ("logout_exp", {"exp": 1}),
    ("logout_exp", {"exp": True}),
    ("logout_exp", {"exp": 253402300800}),
    ("logout_jti", {"jti": None}),
    ("logout_jti", {"jti": ""}),
    ("logout_jti", {"jti": 7}),
    ("logout_jti", {"jti": "j" * 256}),
    ("logout_of_nobody", {}),
    ("logout_of_nobody", {"sub": None, "sid": None}),
    ("logout_sid", {"sid": ""}),
    ("logout_sid", {"sid": "", "sub": UID}),
    ("logout_sid", {"sid": ["there-1"]}),
    ("logout_sid", {"sid": "there-1\0"}),
    ("logout_sid", {"sid": "\ud800"}),
    ("logout_sid", {"sid": "s" * 256}),
    ("logout_sub", {"sub": ""}),
    ("logout_sub", {"sub": "", "sid": "there-1"}),
    ("logout_sub", {"sub": int(UID)}),
    ("logout_sub", {"sub": "5" * 13}),
]


@pytest.mark.parametrize(("reason", "changes"), BAD_CLAIMS, ids=lambda value: str(value)[:50])
def test_a_token_that_is_not_as_it_must_be_is_refused(
    openid_provider: OpenIDProvider, reason: str, changes: dict[str, Any]
) -> None:
    named = {} if reason in {"logout_of_nobody", "logout_sid", "logout_sub"} else {"sid": "there-1"}
    assert refusal(openid_provider.logout_token(**{**named, **changes})) == reason
    assert not SpentLogoutToken.objects.exists()


def test_an_old_token_and_one_from_the_future_are_refused(openid_provider: OpenIDProvider) -> None:
    for seconds in (-301, 70):
        token = openid_provider.logout_token(sid="there-1", iat=int(time.time()) + seconds, exp=None)
        assert refusal(token) == "logout_iat"


def test_a_token_is_taken_once(openid_provider: OpenIDProvider) -> None:
    token = openid_provider.logout_token(sid="there-2")
    assert back_channel_logout.log_out(logout_token=token) == 0
    assert refusal(token) == "logout_jti_again"


def test_another_token_with_the_same_name_is_not_taken(openid_provider: OpenIDProvider) -> None:
    back_channel_logout.log_out(logout_token=openid_provider.logout_token(sid="there-2", jti="the same"))
    assert refusal(openid_provider.logout_token(sid="there-1", jti="the same")) == "logout_jti_again"


def test_a_token_is_remembered_until_it_is_too_old_to_be_taken(openid_provider: OpenIDProvider, travel: Travel) -> None:
    token = openid_provider.logout_token(sid="there-2", exp=None)
    back_channel_logout.log_out(logout_token=token)
    travel(minutes=4, seconds=58)
    assert back_channel_logout.delete_spent() == 0
    assert refusal(token) == "logout_jti_again"
    travel(minutes=2)
    assert back_channel_logout.delete_spent() == 1
    assert refusal(token) == "logout_iat"


def test_what_names_a_token_is_not_kept(openid_provider: OpenIDProvider) -> None:
    back_channel_logout.log_out(logout_token=openid_provider.logout_token(sid="there-1", jti="name-of-a-token"))
    assert "name-of-a-token" not in str(SpentLogoutToken.objects.get())


def test_a_token_that_failed_half_way_can_come_again(openid_provider: OpenIDProvider, settings: Any) -> None:
    """The provider is away, so that its keys cannot be read: nothing is spent, and the token is good afterwards."""
    token = openid_provider.logout_token(sid="there-1")
    keys = openid_provider.documents.pop("/keys")
    with pytest.raises(Refused) as refused:
        back_channel_logout.log_out(logout_token=token)
    assert refused.value.page is Page.UNAVAILABLE
    openid_provider.documents["/keys"] = keys
    assert back_channel_logout.log_out(logout_token=token) == 1


def test_where_to_log_out_there(openid_provider: OpenIDProvider) -> None:
    assert rp_logout.end_session_address(kept=rp_logout.hint(id_token="a.b.c")) == (
        f"{openid_provider.issuer}/end-session?id_token_hint=a.b.c&client_id={CLIENT_ID}"
        "&post_logout_redirect_uri=https%3A%2F%2Fesr.example.nhs.uk%2Flog-out%2F"
    )


def test_from_a_welsh_page_it_is_asked_to_speak_welsh_there(openid_provider: OpenIDProvider) -> None:
    """OpenID Connect RP-Initiated Logout 1.0 (2)."""
    with translation.override("cy"):
        assert rp_logout.end_session_address(kept="a.b.c").endswith("&ui_locales=cy+en-GB")


def test_what_care_identity_has_signed_of_a_person_is_kept_sealed(
    openid_provider: OpenIDProvider, settings: Any
) -> None:
    """Threat: a reader of a copy of the database has what Care Identity signed, who the person is there among it."""
    kept = rp_logout.hint(id_token="header.claims.signature")
    assert not any(part in kept for part in ("header", "claims", "signature"))
    settings.SECOND_STEP_KEYS = ["another-key-" + "0123456789" * 4]
    with pytest.raises(Refused) as refused:
        rp_logout.end_session_address(kept=kept)
    assert refused.value.page is Page.UNAVAILABLE


def test_a_session_that_began_with_the_version_before_is_logged_out_there_too(openid_provider: OpenIDProvider) -> None:
    assert "id_token_hint=a.b.c&" in rp_logout.end_session_address(kept="a.b.c")


def test_an_address_with_a_query_of_its_own_keeps_it(openid_provider: OpenIDProvider) -> None:
    openid_provider.discovery["end_session_endpoint"] += "?realm=Healthcare"
    assert "/end-session?realm=Healthcare&id_token_hint=a.b.c&" in rp_logout.end_session_address(kept="a.b.c")


def test_where_there_is_no_such_address_nothing_is_kept_for_it(openid_provider: OpenIDProvider) -> None:
    del openid_provider.discovery["end_session_endpoint"]
    assert rp_logout.hint(id_token="a.b.c") == ""
    with pytest.raises(Refused) as refused:
        rp_logout.end_session_address(kept="a.b.c")
    assert refused.value.page is Page.UNAVAILABLE


def test_while_care_identity_is_away_nothing_is_kept_either(openid_provider: OpenIDProvider) -> None:
    openid_provider.stop()
    assert rp_logout.hint(id_token="a.b.c") == ""
