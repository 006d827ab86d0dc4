"""How a password is read: as which parts, at which cost, and what else it may be underneath."""

from __future__ import annotations

import pytest

import common_passwords
from common_passwords import costs
from common_passwords.lists import lists
from common_passwords.parts import Kind, Mangling, Part, Reading
from common_passwords.reading import cheapest_reading
from common_passwords.recogniser import recognise
from common_passwords.sentences import has_nothing_common, what_it_is
from common_passwords.unmangling import ways_to_unmangle
from common_passwords.words import own_spellings, what_own_word_is

PASSWORD, WORD, OWN = Kind.COMMON_PASSWORD, Kind.WORD, Kind.OWN_WORD
LETTER, DIGIT, MARK = Kind.LETTER, Kind.DIGIT, Kind.MARK
FAR = 1_000.0
JANE = {"jane": "your name", "smith": "your name", "jan": "your name", "nhs": "the word “NHS”"}


def read(text: str, *, own: dict[str, str] | None = None, boundaries: frozenset[int] = frozenset()) -> Reading:
    found = cheapest_reading(text, lists=lists(), own=own_spellings(own or {}), limit=FAR, boundaries=boundaries)
    assert found is not None
    return found


def parts(reading: Reading) -> list[tuple[str, Kind]]:
    return [(reading.of(part), part.kind) for part in reading.parts]


@pytest.mark.parametrize(
    ("text", "kind", "bits"),
    [
        ("dragon", PASSWORD, costs.COMMON_PASSWORD),
        ("conservation", WORD, costs.WORD),
        ("noitavresnoc", WORD, costs.WORD + costs.BACKWARDS),
        ("dr4g0n", PASSWORD, costs.COMMON_PASSWORD + costs.LEETSPEAK + 2 * costs.EACH_SWAP),
        ("dr4g0n5", PASSWORD, costs.COMMON_PASSWORD + costs.LEETSPEAK + 3 * costs.EACH_SWAP),
        ("d.r.a.g.o.n", PASSWORD, costs.COMMON_PASSWORD + costs.SEPARATOR + 4 * costs.SAME_SEPARATOR),
        ("d.r-a.g.o.n", PASSWORD, costs.COMMON_PASSWORD + 2 * costs.SEPARATOR + 4 * costs.SAME_SEPARATOR),
        ("ddrraaggoonn", PASSWORD, costs.COMMON_PASSWORD + costs.ALL_DOUBLED),
        ("draagoon", PASSWORD, costs.COMMON_PASSWORD + costs.SOME_DOUBLED + costs.EACH_DOUBLED),
        ("xx", Kind.FILLER, costs.COMMON_FILLER),
        ("my", Kind.FILLER, costs.FILLER),
        ("abc", PASSWORD, costs.SAYS_WHAT_IT_IS),
        ("1985", Kind.YEAR, costs.YEAR),
        ("23041980", Kind.DATE, costs.DATE),
        ("23/4/1980", Kind.DATE, costs.DATE),
        ("23apr1980", Kind.DATE, costs.DATE),
        ("230480", Kind.DATE, costs.SHORT_DATE),
        ("april2026", Kind.MONTH_OR_SEASON, costs.MONTH_WITH_YEAR),
        ("2026april", Kind.MONTH_OR_SEASON, costs.MONTH_WITH_YEAR),
        ("april26", Kind.MONTH_OR_SEASON, costs.MONTH_WITH_NUMBER),
        ("onetwothree", Kind.NUMBER, costs.NUMBERS_IN_WORDS),
        ("12345", Kind.IN_ORDER, costs.COUNTING),
        ("321", Kind.IN_ORDER, costs.COUNTING),
        ("4321", Kind.IN_ORDER, costs.IN_ORDER),
        ("456789", Kind.IN_ORDER, costs.IN_ORDER),
        ("abcd", Kind.IN_ORDER, costs.LETTERS_IN_ORDER),
        ("efg", Kind.IN_ORDER, costs.THREE_LETTERS_IN_ORDER),
        ("753", Kind.IN_ORDER, costs.IN_ORDER),
        ('!"£$', Kind.IN_ORDER, costs.IN_ORDER),
        ("!@#$", Kind.IN_ORDER, costs.IN_ORDER),
        ("qwe", Kind.KEYS, costs.THREE_KEYS),
        ("qwer", Kind.KEYS, costs.KEYS),
        ("asdfre", Kind.KEYS, costs.KEYS + 2 * costs.TURN),
        ("1q2w3e4r", Kind.KEYS, costs.KEYS + 2 * costs.TURN),
        ("ж", LETTER, costs.OTHER_CHARACTER),
        ("k", LETTER, costs.LETTER),
        ("7", DIGIT, costs.DIGIT),
    ],
)
def test_one_part_costs_what_the_table_says(text: str, kind: Kind, bits: float) -> None:
    reading = read(text)
    assert parts(reading) == [(text, kind)]
    assert reading.bits == pytest.approx(bits)


