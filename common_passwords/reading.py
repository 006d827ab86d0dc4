"""The cheapest reading of a password: as words, dates, runs, repeats and single characters.

A password is worth the guesses of an attacker who knows how people mangle passwords. Each part of a reading costs the
bits of naming it (costs.py), and the cheapest way to read the whole is what the attacker needs. The method is that of
zxcvbn (Wheeler, USENIX Security 2016), with other costs and more kinds of mangling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from common_passwords import costs
from common_passwords.dates import dates_from
from common_passwords.keyboard import SHORTEST_RUN, key_runs_from, order_runs_from, zigzags_from
from common_passwords.lists import Lists
from common_passwords.parts import Kind, Mangling, Part, Reading
from common_passwords.postcodes import postcodes_from
from common_passwords.words import Found, WordFinder

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_COUNTED = frozenset({"123", "1234", "12345", "123456", "321"})
_USUAL_MARKS = frozenset("-_. &+")
# A mark is mangling up to this far from either end; further in, it was chosen.
_END = 3
_PLAIN: frozenset[Mangling] = frozenset()


def cheapest_reading(
    text: str, *, lists: Lists, own: Mapping[str, StrOrPromise], limit: float, boundaries: frozenset[int] = frozenset()
) -> Reading | None:
    """Return the cheapest reading of a plain text, or None where it costs `limit` bits or more.

    `own` are the person's words as words.own_spellings gives them; `boundaries` are the places where two words were
    plainly put together. The work is bounded: it stops where every way to go on costs the limit, which for anything
    but a few repeated characters is after some twenty.
    """
    length = len(text)
    # The bits of the cheapest way to read up to each place, and its last part: start, kind, mangling.
    cheapest = [0.0] + [limit] * length
    last: list[tuple[int, Kind, frozenset[Mangling]] | None] = [None] * (length + 1)
    singles = _single_characters(text)
    finder = WordFinder(text, lists=lists, own=own, boundaries=boundaries)
    for start in range(length):
        so_far = cheapest[start]
        if so_far >= limit:
            if min(cheapest[start:]) >= limit:
                return None
            continue
        before = last[start]
        for end, kind, bits, mangling in _parts_from(text, start, singles, finder, after=before[1] if before else None):
            if so_far + bits < cheapest[end]:
                cheapest[end] = so_far + bits
                last[end] = (start, kind, mangling)
    if cheapest[length] >= limit:
        return None
    parts: list[Part] = []
    at = length
    while (step := last[at]) is not None:
        parts.append(Part(step[0], at, step[1], step[2]))
        at = step[0]
    return Reading(text=text, parts=tuple(reversed(parts)), bits=cheapest[length])


def _parts_from(
    text: str, start: int, singles: list[tuple[Kind, float]], finder: WordFinder, *, after: Kind | None
) -> Iterator[Found]:
    kind, bits = singles[start]
    yield start + 1, kind, bits, _PLAIN
    yield from finder.words_from(start)
    yield from finder.joins_from(start, after=after)
    for end, kind, bits in dates_from(text, start):
        yield end, kind, bits, _PLAIN
    for end in order_runs_from(text, start):
        yield end, Kind.IN_ORDER, _cost_of_order(text[start:end]), _PLAIN
    for end, turns in key_runs_from(text, start):
        straight = costs.KEYS if end - start > SHORTEST_RUN else costs.THREE_KEYS
        yield end, Kind.KEYS, straight + costs.TURN * turns, _PLAIN
    for end in zigzags_from(text, start):
        yield end, Kind.KEYS, costs.ZIGZAG, _PLAIN
    for end in postcodes_from(text, start):
        yield end, Kind.POSTCODE, costs.POSTCODE, _PLAIN
    yield from _repeats_from(text, start)
    yield from _mirrored_from(text, start)


def _cost_of_order(run: str) -> float:
    if run in _COUNTED:
        return costs.COUNTING
    if not run.isalpha():
        return costs.IN_ORDER
    return costs.LETTERS_IN_ORDER if len(run) > SHORTEST_RUN else costs.THREE_LETTERS_IN_ORDER


def _repeats_from(text: str, start: int) -> Iterator[Found]:
    """Yield what begins at `start` and stood before it already; it may run on into itself, as in "ababab"."""
    for end in range(start + 2, len(text) + 1):
        before = text.rfind(text[start:end], 0, end - 1)
        if before < 0:
            return
        length = end - start
        just_before = before + length >= start
        # Four of one character in a row are plainly a repeat; three that occur again may be chance.
        enough = SHORTEST_RUN if before == start - 1 else SHORTEST_RUN + 1
        more = costs.SHORT_REPEAT_MORE if length < enough else 0.0
        if just_before:
            yield end, Kind.REPEAT, costs.REPEAT + more, _PLAIN
        elif length > 2:
            yield end, Kind.REPEAT, costs.FAR_REPEAT + more, _PLAIN


def _mirrored_from(text: str, start: int) -> Iterator[Found]:
    """Yield what begins at `start` and mirrors what stands just before it, as in "dragonnogard"."""
    end = start
    while end < len(text) and 2 * start - end > 0 and text[end] == text[2 * start - end - 1]:
        end += 1
        if end - start > SHORTEST_RUN:
            yield end, Kind.MIRRORED, costs.MIRRORED, _PLAIN


def _single_characters(text: str) -> list[tuple[Kind, float]]:
    """Return for each character what it is, and its cost where nothing more is known about it."""
    letters = [at for at, c in enumerate(text) if c.isalpha()]
    first, last = (letters[0], letters[-1]) if letters else (-1, len(text))
    found: list[tuple[Kind, float]] = []
    seen: set[str] = set()
    for at, c in enumerate(text):
        around = not first <= at <= last
        if c.isalnum():
            found.append(_letter_or_digit(c, around=around))
            continue
        near_an_end = around and (at < _END or at >= len(text) - _END)
        again = at > 0 and (around or text[at - 1] == c)
        found.append((Kind.MARK, _cost_of_mark(c, seen=c in seen, again=again, near_an_end=near_an_end)))
        seen.add(c)
    return found


def _letter_or_digit(character: str, *, around: bool) -> tuple[Kind, float]:
    if not character.isascii():
        return Kind.LETTER, costs.OTHER_CHARACTER
    if character.isdigit():
        return Kind.DIGIT, costs.DIGIT_AT_AN_END if around else costs.DIGIT
    return Kind.LETTER, costs.LETTER


def _cost_of_mark(mark: str, *, seen: bool, again: bool, near_an_end: bool) -> float:
    if seen:
        return costs.SAME_MARK if again else costs.SAME_MARK_ELSEWHERE
    if near_an_end:
        return costs.MARK_AT_AN_END
    if mark in _USUAL_MARKS:
        return costs.USUAL_MARK
    return costs.MARK if mark.isascii() else costs.OTHER_CHARACTER
