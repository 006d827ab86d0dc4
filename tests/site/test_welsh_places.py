"""In Welsh a word begins otherwise behind some words, so that no phrase may come behind one of them into a place.

What fills a place is a message of its own and keeps its beginning: "drwy %(label)s" would be "drwy Cerdyn clyfar".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from common_passwords import sentences
from tests.support import welsh

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polib

# How a word changes behind these (Welsh grammars call it soft, aspirate and nasal mutation).
SOFT = {"am", "ar", "at", "dan", "tan", "dros", "drwy", "trwy", "gan", "heb", "hyd", "i", "o", "wrth", "neu", "yn"}
SOFT |= {"pan", "dyma", "dacw", "ei", "dau", "dwy", "ni", "na"}
ASPIRATE = {"a", "â", "gyda", "tua", "na", "ni", "tri", "chwe", "ei"}
NASAL = {"yn", "fy"}
CHANGES = [
    (SOFT, ("p", "t", "c", "b", "d", "g", "m", "ll", "rh")),
    (ASPIRATE, ("p", "t", "c")),
    (NASAL, ("p", "t", "c", "b", "d", "g")),
]
# As they begin where they have changed already, or cannot change.
NEVER = ("ch", "ph", "th", "dd", "ff")
# The places that a phrase fills, by where their message is, and those phrases, or where they are.
FILLED: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("common_passwords/", ("how",), tuple(sentences._HOW.values())),
    (
        "common_passwords/",
        ("what", "words", "added", "first", "second"),
        ("common_passwords/", "accounts/personal_words.py"),
    ),
    ("accounts/services/password_policy.py", ("seen",), ("common_passwords/recogniser.py",)),
    ("accounts/old_forms.py", ("then",), ("accounts/views/log_in.py", "accounts/views/recovery.py")),
    ("accounts/validators.py", ("rules",), ("accounts/services/password_policy.py",)),
    ("nhsuk/date_input.py", ("called", "missing"), ("nhsuk/date_input.py", "accounts/forms/", "people/")),
    ("helpdesk/diagnosis/sentences.py", ("where",), ("helpdesk/diagnosis/sentences.py",)),
    ("helpdesk/views/asking.py", ("what",), ("helpdesk/actions.py",)),
    ("demo/care_identity/", ("label",), ("demo/care_identity/methods.py",)),
    ("templates/desk/overview.html", ("half", "nine"), ("nhsuk/wording.py",)),
]


def phrases_of(named: tuple[str, ...]) -> list[str]:
    """Return the phrases that are named, in Welsh. What ends in a full stop is a sentence, and fills no place."""
    entries = [entry for entry in welsh.catalogue("django") if entry.msgid in named]
    found = [form for entry in entries or standing_in(*named) for form in forms(entry)]
    return [phrase for phrase in found if not phrase.endswith(".")]


def standing_in(*places: str) -> Iterator[polib.POEntry]:
    for entry in welsh.catalogue("django"):
        if any(file.startswith(places) for file, _ in entry.occurrences):
            yield entry


def behind(word: str, phrase: str) -> bool:
    """Return whether a phrase would have to begin otherwise behind a word."""
    word, phrase = word.casefold(), phrase.casefold()
    if phrase.startswith(NEVER):
        return False
    return any(word in words and phrase.startswith(letters) for words, letters in CHANGES)


@pytest.mark.parametrize(("where", "places", "phrases"), FILLED)
def test_no_phrase_comes_into_a_place_where_it_would_have_to_begin_otherwise(
    where: str, places: tuple[str, ...], phrases: tuple[str, ...]
) -> None:
    fill = phrases_of(phrases)
    asked = [
        (match[1], entry.msgid)
        for entry in standing_in(where)
        for form in forms(entry)
        for match in re.finditer(rf"([\w’]+) (?:<[^>]*>|[“(])*%\((?:{'|'.join(places)})\)s", form)
    ]
    assert fill
    assert not [(word, phrase, of) for word, of in asked for phrase in fill if behind(word.rpartition("’")[2], phrase)]


@pytest.mark.parametrize("where", [where for where, _, _ in FILLED])
def test_the_messages_are_there(where: str) -> None:
    assert list(standing_in(where))


def forms(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize(
    ("word", "phrase", "changes"),
    [
        ("drwy", "Cerdyn clyfar", True),
        ("gyda", "symbolau ynddo", False),
        ("gyda", "cod post", True),
        ("Na", "mewn porwyr eraill", True),
        ("o", "2 funud", False),
        ("yw", "cyfrinair cyffredin", False),
        ("ar", "chwefror", False),
    ],
)
def test_it_is_known_which_words_change_which(word: str, phrase: str, changes: bool) -> None:
    assert behind(word, phrase) == changes
