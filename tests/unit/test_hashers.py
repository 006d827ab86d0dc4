"""The password hash."""

from __future__ import annotations

import threading
import unicodedata

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, identify_hasher, make_password

from accounts import turns

pytestmark = pytest.mark.usefixtures("full_hashes")

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
    hash_it = Argon2PasswordHasher.encode

    def counted(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        try:
            return hash_it(self, password, salt)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    threads = [threading.Thread(target=make_password, args=(PASSWORD,)) for _ in range(4 * turns.CORES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == turns.CORES
