"""What Care Identity's answer must say: the good one is believed, and each that differs in one thing is not.

Over real HTTP with really signed tokens; what is wrong with the signature is in test_care_identity_tokens.py.
"""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from pytest_django import Settings

from accounts.proof import Proof
from care_identity.services import authorization
from care_identity.services.refusals import Page, Refused
from tests.support.openid_provider import UID, OpenIDProvider, at_hash
from tests.support.travel import Travel

HALF_A_LETTER = "\ud800"
NOT_BELIEVED, START_AGAIN, TOO_LOW = Page.NOT_BELIEVED, Page.START_AGAIN, Page.LEVEL_TOO_LOW
UNCHECKED = Page.IDENTITY_NOT_CHECKED


def proved(provider: OpenIDProvider, *, again: bool = False) -> Proof:
    """Return what a log-in at the provider proves."""
    begun = authorization.begin(again=again)
    return authorization.finish(parameters=provider.visit(begun.address), begun=begun).proof


def refusal(provider: OpenIDProvider, *, again: bool = False) -> tuple[str, Page]:
    """Return why a log-in at the provider proves nothing, and the page that the person gets."""
    with pytest.raises(Refused) as refused:
        proved(provider, again=again)
    assert len(refused.value.reason) <= 40
    return refused.value.reason, refused.value.page


def soon(seconds: float) -> Any:
    """Return a claim that is a time so many seconds from when the test runs: the claims are put in before."""
    return int(time.time()) + seconds


def test_the_good_answer_is_believed(openid_provider: OpenIDProvider) -> None:
    before = int(time.time())
    proof = proved(openid_provider)
    assert before <= proof.authenticated_at <= time.time()
    assert proof == Proof(
        uid=UID, level=3, methods=("N3_SMARTCARD",), authenticated_at=proof.authenticated_at, session="there-1"
    )
    assert proof.is_smartcard


GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("levels as numbers", {"id_assurance_level": 3, "authentication_assurance_level": 3}, {"level": 3}),
    ("a higher level of identity", {"id_assurance_level": "4"}, {"level": 3}),
    ("level 2", {"authentication_assurance_level": 2, "acr": "AAL2_TOTP"}, {"level": 2}),
    ("level 2 under the acr asked for", {"authentication_assurance_level": "2", "acr": "AAL2_OR_AAL3_ANY"}, {}),
    ("an acr that is new", {"acr": "AAL3_WATCH"}, {"level": 3}),
    ("no azp", {"azp": None}, {}),
    ("no amr", {"amr": None}, {"methods": (), "is_smartcard": False}),
    ("an empty amr", {"amr": []}, {"methods": ()}),
    ("several methods", {"amr": ["PIN", "CIS2_SMARTCARD"]}, {"is_smartcard": True}),
    ("no sid", {"sid": None}, {"session": ""}),
    ("claims that we do not know", {"name": "Somebody", "roles": [{"id": 1}]}, {}),
]