@pytest.mark.parametrize(
    ("text", "expected", "bits"),
    [
        ("dragondragon", [("dragon", PASSWORD), ("dragon", Kind.REPEAT)], costs.COMMON_PASSWORD + costs.REPEAT),
        ("dragonnogard", [("dragon", PASSWORD), ("nogard", Kind.MIRRORED)], costs.COMMON_PASSWORD + costs.MIRRORED),
        ("aaaa", [("a", LETTER), ("aaa", Kind.REPEAT)], costs.LETTER + costs.REPEAT),
        ("aaa", [("a", LETTER), ("aa", Kind.REPEAT)], costs.LETTER + costs.REPEAT + costs.SHORT_REPEAT_MORE),
        ("aa", [("a", LETTER), ("a", LETTER)], 2 * costs.LETTER),
        ("ababab", [("a", LETTER), ("b", LETTER), ("abab", Kind.REPEAT)], 2 * costs.LETTER + costs.REPEAT),
        ("abba", [("a", LETTER), ("b", LETTER), ("b", LETTER), ("a", LETTER)], 4 * costs.LETTER),
        ("kq7", [("k", LETTER), ("q", LETTER), ("7", DIGIT)], 2 * costs.LETTER + costs.DIGIT_AT_AN_END),
        ("7kq", [("7", DIGIT), ("k", LETTER), ("q", LETTER)], 2 * costs.LETTER + costs.DIGIT_AT_AN_END),
        ("k6q", [("k", LETTER), ("6", DIGIT), ("q", LETTER)], 2 * costs.LETTER + costs.DIGIT),
        ("!kq", [("!", MARK), ("k", LETTER), ("q", LETTER)], 2 * costs.LETTER + costs.MARK_AT_AN_END),
        ("k!q", [("k", LETTER), ("!", MARK), ("q", LETTER)], 2 * costs.LETTER + costs.MARK),
        ("k-q", [("k", LETTER), ("-", MARK), ("q", LETTER)], 2 * costs.LETTER + costs.USUAL_MARK),
        ("q😀q", [("q", LETTER), ("😀", MARK), ("q", LETTER)], 2 * costs.LETTER + costs.OTHER_CHARACTER),
        (
            "kq!!",
            [("k", LETTER), ("q", LETTER), ("!", MARK), ("!", MARK)],
            2 * costs.LETTER + costs.MARK_AT_AN_END + costs.SAME_MARK,
        ),
        (
            "k..q",
            [("k", LETTER), (".", MARK), (".", MARK), ("q", LETTER)],
            2 * costs.LETTER + costs.USUAL_MARK + costs.SAME_MARK,
        ),
        (
            "k.q.w",
            [("k", LETTER), (".", MARK), ("q", LETTER), (".", MARK), ("w", LETTER)],
            3 * costs.LETTER + costs.USUAL_MARK + costs.SAME_MARK_ELSEWHERE,
        ),
        (
            "dragonxkdragon",
            [("dragon", PASSWORD), ("x", LETTER), ("k", LETTER), ("dragon", Kind.REPEAT)],
            costs.COMMON_PASSWORD + 2 * costs.LETTER + costs.FAR_REPEAT,
        ),
        (
            "kkk!k!k",
            [("k", LETTER), ("kk", Kind.REPEAT), ("!", MARK), ("k!k", Kind.REPEAT)],
            costs.LETTER + costs.REPEAT + costs.SHORT_REPEAT_MORE + costs.MARK + costs.REPEAT + costs.SHORT_REPEAT_MORE,
        ),
    ],
)
def test_several_parts_are_the_cheapest_there_are(text: str, expected: list[tuple[str, Kind]], bits: float) -> None:
    reading = read(text)
    assert parts(reading) == expected
    assert reading.bits == pytest.approx(bits)


