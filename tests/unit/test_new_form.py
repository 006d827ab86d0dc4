"""The two fields that each form begins with, and their random text."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from django.middleware import csrf
from django.test import RequestFactory

from nhsuk import new_form

if TYPE_CHECKING:
    import pytest


def test_every_letter_is_as_likely_as_any_other() -> None:
    """Threat: a token that is easier to guess than its length says. Every byte is tried once: none is random here."""
    shared = Counter(bytes(range(256)).translate(new_form._LETTER_OF_BYTE, new_form._UNFAIR))
    assert {chr(letter) for letter in shared} == set(csrf.CSRF_ALLOWED_CHARS)
    assert len(set(shared.values())) == 1


def test_random_letters_are_as_many_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [len(new_form.random_letters(length)) for length in (0, 1, 32, 1000)] == [0, 1, 32, 1000]
    assert len({new_form.random_letters(32) for _ in range(100)}) == 100
    given = iter([b"\xff" * 40, b"\xff" * 39 + b"\x00", *[b"\x01" * 40] * 9])
    monkeypatch.setattr(os, "urandom", lambda _: next(given))
    assert new_form.random_letters(32) == "a" + "b" * 31


def test_django_takes_the_token_for_one_of_its_own(rf: RequestFactory) -> None:
    request = rf.get("/")
    tokens = {new_form.token(request) for _ in range(50)}
    assert len(tokens) == 50
    secret = request.META["CSRF_COOKIE"]
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"] is True
    assert new_form.secret_of(request) == secret
    for token in (*tokens, csrf.get_token(request)):
        csrf._check_token_format(token)  # type: ignore[attr-defined]
        assert csrf._does_token_match(token, secret)  # type: ignore[attr-defined]
    assert not csrf._does_token_match(new_form.token(rf.get("/")), secret)  # type: ignore[attr-defined]


def test_the_secret_that_a_browser_has_stays() -> None:
    request = RequestFactory().get("/")
    request.META["CSRF_COOKIE"] = "a" * 32
    assert new_form.secret_of(request) == "a" * 32
    assert csrf._does_token_match(new_form.token(request), "a" * 32)  # type: ignore[attr-defined]