@pytest.mark.parametrize(("claims", "proves"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_what_may_differ(openid_provider: OpenIDProvider, claims: dict[str, Any], proves: dict[str, Any]) -> None:
    openid_provider.claims = claims
    proof = proved(openid_provider)
    for name, value in proves.items():
        assert getattr(proof, name) == value


def test_clocks_may_differ_a_little(openid_provider: OpenIDProvider) -> None:
    openid_provider.claims = {"iat": soon(50), "auth_time": soon(50), "nbf": soon(50), "exp": soon(-50)}
    assert proved(openid_provider).uid == UID


HOSTILE: list[tuple[str, dict[str, Any], str, Page]] = [
    ("no iss", {"iss": None}, "token_iss", NOT_BELIEVED),
    ("another iss", {"iss": "https://evil.example"}, "token_iss", NOT_BELIEVED),
    ("iss as a list", {"iss": ["https://evil.example"]}, "token_iss", NOT_BELIEVED),
    ("no aud", {"aud": None}, "id_token_aud", NOT_BELIEVED),
    ("another aud", {"aud": "another.apps.national"}, "id_token_aud", NOT_BELIEVED),
    ("aud in other letters", {"aud": "ESR-portal-tests.apps.national"}, "id_token_aud", NOT_BELIEVED),
    ("a list of one", {"aud": ["esr-portal-tests.apps.national"]}, "id_token_aud", NOT_BELIEVED),
    ("a list of several", {"aud": ["esr-portal-tests.apps.national", "other"]}, "id_token_aud", NOT_BELIEVED),
    ("another azp", {"azp": "another.apps.national"}, "id_token_azp", NOT_BELIEVED),
    ("azp as a number", {"azp": 1}, "id_token_azp", NOT_BELIEVED),
    ("no nonce", {"nonce": None}, "id_token_nonce", NOT_BELIEVED),
    ("an empty nonce", {"nonce": ""}, "id_token_nonce", NOT_BELIEVED),
    ("another nonce", {"nonce": "another"}, "id_token_nonce", NOT_BELIEVED),
    ("a nonce that is no text", {"nonce": True}, "id_token_nonce", NOT_BELIEVED),
    ("a nonce of half a letter", {"nonce": HALF_A_LETTER}, "id_token_nonce", NOT_BELIEVED),
    ("a logout token", {"events": {}}, "id_token_events", NOT_BELIEVED),
    ("no at_hash", {"at_hash": None}, "id_token_at_hash", NOT_BELIEVED),
    ("another at_hash", {"at_hash": at_hash("another")}, "id_token_at_hash", NOT_BELIEVED),
    ("the at_hash of another algorithm", {"at_hash": at_hash("access-3", "sha512")}, "id_token_at_hash", NOT_BELIEVED),
    ("no exp", {"exp": None}, "id_token_exp", NOT_BELIEVED),
    ("exp as text", {"exp": "4102444800"}, "id_token_exp", NOT_BELIEVED),
    ("exp with a fraction", {"exp": 4102444800.5}, "id_token_exp", NOT_BELIEVED),
    ("exp as yes", {"exp": True}, "id_token_exp", NOT_BELIEVED),
    ("exp beyond all time", {"exp": 10**300}, "id_token_exp", NOT_BELIEVED),
    ("no iat", {"iat": None}, "id_token_iat", NOT_BELIEVED),
    ("nbf as text", {"nbf": "0"}, "id_token_nbf", NOT_BELIEVED),
    ("no auth_time", {"auth_time": None}, "id_token_auth_time", NOT_BELIEVED),
    ("auth_time as text", {"auth_time": "1"}, "id_token_auth_time", NOT_BELIEVED),
    ("no sub", {"sub": None}, "id_token_sub", NOT_BELIEVED),
    ("sub as a number", {"sub": 555000000999}, "id_token_sub", NOT_BELIEVED),
    ("sub too short", {"sub": "55500000099"}, "id_token_sub", NOT_BELIEVED),
    ("sub with a line's end", {"sub": UID + "\n"}, "id_token_sub", NOT_BELIEVED),
    ("sub in other digits", {"sub": "５５５０００００09９９"}, "id_token_sub", NOT_BELIEVED),
    ("no id_assurance_level", {"id_assurance_level": None}, "id_token_identity_level", NOT_BELIEVED),
    ("id_assurance_level 3.0", {"id_assurance_level": 3.0}, "id_token_identity_level", NOT_BELIEVED),
    ("id_assurance_level too low", {"id_assurance_level": "2"}, "identity_level_too_low", UNCHECKED),
    ("id_assurance_level 0", {"id_assurance_level": 0}, "identity_level_too_low", UNCHECKED),
    ("no level", {"authentication_assurance_level": None}, "id_token_level", NOT_BELIEVED),
    ("level as yes", {"authentication_assurance_level": True}, "id_token_level", NOT_BELIEVED),
    ("level 3.0", {"authentication_assurance_level": 3.0}, "id_token_level", NOT_BELIEVED),
    ("level '3.0'", {"authentication_assurance_level": "3.0"}, "id_token_level", NOT_BELIEVED),
    ("level ' 3'", {"authentication_assurance_level": " 3"}, "id_token_level", NOT_BELIEVED),
    ("level in another digit", {"authentication_assurance_level": "３"}, "id_token_level", NOT_BELIEVED),
    ("level in a list", {"authentication_assurance_level": [3]}, "id_token_level", NOT_BELIEVED),
    ("level -3", {"authentication_assurance_level": -3}, "id_token_level", NOT_BELIEVED),
    ("a level that there is not", {"authentication_assurance_level": 4}, "id_token_level", NOT_BELIEVED),
    ("level 1", {"authentication_assurance_level": 1, "acr": "AAL1_USERPASS"}, "level_too_low", TOO_LOW),
    ("no acr", {"acr": None}, "id_token_acr_missing", NOT_BELIEVED),
    ("acr of nobody's", {"acr": "urn:example:gold"}, "id_token_acr", NOT_BELIEVED),
    ("acr as a list", {"acr": ["AAL3_ANY"]}, "id_token_acr", NOT_BELIEVED),
    ("a low acr with a high level", {"acr": "AAL1_USERPASS"}, "id_token_acr", NOT_BELIEVED),
    ("a lower acr", {"acr": "AAL2_TOTP"}, "id_token_acr", NOT_BELIEVED),
    ("a high acr with a low level", {"authentication_assurance_level": 2}, "id_token_acr", NOT_BELIEVED),
    ("amr as text", {"amr": "N3_SMARTCARD"}, "id_token_amr", NOT_BELIEVED),
    ("amr of numbers", {"amr": [1]}, "id_token_amr", NOT_BELIEVED),
    ("amr with a NUL", {"amr": ["N3_SMARTCARD\x00"]}, "id_token_amr", NOT_BELIEVED),
    ("amr without end", {"amr": ["PIN"] * 1000}, "id_token_amr", NOT_BELIEVED),
    ("sid as a number", {"sid": 7}, "id_token_sid", NOT_BELIEVED),
    ("sid too long", {"sid": "s" * 256}, "id_token_sid", NOT_BELIEVED),
    ("sid with a NUL", {"sid": "there\x00"}, "id_token_sid", NOT_BELIEVED),
    ("NaN for a level", {"authentication_assurance_level": math.nan}, "token_malformed", NOT_BELIEVED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "reason", "page"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_a_hostile_answer_is_refused(
    openid_provider: OpenIDProvider, claims: dict[str, Any], reason: str, page: Page
) -> None:
    """Threat: a token that was made for another person, service or time lets its bearer in here."""
    openid_provider.claims = claims
    assert refusal(openid_provider) == (reason, page)
    assert openid_provider.count("/userinfo") == 0


TIMES = [
    ({"exp": -61}, "id_token_expired", START_AGAIN),
    ({"iat": -302}, "id_token_too_old", START_AGAIN),
    ({"iat": 70}, "id_token_iat_to_come", NOT_BELIEVED),
    ({"nbf": 70}, "id_token_nbf_to_come", NOT_BELIEVED),
    ({"auth_time": -302}, "id_token_auth_time_too_old", START_AGAIN),
    ({"auth_time": 70}, "id_token_auth_time_to_come", NOT_BELIEVED),
]


@pytest.mark.parametrize(("seconds", "reason", "page"), TIMES)
def test_an_answer_of_another_time_is_refused(
    openid_provider: OpenIDProvider, seconds: dict[str, int], reason: str, page: Page
) -> None:
    """Threat: a token from a log, or of a computer that was left alone, is shown again."""
    openid_provider.claims = {claim: soon(seconds[claim]) for claim in seconds}
    assert refusal(openid_provider) == (reason, page)


def test_who_is_to_show_it_again_must_have(openid_provider: OpenIDProvider, travel: Travel) -> None:
    """Threat: Care Identity ignores max_age=0, and the next person at the computer changes the password."""
    openid_provider.claims = {"auth_time": soon(-90)}
    assert proved(openid_provider).uid == UID
    assert refusal(openid_provider, again=True) == ("id_token_auth_time_not_again", START_AGAIN)


@pytest.mark.parametrize("sub", [None, "555000000998", 555000000999, ""])
def test_userinfo_about_somebody_else_is_refused(openid_provider: OpenIDProvider, sub: Any) -> None:
    """Threat: the access token was exchanged for another person's (OpenID Connect Core 1.0, 5.3.2)."""
    openid_provider.userinfo = {"sub": sub}
    assert refusal(openid_provider) == ("userinfo_sub", NOT_BELIEVED)


def test_what_comes_back_is_no_lower_than_what_was_asked_for(
    openid_provider: OpenIDProvider, settings: Settings
) -> None:
    """Threat: a portal that asks for level 3 alone lets people in with less."""
    settings.CARE_IDENTITY_ACR_VALUES = "AAL3_ANY"
    openid_provider.claims = {"acr": "AAL2_TOTP", "authentication_assurance_level": 2}
    assert refusal(openid_provider) == ("level_too_low", TOO_LOW)