@pytest.mark.parametrize("text", ["jane", "jaane", "j4ne", "nhs", "jan"])
def test_a_word_of_the_person_costs_little_however_it_is_mangled(text: str) -> None:
    reading = read(text, own=JANE)
    assert parts(reading) == [(text, OWN)]
    assert reading.bits == pytest.approx(costs.OWN_WORD)


def test_a_word_of_the_person_backwards_costs_more_and_only_from_four_letters_on() -> None:
    reading = read("enaj", own=JANE)
    assert (parts(reading), reading.bits) == ([("enaj", OWN)], costs.OWN_WORD + costs.BACKWARDS)
    assert reading.parts[0].mangling == {Mangling.BACKWARDS}
    assert OWN not in {kind for _, kind in parts(read("naj", own={"jan": "your name"}))}


def test_a_word_that_runs_across_a_place_where_words_were_joined_costs_more() -> None:
    assert read("football", boundaries=frozenset({4})).bits == costs.COMMON_PASSWORD + costs.ACROSS_A_BOUNDARY
    assert read("footballdragon", boundaries=frozenset({8})).bits == 2 * costs.COMMON_PASSWORD


def test_at_the_limit_there_is_no_reading() -> None:
    def is_read(limit: float) -> bool:
        return cheapest_reading("dragon", lists=lists(), own={}, limit=limit) is not None

    assert not is_read(costs.COMMON_PASSWORD)
    assert is_read(costs.COMMON_PASSWORD + 0.1)


@pytest.mark.parametrize(
    ("password", "text", "bits", "mangling"),
    [
        ("Dragon", "dragon", 0, None),
        ("dRaGoN", "dragon", costs.IRREGULAR_CAPITAL, None),
        ("aB1cD", "ab1cd", 3 * costs.IRREGULAR_CAPITAL, None),
        ("aB1cD1eF1gH", "ab1cd1ef1gh", costs.MOST_FOR_CAPITALS, None),
        ("d.r.a.g.o.n", "dragon", costs.MARKS_LEFT_OUT + costs.EACH_MARK_LEFT_OUT, Mangling.SEPARATORS),
        ("d.r-a.g-o.n", "dragon", costs.MARKS_LEFT_OUT + 2 * costs.EACH_MARK_LEFT_OUT, Mangling.SEPARATORS),
        ("сat", "cat", costs.LOOK_ALIKES, Mangling.LOOK_ALIKES),
        ("a!b@c#", "a1b2c3", costs.SHIFT + 3 * costs.EACH_SHIFTED, None),
        ("a!!", "a11", costs.SHIFT + 2 * costs.EACH_SHIFTED, None),
        ("p1a2s3s4", "pass 1234", costs.WOVEN, None),
        ("a1b2c3", "abc 123", costs.WOVEN, None),
    ],
)
def test_a_password_may_be_something_else_underneath(
    password: str, text: str, bits: float, mangling: Mangling | None
) -> None:
    ways = {way.text: way for way in ways_to_unmangle(password)}
    assert text in ways
    assert ways[text].bits == pytest.approx(bits)
    assert ways[text].mangling == ({mangling} if mangling else set())


@pytest.mark.parametrize(
    ("password", "text"),
    [("d.r-a_g.o.n", "dragon"), ("a!", "a1"), ("1a2b3", "ab 123"), ("foot-ball-club", "footballclub")],
    ids=["three kinds of separators", "one mark with Shift", "four changes", "three words joined by marks"],
)
def test_what_people_do_not_do_is_not_undone(password: str, text: str) -> None:
    assert text not in {way.text for way in ways_to_unmangle(password)}


