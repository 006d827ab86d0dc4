"""The cheapest reading of a password: as words, dates, runs, repeats and single characters.

A password is worth the guesses of somebody who knows how people dress passwords up. Each part of a reading costs the
bits of naming it (prices.py), and the cheapest way to read the whole is what an attacker needs. The method is that of
zxcvbn (Wheeler, USENIX Security 2016), with other prices and more kinds of dressing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from accounts.services.common_passwords import prices
from accounts.services.common_passwords.dates import dates_from
from accounts.services.common_passwords.keyboard import SHORTEST_RUN, key_runs_from, order_runs_from
from accounts.services.common_passwords.lists import Lists
from accounts.services.common_passwords.parts import Dressing, Kind, Part, Reading
from accounts.services.common_passwords.words import Found, WordFinder

_COUNTED = frozenset({"123", "1234", "12345", "123456", "321"})
_USUAL_MARKS = frozenset("-_. &+")
# A mark is dressing up to this far from either end; further in, it was chosen.
_END = 3
_UNDRESSED: frozenset[Dressing] = frozenset()


def cheapest_reading(
    text: str, *, lists: Lists, own: Mapping[str, str], limit: float, boundaries: frozenset[int] = frozenset()
) -> Reading | None:
    """Return the cheapest reading of a plain text, or None where it costs `limit` bits or more.

    `own` are the person's words as words.own_spellings gives them; `boundaries` are the places where two words were
    plainly put together. The work is bounded: it stops where every way to go on costs the limit, which for anything
    but a few repeated characters is after some twenty.
    """
    length = len(text)
    # The bits of the cheapest way to read up to each place, and its last part: start, kind, dressing.
    cheapest = [0.0] + [limit] * length
    last: list[tuple[int, Kind, frozenset[Dressing]] | None] = [None] * (length + 1)
    singles = _single_characters(text)
    finder = WordFinder(text, lists=lists, own=own, boundaries=boundaries)
    for start in range(length):
        so_far = cheapest[start]
        if so_far >= limit:
            if min(cheapest[start:]) >= limit:
                return None
            continue
        for end, kind, bits, dressing in _parts_from(text, start, singles, finder):
            if so_far + bits < cheapest[end]:
                cheapest[end] = so_far + bits
                last[end] = (start, kind, dressing)
    if cheapest[length] >= limit:
        return None
    parts: list[Part] = []
    at = length
    while (step := last[at]) is not None:
        parts.append(Part(step[0], at, step[1], step[2]))
        at = step[0]
    return Reading(text=text, parts=tuple(reversed(parts)), bits=cheapest[length])


def _parts_from(text: str, start: int, singles: list[tuple[Kind, float]], finder: WordFinder) -> Iterator[Found]:
    kind, bits = singles[start]
    yield start + 1, kind, bits, _UNDRESSED
    yield from finder.words_from(start)
    for end, kind, bits in dates_from(text, start):
        yield end, kind, bits, _UNDRESSED
    for end in order_runs_from(text, start):
        yield end, Kind.IN_ORDER, _price_of_order(text[start:end]), _UNDRESSED
    for end, turns in key_runs_from(text, start):
        straight = prices.KEYS if end - start > SHORTEST_RUN else prices.THREE_KEYS
        yield end, Kind.KEYS, straight + prices.TURN * turns, _UNDRESSED
    yield from _repeats_from(text, start)
    yield from _mirrored_from(text, start)


def _price_of_order(run: str) -> float:
    if run in _COUNTED:
        return prices.COUNTING
    if not run.isalpha():
        return prices.IN_ORDER
    return prices.LETTERS_IN_ORDER if len(run) > SHORTEST_RUN else prices.THREE_LETTERS_IN_ORDER


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
        more = prices.SHORT_REPEAT_MORE if length < enough else 0.0
        if just_before:
            yield end, Kind.REPEAT, prices.REPEAT + more, _UNDRESSED
        elif length > 2:
            yield end, Kind.REPEAT, prices.FAR_REPEAT + more, _UNDRESSED


def _mirrored_from(text: str, start: int) -> Iterator[Found]:
    """Yield what begins at `start` and mirrors what stands just before it, as in "dragonnogard"."""
    end = start
    while end < len(text) and 2 * start - end > 0 and text[end] == text[2 * start - end - 1]:
        end += 1
        if end - start > SHORTEST_RUN:
            yield end, Kind.MIRRORED, prices.MIRRORED, _UNDRESSED


def _single_characters(text: str) -> list[tuple[Kind, float]]:
    """Return for each character what it is, and its price where nothing more is known about it."""
    letters = [at for at, c in enumerate(text) if c.isalpha()]
    first, last = (letters[0], letters[-1]) if letters else (-1, len(text))
    found: list[tuple[Kind, float]] = []
    seen: set[str] = set()
    for at, c in enumerate(text):
        around = not first <= at <= last
        if not c.isalnum():
            near_an_end = around and (at < _END or at >= len(text) - _END)
            again = at > 0 and (around or text[at - 1] == c)
            found.append((Kind.MARK, _price_of_mark(c, seen=c in seen, again=again, near_an_end=near_an_end)))
            seen.add(c)
        elif not c.isascii():
            found.append((Kind.LETTER, prices.OTHER_CHARACTER))
        elif c.isdigit():
            found.append((Kind.DIGIT, prices.DIGIT_AT_AN_END if around else prices.DIGIT))
        else:
            found.append((Kind.LETTER, prices.LETTER))
    return found


def _price_of_mark(mark: str, *, seen: bool, again: bool, near_an_end: bool) -> float:
    if seen:
        return prices.SAME_MARK if again else prices.SAME_MARK_ELSEWHERE
    if near_an_end:
        return prices.MARK_AT_AN_END
    if mark in _USUAL_MARKS:
        return prices.USUAL_MARK
    return prices.MARK if mark.isascii() else prices.OTHER_CHARACTER
