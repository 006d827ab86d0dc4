"""The reason that a refused password is given is the right one, and what only looks like more than it is, is read."""

from __future__ import annotations

import pytest

from accounts.services import password_policy


def said(password: str) -> list[str]:
    return [rule.message for rule in password_policy.broken_rules(password=password, user=None)]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        # How many there are of what was added, and of which kind.
        ("conservation1", "a common word with a number added"),
        ("conservation12", "a common word with numbers added"),
        ("conservation!", "a common word with a symbol added"),
        ("conservation ", "a common word with a space added"),
        ("conservation  ", "a common word with spaces added"),
        ("conservation k", "a common word with a space and a letter added"),
        ("sunshine monkey", "two common passwords joined together with a space added"),
        ("lola and bella", "two common passwords joined together with a short word added"),
        # What is between letters, and what is between words.
        ("s.u.n.s.h.i.n.e", "a common password with symbols between the letters"),
        ("s u n s h i n e", "a common password with spaces between the letters"),
        ("jesus is lord", "a common password with spaces in it"),
        ("I love my dog 1", "two common passwords joined together with spaces in it and a number added"),
        ("jesus-is-lord", "a common password with symbols in it"),
        ("super.man1985", "a common password with a symbol in it and a year added"),
        # A time of the year is no date.
        ("Summer2026!!", "a season and a year with symbols added"),
        ("2026-Autumn-26", "a season and a year with a symbol and numbers added"),
        ("Monday2026!!!", "a day of the week and a year with symbols added"),
        ("01/01/1990!!!", "a date with symbols added"),
        ("April2026!!!", "a date with symbols added"),
        ("dragonSummer26", "a common password with a season and a year added"),
    ],
)
def test_the_reason_is_the_right_one(password: str, reason: str) -> None:
    assert said(password) == [f"This is {reason}. Use three random words instead."]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("mum and dad 123", "two common words"),
        ("MumDadNan2026", "common words"),
        ("ilovemymum123", ""),
        ("Leeds LS1 3EX", "a postcode"),
        ("NorthamptonNN15BD", "a postcode"),
        ("york-yo31-7ab", "a postcode"),
        ("SW1A 1AA SW1A 1AA", "a postcode"),
        ("swdefrgthyju", "a keyboard pattern"),
        ("SWDEFRGTHYJU1", "a keyboard pattern"),
        ("zaxscdvfbgnh", "a keyboard pattern"),
        ("2s3d4f5g6h7j", "a keyboard pattern"),
        ("qpwoeirutyal", "a keyboard pattern"),
        ("ujyhtgrfedws", "a keyboard pattern"),
        ("SecretToWork1", "two common"),
        ("WelcomeAtHome1", "two common"),
        ("Welcome to work 1", "two common"),
        ("coffee and cake 1", "two common"),
        ("dragon-in-london", "two common"),
        ("SunshineOnMonday", "common"),
        ("monkey of the dragon", ""),
    ],
)
def test_what_only_looks_like_more_than_it_is_is_refused(password: str, reason: str) -> None:
    [sentence] = said(password)
    assert reason in sentence


@pytest.mark.parametrize(
    "password",
    [
        "mushroomorchardsand",
        "finchhallwaysand",
        "sandrustycotton",
        "helicopterfinrusty",
        "fern2h1olive9mist",
        "mum velvet lantern ferry",
        "tomatolemonatrium",
        "LS13EX-velvet-lantern",
        "swdzcqlkmtrp",
        "velvet to lantern ferry",
    ],
)
def test_three_words_pass_though_there_is_a_short_one_in_them(password: str) -> None:
    assert said(password) == []
