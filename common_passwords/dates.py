"""Years, dates, months, seasons and days of the week in English and Welsh, and numbers written as words."""

from __future__ import annotations

import re

# Django's other one asks the settings, which what builds the filter of leaked passwords has not read yet.
from django.utils.translation.trans_null import gettext_noop

from common_passwords import costs
from common_passwords.parts import Kind

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|ionawr|chwefror|mawrth|ebrill|mai|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_SEASONS = "spring|summer|autumn|winter|fall|easter|christmas|xmas|gwanwyn|haf|gaeaf|pasg|nadolig"
_WEEKDAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues|tue|wed|thurs|thur|thu|fri|sat|sun"
    r"|dydd\s?(?:llun|mawrth|mercher|iau|gwener|sadwrn|sul)"
)
_WHEN = f"(?:{_MONTHS}|{_SEASONS}|{_WEEKDAYS})"
_YEAR = "(?:19[2-9][0-9]|20[0-5][0-9])"
_SHORT_YEAR = "[0-9][0-9]"
_TWO_DIGIT_DAY, _TWO_DIGIT_MONTH = "(?:0[1-9]|[12][0-9]|3[01])", "(?:0[1-9]|1[0-2])"
_DAY, _MONTH = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
_ORDINAL = f"{_DAY}(?:st|nd|rd|th)?"
_BETWEEN = "[-_/. ]"
_MARK = "[-_/. @#!*+,]?"
_NUMBER = "(?:zero|one|two|three|four|five|six|seven|eight|nine|ten)"

# What it is, its pattern, and its cost. British order first, then American, then ISO 8601.
_PATTERNS = [
    (kind, re.compile(pattern), bits)
    for kind, pattern, bits in (
        (Kind.YEAR, _YEAR, costs.YEAR),
        (Kind.DATE, f"{_TWO_DIGIT_DAY}{_TWO_DIGIT_MONTH}{_YEAR}", costs.DATE),
        (Kind.DATE, f"{_TWO_DIGIT_MONTH}{_TWO_DIGIT_DAY}{_YEAR}", costs.DATE),
        (Kind.DATE, f"{_YEAR}{_TWO_DIGIT_MONTH}{_TWO_DIGIT_DAY}", costs.DATE),
        (Kind.DATE, f"{_TWO_DIGIT_DAY}{_TWO_DIGIT_MONTH}{_SHORT_YEAR}", costs.SHORT_DATE),
        (Kind.DATE, f"{_DAY}{_BETWEEN}{_MONTH}{_BETWEEN}(?:{_YEAR}|{_SHORT_YEAR})", costs.DATE),
        (Kind.DATE, f"{_MONTH}{_BETWEEN}{_DAY}{_BETWEEN}(?:{_YEAR}|{_SHORT_YEAR})", costs.DATE),
        (Kind.DATE, f"{_YEAR}{_BETWEEN}{_MONTH}{_BETWEEN}{_DAY}", costs.DATE),
        (Kind.DATE, f"{_ORDINAL}{_MARK}(?:{_MONTHS}){_MARK}(?:{_YEAR}|{_SHORT_YEAR})", costs.DATE),
        (Kind.DATE, f"(?:{_MONTHS}){_MARK}{_ORDINAL}{_MARK}(?:{_YEAR}|{_SHORT_YEAR})", costs.DATE),
        (Kind.MONTH_OR_SEASON, f"{_WHEN}{_MARK}{_YEAR}", costs.MONTH_WITH_YEAR),
        (Kind.MONTH_OR_SEASON, f"{_YEAR}{_MARK}{_WHEN}", costs.MONTH_WITH_YEAR),
        (Kind.MONTH_OR_SEASON, f"{_WHEN}{_MARK}{_SHORT_YEAR}", costs.MONTH_WITH_NUMBER),
        (Kind.MONTH_OR_SEASON, f"{_SHORT_YEAR}{_MARK}{_WHEN}", costs.MONTH_WITH_NUMBER),
        (Kind.NUMBER, f"{_NUMBER}(?:{_MARK}{_NUMBER})+", costs.NUMBERS_IN_WORDS),
    )
]
_SEASON_AND_YEAR = gettext_noop("a season and a year")
_WEEKDAY_AND_YEAR = gettext_noop("a day of the week and a year")
_DATE = gettext_noop("a date")
A_DATE = frozenset({_SEASON_AND_YEAR, _WEEKDAY_AND_YEAR, _DATE})
_SEASON_IN_IT, _WEEKDAY_IN_IT = re.compile(_SEASONS), re.compile(_WEEKDAYS)
_BEGIN_WITH_A_LETTER = [p for p in _PATTERNS if p[1].pattern.startswith((_WHEN, f"(?:{_MONTHS})", _NUMBER))]
_BEGIN_WITH_A_DIGIT = [p for p in _PATTERNS if p not in _BEGIN_WITH_A_LETTER]
# What begins with none of these need not be tried: most places of a password.
_FIRST_CHARACTERS = frozenset(
    "0123456789" + "".join(word[0] for word in f"{_MONTHS}|{_SEASONS}|{_WEEKDAYS}|{_NUMBER[3:-1]}".split("|"))
)


def what_date_is(text: str) -> str:
    """Return what a date, or a month, season or day of the week with a year is: one of A_DATE, not translated."""
    if _SEASON_IN_IT.search(text):
        return _SEASON_AND_YEAR
    return _WEEKDAY_AND_YEAR if _WEEKDAY_IN_IT.search(text) else _DATE


def dates_from(text: str, start: int) -> list[tuple[int, Kind, float]]:
    """Return the years, dates and so on that begin at `start`: for each its end, what it is, and its cost."""
    if text[start] not in _FIRST_CHARACTERS:
        return []
    patterns = _BEGIN_WITH_A_DIGIT if text[start].isdigit() else _BEGIN_WITH_A_LETTER
    found = ((pattern.match(text, start), kind, bits) for kind, pattern, bits in patterns)
    return [(match.end(), kind, bits) for match, kind, bits in found if match]
