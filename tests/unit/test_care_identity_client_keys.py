"""Our own key: which files will do, and that its private half stays here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.jwk import RSAKey, thumbprint
from pytest_django import Settings

from care_identity.services import client_keys
from tests.support.openid_provider import key_named

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def pem(
    key: Private,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption = NoEncryption(),  # noqa: B008 - it holds nothing.
) -> bytes:
    """Return a private key as a file has it."""
    return key.private_bytes(Encoding.PEM, form, encryption)


def our_key() -> rsa.RSAPrivateKey:
    """Return a key that will do."""
    key = key_named("ours").private_key
    assert key is not None
    return key


@pytest.fixture
def key_file(tmp_path: Path, settings: Settings) -> Path:
    """Return the file that our key is in."""
    path = tmp_path / "care-identity.pem"
    path.write_bytes(pem(our_key()))
    path.chmod(0o600)
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(path)
    return path


def test_the_published_key_is_the_public_half_alone(key_file: Path) -> None:
    """Threat: the page that shows our public key shows the private one too, and an attacker can pass for the portal."""
    (published,) = client_keys.public_keys()["keys"]
    assert set(published) == {"kty", "n", "e", "kid", "use", "alg"}
    assert (published["kty"], published["use"], published["alg"]) == ("RSA", "sig", "RS512")
    assert published["kid"] == thumbprint({"kty": "RSA", "n": published["n"], "e": published["e"]})
    assert RSAKey.import_key(published).public_key == our_key().public_key()


def test_the_key_is_named_by_its_thumbprint(key_file: Path) -> None:
    assert client_keys.signing_key().kid == client_keys.public_keys()["keys"][0]["kid"]


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_both_ways_to_write_a_key_will_do(key_file: Path, form: PrivateFormat) -> None:
    key_file.write_bytes(pem(our_key(), form))
    assert client_keys.signing_key().is_private


def test_a_new_key_is_taken_without_a_restart(key_file: Path) -> None:
    before = client_keys.signing_key().kid
    key_file.write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    os.utime(key_file, (1, 1))
    assert client_keys.signing_key().kid != before


def test_without_a_key_none_is_published(settings: Settings) -> None:
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = ""
    assert client_keys.public_keys() == {"keys": []}


UNUSABLE = {
    "empty": (b"", "no key that can be read"),
    "something else": (b"hello", "no key that can be read"),
    "cut off": (pem(our_key())[:500], "no key that can be read"),
    "with a password": (pem(our_key(), encryption=BestAvailableEncryption(b"a password")), "without a password"),
    "the public half": (
        our_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "no key that can be read",
    ),
    "short": (pem(rsa.generate_private_key(65537, 1024)), "2048 bits or more"),  # noqa: S505 - that is the point.
    "a curve": (pem(ec.generate_private_key(ec.SECP256R1())), "2048 bits or more"),
}


@pytest.mark.parametrize(("text", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_other_files_will_not_do(key_file: Path, text: bytes, why: str) -> None:
    """What is wrong is said without a word of what is in the file."""
    key_file.write_bytes(text)
    with pytest.raises(client_keys.Unusable, match=why) as unusable:
        client_keys.signing_key()
    assert unusable.value.__context__ is None or unusable.value.__suppress_context__
    assert "MII" not in str(unusable.value)


def test_no_file_and_a_folder_will_not_do(key_file: Path, settings: Settings) -> None:
    for path in (key_file.parent, key_file / "under", key_file.with_name("nothing")):
        settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(path)
        with pytest.raises(client_keys.Unusable, match="cannot be read"):
            client_keys.signing_key()


def test_of_a_file_that_is_not_there_it_is_not_said_that_it_is_safe(key_file: Path) -> None:
    key_file.unlink()
    with pytest.raises(client_keys.Unusable, match="cannot be read"):
        client_keys.may_be_read_by_everybody()


@pytest.mark.parametrize(("mode", "open_to_all"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)])
def test_who_may_read_the_file(key_file: Path, mode: int, open_to_all: bool) -> None:
    key_file.chmod(mode)
    assert client_keys.may_be_read_by_everybody() is open_to_all