@pytest.mark.parametrize(
    ("password", "boundaries"),
    [
        ("foot-ball-club", {5, 10}),
        ("FootBallClub", {4, 8}),
        ("foot-ball", set()),
        ("FoBarBaz", set()),
        ("FoOtBaLl", set()),
    ],
)
def test_words_are_plainly_joined_where_there_are_three_or_more(password: str, boundaries: set[int]) -> None:
    first, *_ = ways_to_unmangle(password)
    assert first.boundaries == boundaries


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("jqxkz", "a few letters"),
        ("xkqjzw!!", "a few letters with symbols added"),
        ("84719264", "mostly numbers"),
        ("847192!!", "mostly numbers"),
        ("2026", "a date"),
    ],
)
def test_what_holds_no_word_is_said_as_a_pattern(password: str, said: str) -> None:
    assert [found.what for found in common_passwords.recognise(password=password, own_words={})] == [said]


def said(text: str, *parts: Part, mangling: Mangling | None = None, own: dict[str, str] | None = None) -> str:
    whole = frozenset({mangling} if mangling else ())
    return what_it_is(Reading(text, parts, 1.0, whole), own_spellings(own or {}))


def test_a_repeat_of_four_characters_with_a_letter_is_a_word_repeated() -> None:
    word = Part(0, 4, PASSWORD)
    assert said("pasapasa", word, Part(4, 8, Kind.REPEAT)) == "a common password repeated"
    assert said("pasaasa", word, Part(4, 7, Kind.REPEAT)) == "a common password with a few letters added"
    assert said("pasa1111", word, Part(4, 8, Kind.REPEAT)) == "a common password with numbers added"
    assert said("pasa!!!!", word, Part(4, 8, Kind.REPEAT)) == "a common password with symbols added"


def test_of_several_words_it_is_said_how_many_and_of_which_kind() -> None:
    two = (Part(0, 4, PASSWORD), Part(4, 8, PASSWORD))
    assert said("passdrag", *two) == "two common passwords joined together"
    assert said("passdrag", two[0], Part(4, 8, WORD)) == "two common words joined together"
    assert said("passdragpass", *two, Part(8, 12, PASSWORD)) == "common passwords joined together"
    assert said("passjane", two[0], Part(4, 8, OWN), own=JANE) == "your name and a common password"


def test_no_more_than_two_additions_are_said_each_once() -> None:
    parts = [Part(0, 4, PASSWORD), Part(4, 5, MARK), Part(5, 9, Kind.YEAR), Part(9, 10, MARK), Part(10, 11, DIGIT)]
    assert said("pass!2026!7", *parts) == "a common password with symbols and a year added"


def test_the_mangling_of_the_whole_is_said_like_that_of_a_word() -> None:
    word = Part(0, 6, PASSWORD)
    assert said("dragon", word, mangling=Mangling.SEPARATORS) == "a common password with symbols between the letters"
    backwards = Part(0, 6, PASSWORD, frozenset({Mangling.BACKWARDS}))
    assert said("nogard", backwards) == "a common password written backwards"


def test_most_of_a_reading_decides_whether_it_is_nothing_common() -> None:
    few_letters = Reading("jqx!", (Part(0, 1, LETTER), Part(1, 2, LETTER), Part(2, 3, LETTER), Part(3, 4, MARK)), 1.0)
    assert has_nothing_common(few_letters)
    assert not has_nothing_common(Reading("7777", (Part(0, 1, DIGIT), Part(1, 4, Kind.REPEAT)), 1.0))
    assert not has_nothing_common(Reading("jane", (Part(0, 4, OWN),), 1.0))
    assert not has_nothing_common(Reading("pass", (Part(0, 4, PASSWORD),), 1.0))


@pytest.mark.parametrize("written", ["jane", "j4ne", "j.a.n.e", "jjaannee", "enaj", "3n4j"])
def test_it_is_known_whose_word_it_is_however_it_is_mangled(written: str) -> None:
    assert what_own_word_is(written, own_spellings({"jane": "your name", "nhs": "the word “NHS”"})) == "your name"


@pytest.mark.parametrize(
    ("password", "is_personal"),
    [
        ("smithdragon", False),
        ("janesmithdragon", True),
        ("dragonsmith", False),
        ("smithhtimsdragon", False),
        ("monkeysmith1985", False),
        ("smithdrago", True),
        ("smith1985monkey", False),
        ("janesmithmonkey1985", True),
    ],
)
def test_a_password_that_is_weak_anyhow_is_personal_where_half_of_its_letters_are_the_persons(
    password: str, is_personal: bool
) -> None:
    found = recognise(password=password, own_words=JANE)
    assert found
    assert any(one.personal for one in found) is is_personal
