"""What is recognised as a commonly used password, however it is mangled up, and what is said about it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import common_passwords
from bench.password_corpus.awkward import awkward_input
from common_passwords import reading
from common_passwords.characters import LONGEST_READ, bare_spelling, bare_spellings, plain

OWN_WORDS = {"jane": "your name", "smith": "your name", "nhs": "the word “NHS”", "northern": "your organisation's name"}
AWKWARD = awkward_input()
ANY_TEXT = st.text(st.characters(codec=None), max_size=300)
DENSE_TEXT = st.text(alphabet="pas5$w0rd1!|.-@2026qwertyéαѕﷺ😀\u0301\u202e\0\ud800", max_size=300)


def what(password: str, **own_words: str) -> list[str]:
    return [found.what for found in common_passwords.recognise(password=password, own_words=own_words)]


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("password1234", "a common password"),
        ("Dragon1985", "a common password with a year added"),
        ("monkey!!!2026", "a common password with symbols and a year added"),
        (
            "Tr4ct0r_9471",
            "a common password with letters swapped for numbers or symbols and a symbol and numbers added",
        ),
        ("drowssap1234", "a common password with numbers added"),
        ("enihsnus12", "a common password written backwards with numbers added"),
        ("dragondragon", "a common password repeated"),
        ("dragonnogard", "a common password forwards and backwards"),
        ("s.u.n.s.h.i.n.e", "a common password with symbols between the letters"),
        ("ssuunnsshhiinnee", "a common password with letters doubled"),
        ("sunshine-monkey", "two common passwords joined together with a symbol added"),
        ("сhосоlаtе2026", "a common password with letters swapped for ones that look the same and a year added"),
        ("ｓｕｎｓｈｉｎｅ２０２６", "a common password with a year added"),
        ("sünshíne2026", "a common password with a year added"),
        ("monkey😀😀😀😀😀😀", "a common password with symbols added"),
        ("conservation1", "a common word with a number added"),
        ("monkeyapril2026", "a common password with a date added"),
        ("plokijuhygtf", "a keyboard pattern"),
        ("zsexdrcftvgy", "a keyboard pattern"),
        ("abcdefgh7654321", "letters or numbers in order"),
        ("zzzzzzzzzzzzz", "the same characters repeated"),
        ("23 April 1980", "a date"),
        ("Summer2026!!", "a season and a year with symbols added"),
        ("Gaeaf2026!!!", "a season and a year with symbols added"),
        ("Nadolig-2026", "a season and a year"),
        ("Gorffennaf2026", "a date"),
        ("Dydd Gwener 2026", "a day of the week and a year"),
        # Digits as keyboards of other scripts make them.
        ("١٢٣٤٥٦٧٨٩٠١٢", "letters or numbers in order"),
        ("१२३४५६७८९०१२", "letters or numbers in order"),
        ("๑๒๓๔๕๖๗๘๙๐๑๒", "letters or numbers in order"),
        ("١٢/٠٥/١٩٨٠", "a date"),
        ("sunshine١٢٣٤٥", "a common password with numbers added"),
        ("xkqjzw123456", "a few letters with numbers added"),
    ],
)
def test_a_dressed_up_password_is_recognised_and_it_is_said_as_what(password: str, said: str) -> None:
    assert what(password) == [said]


@pytest.mark.parametrize(
    "password",
    [
        "coffee train window",
        "coffeetrainwindow",
        "CoffeeTrainWindow",
        "coffee-train-window-7",
        "summer holiday biscuit",
        "monkey dragon football",
        "road ways cross bow",
        "xq7RwLm2ZtKp",
        "k8#vQ!zr2Lw$",
        "f3a91c07be64d285",
        "werq9q-nuhkib-kyhVij",
        "Mdhtc2&ilw4hi!",
        "My aunt has two cats and a lorry",
        "der blaue Zug fährt nach Ulm",
        "кофе поезд окно дождь",
        "駅前の静かな図書館で会う約束",
    ],
)
def test_a_good_password_passes(password: str) -> None:
    assert what(password, **OWN_WORDS) == []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("JaneSmith!!2026", "your name with symbols and a year added"),
        ("htimsenaj-2026", "your name written backwards with a symbol and a year added"),
        ("J4n3Sm1th2026", "your name with a year added"),
        ("Northern#Smith", "your organisation's name and your name with a symbol added"),
    ],
)
def test_a_password_made_of_ones_own_words_is_personal(password: str, said: str) -> None:
    found = common_passwords.recognise(password=password, own_words=OWN_WORDS)
    assert [one.what for one in found if one.personal] == [said]


@pytest.mark.parametrize("password", ["nhs-coffee-train-window", "smith velvet coffee train", "Rq7nhsLm2ZtKpw"])
def test_a_good_password_may_contain_ones_own_words(password: str) -> None:
    assert what(password, **OWN_WORDS) == []


def test_one_common_word_and_ones_own_word_are_not_enough() -> None:
    assert what("velvetlorrynorthern", northern="your organisation's name")
    assert not what("velvetlorrynorthern")


def test_of_something_short_it_is_known_that_there_is_only_too_little_of_it() -> None:
    [found] = common_passwords.recognise(password="kq7", own_words={})
    assert found.only_too_little
    [found] = common_passwords.recognise(password="dragon", own_words={})
    assert not found.only_too_little


@pytest.mark.parametrize("kind", AWKWARD)
def test_awkward_input_neither_raises_nor_is_read_at_length(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are at most six readings, with and without own words, and the time of each is bounded by its length."""
    lengths: list[int] = []
    read = reading.cheapest_reading

    def counted(text: str, **arguments: object) -> object:
        lengths.append(len(text))
        return read(text, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("common_passwords.recogniser.cheapest_reading", counted)
    common_passwords.recognise(password=AWKWARD[kind], own_words=OWN_WORDS)
    assert len(lengths) <= 12
    assert max(lengths, default=0) <= LONGEST_READ + 1


@given(st.one_of(ANY_TEXT, DENSE_TEXT))
@settings(max_examples=300)
def test_no_text_raises(password: str) -> None:
    common_passwords.recognise(password=password, own_words=OWN_WORDS)


@given(st.one_of(ANY_TEXT, DENSE_TEXT))
@settings(max_examples=200)
def test_the_plain_text_is_bounded_and_stays_as_it_is_when_unmangled_again(password: str) -> None:
    text = plain(password)
    assert len(text) <= LONGEST_READ
    assert bare_spelling(bare_spelling(text)) == bare_spelling(text)


@given(st.text("abcl1!|.-", min_size=1, max_size=12), st.sampled_from(["password", "dragon", "1q2w3e4r"]))
@settings(max_examples=100)
def test_many_spellings_at_once_are_those_one_by_one(text: str, other: str) -> None:
    assert bare_spellings([text, other, text]) == [bare_spelling(one) for one in (text, other, text)]


@given(st.sampled_from(["dragon", "sunshine", "football", "monkey"]), st.text("0123456789!.?-", max_size=4))
@settings(max_examples=100)
def test_whatever_few_digits_and_marks_are_put_after_a_common_password_it_is_recognised(word: str, end: str) -> None:
    assert what(word + end)
    assert what(word.capitalize() + end)
    assert what(end + word)
