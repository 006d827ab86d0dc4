"""Which dates an import, the admin and the command line read, and how they refuse the others."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.services import person_facts


@pytest.mark.parametrize("text", ["2026-11-05", "05/11/2026", "5/11/2026", "2026-11-5", "05.11.2026", "5.11.2026"])
def test_a_date_is_read_as_iso_or_with_the_day_first(text: str) -> None:
    assert person_facts.read_date(text=text) == datetime.date(2026, 11, 5)


@pytest.mark.parametrize(
    "text",
    ["05-NOV-2026", "5-Nov-2026", "5 November 2026", "5 Nov. 2026", "05/Nov/2026", "05.nov.2026", "05NOV2026"],
)
def test_a_date_is_read_with_the_name_of_its_month(text: str) -> None:
    assert person_facts.read_date(text=text) == datetime.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("text", "month"), [("5 Tachwedd 2026", 11), ("5-Tach-2026", 11), ("5 Gorffennaf 2026", 7), ("05CHWEF2026", 2)]
)
def test_the_name_may_be_welsh(text: str, month: int) -> None:
    assert person_facts.read_date(text=text) == datetime.date(2026, month, 5)


@pytest.mark.parametrize("date", ["2026-11-05", "05/11/2026", "05.11.2026", "05-NOV-2026", "5 Nov 2026"])
@pytest.mark.parametrize("time", [" 00:00:00", " 00:00", "T00:00:00", " 00:00:00.000", " 00:00:00,0000000"])
def test_midnight_behind_a_date_is_no_part_of_it(date: str, time: str) -> None:
    assert person_facts.read_date(text=date + time) == datetime.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("11/22/2026", "day first"),
        ("22/11/26", "all four"),
        ("22-11-26", "all four"),
        ("31/02/2026", "no such day"),
        ("2026-00-10", "no such day"),
        ("0000-01-01", "no such day"),
        ("2026/11/22", "not a date"),
        ("22 Brumaire 2026", "not a date"),
        ("22-NOV-26", "all four"),
        ("22NOV26", "all four"),
        ("22 Nov. 26", "all four"),
        ("22-Gorffennaf-26", "all four"),
        ("11.22.2026", "day first"),
        ("31-FEB-2026", "no such day"),
        ("0-FEB-2026", "no such day"),
        ("22-11-2026", "not a date"),
        ("22-NO-2026", "not a date"),
        ("22-NOV/2026", "not a date"),
        ("22.11/2026", "not a date"),
        ("22-NOVEMBER-20260", "not a date"),
        ("November 22 2026", "not a date"),
        ("２０２６-11-22", "not a date"),
        ("45983", "not a date"),
        ("2026-11-22 14:30:00", "a time of day"),
        ("2026-11-21T23:00:00Z", "a time of day"),
        ("22/11/26 00:00", "all four"),
        ("2026-11-22 00:00:00 00:00", "a time of day"),
        ("2026-11-22\n00:00", "not a date"),
        ("00:00:00", "not a date"),
        (" 00:00:00", "not a date"),
        ("2026-11-22\n", "not a date"),
        ("", "not a date"),
    ],
)
def test_any_other_date_is_refused_with_how_to_write_it(text: str, says: str) -> None:
    with pytest.raises(person_facts.NotADate, match=says):
        person_facts.read_date(text=text)


@given(st.text() | st.from_regex(r"[0-9]{1,4}[-/][0-9]{1,4}[-/][0-9]{1,4}", fullmatch=True))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    with contextlib.suppress(person_facts.NotADate):
        assert isinstance(person_facts.read_date(text=text), datetime.date)


@pytest.mark.parametrize(
    "text",
    [
        *("23/04/80", "31/02/1980", "04/23/1980", "23 Avril 1980", "23-APR-80", "23.04.80", "31-APR-1980"),
        *("04.23.1980", "1980-04-23 07:00:00", "23/04/1980 7:00"),
    ],
)
def test_a_refusal_does_not_repeat_the_date(text: str) -> None:
    """Threat: the text is a date of birth, and stays in a terminal's history or a log."""
    with pytest.raises(person_facts.NotADate) as refusal:
        person_facts.read_date(text=text)
    assert "80" not in str(refusal.value)
