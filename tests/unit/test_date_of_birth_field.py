"""Dates of birth as people type them."""

from __future__ import annotations

import datetime

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from accounts.forms.date_of_birth import DateOfBirthField
from tests.support.travel import Travel


class _Form(forms.Form):
    born = DateOfBirthField()


def _sent(day: str, month: str, year: str) -> _Form:
    return _Form({"born_day": day, "born_month": month, "born_year": year})


def _refusal(day: str, month: str, year: str) -> list[str]:
    form = _sent(day, month, year)
    assert not form.is_valid()
    return [str(message) for message in list(form.errors["born"])]


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("15", "3", "1984"),
        ("15", "03", "1984"),
        (" 15 ", "\t3", "1984\u200b"),
        ("１５", "３", "１９８４"),
        ("15", "March", "1984"),
        ("15", "mar", "1984"),
        ("15", "Mar.", "1984"),
        ("15", " Mar . ", "1984"),
        ("15", "MARCH", "1984"),
        ("\u202e15", "3", "1984\0"),
    ],
)
def test_a_date_is_understood_however_it_is_typed(day: str, month: str, year: str) -> None:
    form = _sent(day, month, year)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"] == datetime.date(1984, 3, 15)


@pytest.mark.parametrize("name", ["Sept", "Sept.", "sep.", "September."])
def test_september_may_be_sept(name: str) -> None:
    assert _sent("1", name, "1990").is_valid()


WELSH_MONTHS = [
    ["Ionawr", "Ion"],
    ["Chwefror", "Chwef", "chwe."],
    ["Mawrth", "Maw"],
    ["Ebrill", "EBR"],
    ["Mai"],
    ["Mehefin", "Meh."],
    ["Gorffennaf", "Gorff", "Gor"],
    ["Awst", "Aws"],
    ["Medi", "Med"],
    ["Hydref", "Hyd"],
    ["Tachwedd", "Tach"],
    ["Rhagfyr", "Rhag."],
]


@pytest.mark.parametrize(("number", "name"), [(n, name) for n, names in enumerate(WELSH_MONTHS, 1) for name in names])
def test_months_are_read_in_welsh_too(number: int, name: str) -> None:
    form = _sent("15", name, "1984")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"] == datetime.date(1984, number, 15)


@pytest.mark.parametrize("month", ["Fe.", "Feb..", ".Feb", "2.", "...", "Februaryy", "Feb.ruary"])
def test_a_point_stands_only_at_the_end_of_a_name(month: str) -> None:
    assert _refusal("15", month, "1984") == ["Month must be a number between 1 and 12, or a name like March"]


def test_the_29th_of_february_exists_in_leap_years() -> None:
    assert _sent("29", "2", "1984").is_valid()
    assert _refusal("29", "2", "1983") == ["There is no 29 February 1983"]


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (("", "", ""), ["Enter your date of birth"]),
        (("  ", "\u200b", "\u00a0"), ["Enter your date of birth"]),
        (("", "3", "1984"), ["Date of birth must include a day"]),
        (("15", "", "1984"), ["Date of birth must include a month"]),
        (("", "", "1984"), ["Date of birth must include a day and a month"]),
        (("15", "3", ""), ["Date of birth must include a year"]),
        (("31", "2", "1984"), ["There is no 31 February 1984"]),
        (("31", "4", "1984"), ["There is no 31 April 1984"]),
        (("0", "3", "1984"), ["Day must be a number between 1 and 31"]),
        (("32", "3", "1984"), ["Day must be a number between 1 and 31"]),
        (("-1", "3", "1984"), ["Day must be a number between 1 and 31"]),
        (("1.5", "3", "1984"), ["Day must be a number between 1 and 31"]),
        (("15", "13", "1984"), ["Month must be a number between 1 and 12, or a name like March"]),
        (("15", "0", "1984"), ["Month must be a number between 1 and 12, or a name like March"]),
        (("15", "Ma", "1984"), ["Month must be a number between 1 and 12, or a name like March"]),
        (("15", "Frimaire", "1984"), ["Month must be a number between 1 and 12, or a name like March"]),
        (("15", "3", "84"), ["Year must be 4 numbers, like 1984"]),
        (("15", "3", "0"), ["Year must be 4 numbers, like 1984"]),
        (("15", "3", "0000"), ["Year must be 1900 or later"]),
        (("15", "3", "1899"), ["Year must be 1900 or later"]),
        (("15", "3", "19844"), ["Year must be 4 numbers, like 1984"]),
        (("15", "3", "9999"), ["Date of birth must be in the past"]),
        (("😀", "3", "1984"), ["Day must be a number between 1 and 31"]),
        (("\0", "3", "1984"), ["Date of birth must include a day"]),
        (("١٥", "3", "1984"), ["Day must be a number between 1 and 31"]),
        (("1" * 1_000_000, "3", "1984"), ["Day must be a number between 1 and 31"]),
        (("15", "a" * 1_000_000, "1984"), ["Month must be a number between 1 and 12, or a name like March"]),
        (("15", "3", "\ud800"), ["Date of birth must include a year"]),
    ],
)
def test_a_wrong_date_is_refused_in_plain_words(typed: tuple[str, str, str], sentences: list[str]) -> None:
    assert _refusal(*typed) == sentences


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert _refusal("x", "y", "84") == [
        "Day must be a number between 1 and 31",
        "Month must be a number between 1 and 12, or a name like March",
        "Year must be 4 numbers, like 1984",
    ]


def test_nobody_is_born_tomorrow(travel: Travel) -> None:
    travel.to(datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC))
    assert _sent("22", "11", "2026").is_valid()
    assert _refusal("23", "11", "2026") == ["Date of birth must be in the past"]


def test_boxes_that_were_not_sent_count_as_empty() -> None:
    form = _Form({"something": "else"})
    assert list(form.errors["born"]) == ["Enter your date of birth"]


def test_boxes_that_were_sent_twice_do_not_confuse_it() -> None:
    form = _Form(QueryDict("born_day=1&born_day=15&born_month=3&born_year=1984&born_year=1984"))
    assert form.is_valid()
    assert form.cleaned_data["born"] == datetime.date(1984, 3, 15)


def test_a_date_that_need_not_be_given_may_be_missing() -> None:
    assert DateOfBirthField(required=False).clean(DateOfBirthField.widget().format_value(None)) is None


def test_a_known_date_is_shown_in_the_boxes() -> None:
    shown = str(_Form(initial={"born": datetime.date(1984, 3, 5)}))
    assert 'value="5"' in shown
    assert 'value="1984"' in shown


# The first page of a process compiles the macros, which takes longer than Hypothesis expects of one example.
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_typed_is_a_date_or_a_sentence(day: str, month: str, year: str) -> None:
    form = _sent(day, month, year)
    if form.is_valid():
        assert isinstance(form.cleaned_data["born"], datetime.date)
    else:
        assert all(sentence[0].isupper() for sentence in _refusal(day, month, year))
    str(form)
