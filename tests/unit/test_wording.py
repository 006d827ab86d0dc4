"""Times, dates and lists in words, in the language of the moment in which they are shown."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from accounts.forms.date_of_birth import DateOfBirthField
from accounts.models.security_event import Event
from nhsuk import wording
from nhsuk.date_input import DatePartsInput
from tests.support.travel import Travel

HOUR = datetime.timedelta(hours=1)


@pytest.mark.parametrize(
    ("lasts", "words"),
    [
        (400 * 24 * HOUR, "400 days"),
        (24 * HOUR, "1 day"),
        (HOUR, "1 hour"),
        (1.5 * HOUR, "90 minutes"),
        (HOUR / 60, "1 minute"),
        (HOUR / 40, "90 seconds"),
        (HOUR / 3600, "1 second"),
        (0 * HOUR, "0 seconds"),
    ],
)
def test_a_duration_is_said_in_its_largest_whole_unit(lasts: datetime.timedelta, words: str) -> None:
    assert wording.spoken_duration(lasts) == words
    assert str(wording.lazy_duration(lasts)) == words


def test_a_wait_is_said_in_seconds_or_until_when(travel: Travel) -> None:
    travel.to(datetime.datetime(2026, 11, 22, 14, 34, 30, tzinfo=datetime.UTC))
    now = timezone.now()
    waits = [now, now + HOUR / 3600, now + HOUR / 450, now + HOUR, now + 24 * HOUR]
    assert [wording.spoken_wait(until) for until in waits] == [
        "in 1 second",
        "in 1 second",
        "in 8 seconds",
        "at 3:35pm",
        "at 2:35pm on 23 November 2026",
    ]


def test_several_are_named_with_or() -> None:
    assert wording.any_of(["@nhs.net"]) == "@nhs.net"
    assert wording.any_of(["a", "b", "c"]) == "a or b or c"


def test_what_is_made_at_import_is_said_in_the_language_of_the_page() -> None:
    # Django's own catalogues have these words in Welsh and French.
    sentence = wording.filled_in(gettext_lazy("Log out"))
    assert str(sentence) == "Log out"
    with translation.override("cy"):
        assert str(sentence) == "Allgofnodi"
    with translation.override("fr"):
        assert "novembre" in wording.spoken_date(datetime.date(2026, 11, 22))


def test_facts_are_put_into_their_places() -> None:
    sentence = wording.filled_in(gettext_lazy("%(day)s in %(time)s"), day=5, time=wording.lazy_duration(HOUR))
    assert str(sentence) == "5 in 1 hour"


@pytest.mark.parametrize(
    ("boxes", "sentence"),
    [
        (("", "4", "1980"), "Date of birth must include a day"),
        (("", "", "1980"), "Date of birth must include a day and a month"),
        (("", "4", ""), "Date of birth must include a day and a year"),
        (("23", "", ""), "Date of birth must include a month and a year"),
        (("31", "2", "1980"), "There is no 31 February 1980"),
    ],
)
def test_a_date_says_what_it_lacks_in_one_sentence(boxes: tuple[str, str, str], sentence: str) -> None:
    field = DateOfBirthField()
    typed = dict(zip(("d_day", "d_month", "d_year"), boxes, strict=True))
    with pytest.raises(ValidationError) as refused:
        field.clean(DatePartsInput().value_from_datadict(typed, None, "d"))
    assert refused.value.messages == [sentence]


def test_what_is_stored_is_a_code_in_any_language() -> None:
    assert {type(event.value) for event in Event} == {str}
    assert all(event.value == event.name.lower() for event in Event)


@pytest.mark.parametrize(
    ("address", "markup"),
    [
        ("jo.smith@nhs.net", "jo<wbr>.smith<wbr>@nhs<wbr>.net"),
        ("<b>&@nhs.net", "&lt;b&gt;&amp;<wbr>@nhs<wbr>.net"),
        ("5550 0000 0101", "5550 0000 0101"),
        ("", ""),
    ],
)
def test_an_address_goes_on_in_the_next_line_before_its_at_or_a_full_stop(address: str, markup: str) -> None:
    assert Template("{% load nhsuk %}{{ address|breakable }}").render(Context({"address": address})) == markup
