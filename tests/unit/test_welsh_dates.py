"""Dates, times and numbers in Welsh, by the portal's words and by Django's, and the forms of words behind a number."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import formats, timezone, translation
from django.utils.translation import ngettext
from django.views.i18n import JSONCatalog

from helpdesk.admin.base import to_the_second
from nhsuk import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.travel import Travel

MONTHS = ["Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"]
MONTHS += ["Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"]
HOUR = datetime.timedelta(hours=1)
AFTERNOON = datetime.datetime(2026, 2, 3, 14, 35, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def in_welsh() -> Iterator[None]:
    with translation.override("cy"):
        yield


def test_months_are_spelt_as_wales_spells_them() -> None:
    said = [wording.spelt_date(3, month, 2026) for month in range(1, 13)]
    assert said == [f"3 {month} 2026" for month in MONTHS]
    assert [formats.date_format(datetime.date(2026, month, 3)) for month in range(1, 13)] == said


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(0, 0, "hanner nos"), (12, 0, "hanner dydd"), (9, 0, "9am"), (14, 35, "2:35pm"), (0, 5, "12:05am")],
)
def test_times_are_said_as_in_english(hour: int, minute: int, said: str) -> None:
    moment = AFTERNOON.replace(hour=hour, minute=minute)
    assert wording.spoken_time(moment) == said
    assert wording.spoken_moment(moment) == f"3 Chwefror 2026 am {said}"


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        (2 * HOUR / 60, "2 funud"),
        (3 * HOUR / 60, "3 munud"),
        (HOUR, "1 awr"),
        (24 * HOUR, "1 diwrnod"),
        (48 * HOUR, "2 ddiwrnod"),
        (400 * 24 * HOUR, "400 diwrnod"),
    ],
)
def test_what_is_counted_begins_as_its_number_has_it(lasts: datetime.timedelta, said: str) -> None:
    assert wording.spoken_duration(lasts) == said


def test_a_wait_and_what_is_past_are_one_phrase(travel: Travel) -> None:
    travel.to(AFTERNOON)
    now = timezone.now()
    waits = [now + 2 * HOUR / 3600, now + HOUR, now + 24 * HOUR]
    assert [wording.spoken_wait(until) for until in waits] == [
        "ymhen 2 eiliad",
        "am 3:36pm",
        "am 2:36pm ar 4 Chwefror 2026",
    ]
    assert wording.spoken_ago(now - 2 * HOUR / 60, now) == "2 funud yn ôl"
    assert wording.spoken_ago(now - 2 * HOUR, now) == "ar 3 Chwefror 2026 am 12:35pm"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (AFTERNOON, "3 Chwefror 2026, 2:35 p.m."),
        (AFTERNOON.replace(hour=9, minute=0), "3 Chwefror 2026, 9 a.m."),
        (AFTERNOON.replace(hour=12, minute=0), "3 Chwefror 2026, hanner dydd"),
        (AFTERNOON.date(), "3 Chwefror 2026"),
        (1234567, "1234567"),
        (1.5, "1.5"),
    ],
)
def test_the_admin_shows_them_as_in_english(value: Any, said: str) -> None:
    assert Template("{{ value }}").render(Context({"value": value})) == said


def test_lists_and_charts_shorten_the_month() -> None:
    assert to_the_second(AFTERNOON) == "03 Chw 2026 14:35:12"
    assert Template('{{ number|floatformat:"0g" }}').render(Context({"number": 1234567})) == "1,234,567"


@pytest.mark.parametrize("what", ["DATE_INPUT_FORMATS", "DATETIME_INPUT_FORMATS", "FIRST_DAY_OF_WEEK"])
def test_what_may_be_typed_in_the_admin_is_the_same(what: str) -> None:
    assert formats.get_format(what, lang="cy") == formats.get_format(what, lang="en-gb")


def test_a_message_of_ours_has_the_six_forms_of_welsh_and_one_of_django_has_its_own_four() -> None:
    """Each catalogue has its rule: Django's numbers the second form 1, and ours 2."""
    ours = [ngettext("%(number)s wrong password", "%(number)s wrong passwords", n) for n in (1, 2, 3, 4, 6, 11)]
    assert [said.removeprefix("%(number)s ") for said in ours] == [
        "cyfrinair anghywir",
        "gyfrinair anghywir",
        "chyfrinair anghywir",
        "cyfrinair anghywir",
        "chyfrinair anghywir",
        "cyfrinair anghywir",
    ]
    assert [ngettext("%d year", "%d years", n) for n in (1, 2, 4)] == ["%d blwyddyn", "%d flynedd", "%d blwyddyn"]


def test_the_scripts_of_the_admin_get_six_forms_and_the_months_too() -> None:
    view = JSONCatalog()
    view.packages = ["django.contrib.admin"]
    told = json.loads(view.get(RequestFactory().get("/")).content)
    assert told["plural"] == "(n==0) ? 0 : (n==1) ? 1 : (n==2) ? 2 : (n==3) ? 3 : (n==6) ? 4 : 5"
    assert len(told["catalog"]["Note: You are %s hour ahead of server time."]) == 6
    assert told["catalog"]["July"] == "Gorffennaf"
    assert told["catalog"]["one letter Monday\x04M"] == "Ll"


@pytest.mark.parametrize(("language", "numbers"), [("en-gb", [1]), ("cy", [0, 1, 2, 3, 6])])
def test_a_script_is_given_each_form_of_the_language(language: str, numbers: list[int]) -> None:
    with translation.override(language):
        forms = wording.number_forms()
        said = {
            form.number: ngettext("%(number)s wrong password", "%(number)s wrong passwords", form.number)
            for form in forms
        }
        others = [ngettext("%(number)s wrong password", "%(number)s wrong passwords", n) for n in range(12)]
    assert [form.number for form in forms if form.of_one_number] == numbers
    assert others == [said.get(n, said[forms[-1].number]) for n in range(12)]
