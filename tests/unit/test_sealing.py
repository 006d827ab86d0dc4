"""Secrets of second steps in the database: sealed, bound to their row, and replaced key by key."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import sealing
from accounts.models import Authenticator

SECRET = bytes(range(20))
OLD, NEW = "the old key of this test", "the new key of this test"


@given(secret=st.binary(max_size=200), of=st.text(max_size=50))
def test_what_was_sealed_opens_for_what_it_was_sealed_for(secret: bytes, of: str) -> None:
    sealed = sealing.seal(secret, of=of)
    assert sealing.is_sealed(sealed)
    assert sealing.is_newest(sealed)
    assert sealing.unseal(sealed, of=of) == secret


def test_two_seals_of_one_secret_differ_and_show_nothing_of_it() -> None:
    """Threat: a reader of the database sees which people have the same secret, or a part of it."""
    one, two = (sealing.seal(SECRET, of="authenticator 1") for _ in range(2))
    assert one != two
    assert SECRET.hex() not in one
    assert base64.b32encode(SECRET).decode() not in one


def test_a_sealed_secret_fits_into_django_otps_column() -> None:
    assert len(sealing.seal(SECRET, of="authenticator 1")) <= (Authenticator._meta.get_field("key").max_length or 0)


def test_the_box_of_another_row_is_refused() -> None:
    """Threat: a writer to the database puts the secret of their own app into the row of another person."""
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(sealing.seal(SECRET, of="authenticator 1"), of="authenticator 2")
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(sealing.seal(SECRET, of="authenticator 1"), of="recovery code 1")


@pytest.mark.django_db
def test_the_app_of_another_person_makes_no_code() -> None:
    mine = Authenticator(user_id=1, key=sealing.seal(SECRET, of=Authenticator.sealed_for(1)))
    assert mine.bin_key == SECRET
    with pytest.raises(sealing.CannotOpen):
        _ = Authenticator(user_id=2, key=mine.key).bin_key


def test_a_box_that_was_changed_is_refused() -> None:
    name, _, box = sealing.seal(SECRET, of="authenticator 1").partition("~")
    raw = base64.urlsafe_b64decode(box)
    changed = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw))]
    for each in (*changed, raw[:-1], raw[:12], b"", raw + b"x"):
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(f"{name}~{base64.urlsafe_b64encode(each).decode()}", of="authenticator 1")


@pytest.mark.parametrize("text", ["", "~", "x~", "~x", "ééé~ééé", "abcdef~!!!!", "abcdef~" + "A" * 1000])
def test_what_is_no_box_is_refused_and_no_crash(text: str) -> None:
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(text, of="authenticator 1")
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(sealing.seal(SECRET, of="x").partition("~")[0] + text, of="authenticator 1")


def test_keys_are_replaced_one_by_one(settings: Settings) -> None:
    settings.SECOND_STEP_KEYS = [OLD]
    by_old = sealing.seal(SECRET, of="x")
    settings.SECOND_STEP_KEYS = [NEW, OLD]
    by_new = sealing.seal(SECRET, of="x")
    assert (sealing.is_newest(by_old), sealing.is_newest(by_new)) == (False, True)
    assert sealing.unseal(by_old, of="x") == sealing.unseal(by_new, of="x") == SECRET
    settings.SECOND_STEP_KEYS = [NEW]
    assert sealing.unseal(by_new, of="x") == SECRET
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(by_old, of="x")


def test_the_name_of_a_key_tells_nothing_of_it(settings: Settings) -> None:
    """Threat: a reader of the database tests guesses of the key by its name faster than by a box."""
    settings.SECOND_STEP_KEYS = [OLD]
    name = sealing.seal(SECRET, of="x").partition("~")[0]
    assert len(name) == 6
    assert name not in OLD


@pytest.mark.django_db
def test_a_secret_that_a_version_before_stored_in_clear_opens_as_it_is() -> None:
    before = Authenticator(user_id=1, key=SECRET.hex())
    assert not sealing.is_sealed(before.key)
    assert before.bin_key == SECRET
