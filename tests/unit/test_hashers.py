"""The password hash."""

from __future__ import annotations

import threading
import unicodedata
import weakref

import argon2.low_level
import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from accounts import hashers, turns
from accounts.hash_memory import Memory
from accounts.hashers import Argon2idPasswordHasher

pytestmark = pytest.mark.usefixtures("full_strength")

PASSWORD = "café Ångström lorry"


def test_a_hash_is_argon2id_at_the_strength_that_owasp_asks_for() -> None:
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")


def test_a_new_hash_need_not_be_made_again() -> None:
    encoded = make_password(PASSWORD)
    assert not identify_hasher(encoded).must_update(encoded)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_every_form_of_the_same_text_is_the_same_password(form: str) -> None:
    typed = unicodedata.normalize(form, PASSWORD)  # type: ignore[arg-type]
    assert check_password(typed, make_password(PASSWORD))
    assert check_password(PASSWORD, make_password(typed))


def test_another_password_is_wrong() -> None:
    assert not check_password(PASSWORD.upper(), make_password(PASSWORD))


def test_no_more_hashes_are_made_at_once_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: many log-ins at once take 46 MiB each until the machine has no memory."""
    at_once, most = 0, 0
    lock = threading.Lock()
    hash_it = Memory.hash

    def counted(self: Memory, secret: bytes, salt: bytes, parameters: argon2.Parameters) -> bytes | None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        try:
            return hash_it(self, secret, salt, parameters)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(Memory, "hash", counted)
    threads = [threading.Thread(target=make_password, args=(PASSWORD,)) for _ in range(4 * turns.CORES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == turns.CORES


# From argon2-cffi's plain call, of PASSWORD in NFKC and the salt "saltsaltsaltsalt".
KNOWN = {
    "ours": "argon2$argon2id$v=19$m=47104,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$JMBlRV6WX7ssOniOiaSk9ggf1qfdL3IR5X+VIhNarOI",
    "other parameters": "argon2$argon2id$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$5TwXA4NUHbLMYjbj03+cRA",
}


@pytest.mark.parametrize("encoded", KNOWN.values(), ids=KNOWN)
def test_a_hash_of_the_plain_call_is_known_and_hashes_are_what_it_makes(encoded: str) -> None:
    """Passwords that were set with a version before, which called argon2 without memory of its own, stay right."""
    assert check_password(PASSWORD, encoded)
    assert not check_password(PASSWORD.upper(), encoded)


def test_the_plain_call_knows_a_hash_of_ours_and_makes_the_same() -> None:
    assert make_password(PASSWORD, salt="saltsaltsaltsalt") == KNOWN["ours"]
    plain = argon2.PasswordHasher()
    typed = unicodedata.normalize("NFKC", PASSWORD)
    assert plain.verify(make_password(PASSWORD).removeprefix("argon2"), typed)


@pytest.mark.parametrize("unable", ["callbacks", "argon2"])
def test_where_memory_of_ours_cannot_be_used_the_plain_call_hashes(
    monkeypatch: pytest.MonkeyPatch, unable: str
) -> None:
    if unable == "callbacks":
        monkeypatch.setattr(Memory, "_make_callbacks", lambda _: None)
    else:
        monkeypatch.setattr(argon2.low_level, "core", lambda *_: -22)
    before = turns.use(turns.Turns(at_once=1))
    try:
        assert make_password(PASSWORD, salt="saltsaltsaltsalt") == KNOWN["ours"]
        assert check_password(PASSWORD, KNOWN["ours"])
        assert not check_password("another", KNOWN["ours"])
    finally:
        turns.use(before)


DAMAGED = {
    "another letter": KNOWN["ours"][:-1] + "#",
    "cut off in the hash": KNOWN["ours"][:-10],
    "cut off in the salt": KNOWN["ours"][:50],
    "cut off in the costs": KNOWN["ours"][:30],
    "another kind": "pbkdf2_sha256$1000000$salt$aGFzaA==",
    "no hash": "argon2$",
}


@pytest.mark.parametrize("encoded", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_hash_is_told_from_one_that_can_be_read(encoded: str) -> None:
    assert not hashers.can_be_read(encoded)
    assert all(hashers.can_be_read(whole) for whole in (*KNOWN.values(), make_password(PASSWORD)))


def test_where_there_is_no_memory_left_the_password_is_not_said_to_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 answers "memory allocation error" then, which Django takes for a wrong password."""

    def fail(*_: object) -> bool:
        raise argon2.exceptions.VerificationError("Memory allocation error")

    monkeypatch.setattr(argon2.low_level, "core", lambda *_: -22)
    monkeypatch.setattr("argon2._password_hasher.verify_secret", fail)
    before = turns.use(turns.Turns(at_once=1))
    try:
        with pytest.raises(hashers.CannotHash):
            check_password(PASSWORD, KNOWN["ours"])
    finally:
        turns.use(before)


def test_no_password_stays_in_the_memory_that_is_kept() -> None:
    """Threat: what was computed from a password is found in the memory of a server that runs for months."""
    memory, parameters = Memory(), Argon2idPasswordHasher().params()
    assert memory.hash(b"violet harbour", b"saltsaltsaltsalt", parameters)
    kept = bytes(argon2.low_level.ffi.buffer(memory.block))
    assert len(kept) == parameters.memory_cost * 1024
    assert not kept.strip(b"\0")


def test_the_memory_is_kept_and_not_asked_for_again() -> None:
    memory, parameters = Memory(), Argon2idPasswordHasher().params()
    memory.hash(b"violet harbour", b"saltsaltsaltsalt", parameters)
    block = memory.block
    memory.hash(b"amber harbour", b"saltsaltsaltsalt", parameters)
    assert memory.block is block


def test_memory_that_is_used_no_more_is_let_go() -> None:
    memory = Memory()
    memory.hash(b"violet harbour", b"saltsaltsaltsalt", Argon2idPasswordHasher().params())
    gone = weakref.ref(memory), weakref.ref(memory.block)
    del memory
    assert [reference() for reference in gone] == [None, None], "without waiting for the garbage collector"
