"""What a browser sends for a passkey: a stranger may send anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import webauthn
from accounts.models import User
from accounts.services.second_step import passkeys
from tests.support.factories import make_user
from tests.support.passkeys import SoftwareAuthenticator, encoded

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db: None) -> User:
    return make_user()


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=80).map(encoded),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
_PARTS = ["clientDataJSON", "authenticatorData", "attestationObject", "signature", "userHandle", "transports"]


@given(
    top=st.dictionaries(st.sampled_from(["id", "rawId", "type", "clientExtensionResults"]), _JSON),
    response=st.dictionaries(st.sampled_from(_PARTS), _JSON) | _JSON,
    flips=st.lists(st.integers(0, 400), max_size=3),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_browser_sends_is_refused_and_breaks_nothing(
    user: User, top: dict[str, Any], response: Any, flips: list[int]
) -> None:
    authenticator = SoftwareAuthenticator()
    begun = webauthn.begin_registration(user=user)
    right = json.loads(authenticator.make(begun.options))
    raw = bytearray(right["response"]["attestationObject"], "ascii")
    for flip in flips:
        raw[flip % len(raw)] = ord("A")
    spoilt = {**right["response"], "attestationObject": raw.decode()} if flips else {}
    for mixed in (response, {**spoilt, **(response if isinstance(response, dict) else {})}):
        sent = json.dumps({**right, **top, "response": mixed})
        for read in (
            lambda sent=sent: webauthn.complete_registration(user=user, challenge=begun.challenge, credential=sent),
            lambda sent=sent: webauthn.read_assertion(sent),
        ):
            try:
                read()
            except webauthn.Refused:
                continue


@pytest.mark.parametrize("sent", ["", "{", "[]", "7", '"x"', "[" * 9000, "{}", "x" * 20_000, '{"id": "\\ud800"}'])
def test_what_is_no_answer_at_all_is_refused(user: User, sent: str) -> None:
    challenge = passkeys.begin_adding(user=user).challenge
    with pytest.raises(webauthn.Refused):
        webauthn.complete_registration(user=user, challenge=challenge, credential=sent)
    with pytest.raises(webauthn.Refused):
        webauthn.read_assertion(sent)
