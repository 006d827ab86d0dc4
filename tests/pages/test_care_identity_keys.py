"""The public half of our key, for Care Identity to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.jwk import RSAKey

from care_identity.services import client_keys
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

KEYS = "/care-identity/keys.json"


@pytest.fixture
def key_file(tmp_path: Path, openid_provider: OpenIDProvider, settings: Any) -> Path:
    path = tmp_path / "key.pem"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form))
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(path)
    return path


def test_it_has_the_public_half_and_nothing_else(client: PortalClient, key_file: Path) -> None:
    answer = client.get(KEYS)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS512")
    assert key["kid"] == RSAKey.import_key({"kty": "RSA", "n": key["n"], "e": key["e"]}).thumbprint()


def test_what_we_sign_can_be_checked_with_it(client: PortalClient, key_file: Path) -> None:
    (key,) = client.get(KEYS).json()["keys"]
    registry = jws.JWSRegistry(algorithms=["RS512"])
    signed = jws.serialize_compact({"alg": "RS512"}, b"ours", client_keys.signing_key(), registry=registry)
    assert jws.deserialize_compact(signed, RSAKey.import_key(key), registry=registry).payload == b"ours"


def test_anybody_may_keep_it_for_five_minutes(client: PortalClient, key_file: Path) -> None:
    answer = client.get(KEYS)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert not answer.cookies


def test_a_new_key_needs_no_restart(client: PortalClient, key_file: Path) -> None:
    before = client.get(KEYS).json()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(*form))
    assert client.get(KEYS).json() != before


@pytest.mark.parametrize("trouble", ["gone", "no key"])
def test_without_a_usable_key_it_says_try_again(client: PortalClient, key_file: Path, trouble: str) -> None:
    if trouble == "gone":
        key_file.unlink()
    else:
        key_file.write_text("made-up words that are no key", encoding="ascii")
    answer = client.get(KEYS)
    assert (answer.status_code, answer.json()) == (503, {"keys": []})
    assert answer.headers["Cache-Control"] == "no-store"
    assert str(key_file) not in answer.text


def test_who_is_known_by_a_secret_has_none(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    answer = client.get(KEYS)
    assert (answer.status_code, answer.json()) == (200, {"keys": []})


def test_it_is_only_read(client: PortalClient, key_file: Path) -> None:
    assert client.post(KEYS).status_code == 405
    assert client.head(KEYS).status_code == 200
