"""Dates and times as people say them. Source: NHS service manual, "Numbers, measurements, dates and time".

Each sentence and phrase is one message of a catalogue, with names for what is put in, so that a translator can put it
elsewhere (Django, "Translation", "Lazy translation" and "Pluralization").
"""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.functional import lazy
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Each of these numbers has a form of its own in a language, and all others have one together (CLDR, "Language Plural
# Rules"). Where a language is not named, 1 alone has one.
_NUMBERS_WITH_FORMS: dict[str, tuple[int, ...]] = {"cy": (0, 1, 2, 3, 6)}
_ANY_OTHER = 100


def spoken_time(moment: datetime.datetime) -> str:
    """Return the time of day here: "2:35pm", "9am", "midday", "midnight"."""
    local = timezone.localtime(moment)
    if local.minute == 0 and local.hour in {0, 12}:
        return _("midday") if local.hour else _("midnight")
    time = f"{local.hour % 12 or 12}:{local.minute:02}" if local.minute else f"{local.hour % 12 or 12}"
    return (_("%(time)sam") if local.hour < 12 else _("%(time)spm")) % {"time": time}


def spoken_date(day: datetime.date) -> str:
    """Return a date: "22 November 2026"."""
    return spelt_date(day.day, day.month, day.year)


def spelt_date(day: int, month: int, year: int) -> str:
    """Return a date in words, also where the calendar has no such day."""
    return _("%(day)s %(month)s %(year)s") % {"day": day, "month": MONTHS[month], "year": year}


def spoken_moment(moment: datetime.datetime) -> str:
    """Return a day and the time on it: "22 November 2026 at 2:35pm"."""
    facts = {"date": spoken_date(timezone.localdate(moment)), "time": spoken_time(moment)}
    return _("%(date)s at %(time)s") % facts


def spoken_ago(moment: datetime.datetime, now: datetime.datetime) -> str:
    """Return when something was: "3 minutes ago" within the hour, else "on 22 November 2026 at 2:35pm"."""
    past = now - moment
    if past < datetime.timedelta(hours=1):
        full = max(minutes(past), 1)
        return ngettext("%(number)s minute ago", "%(number)s minutes ago", full) % {"number": full}
    return _("on %(moment)s") % {"moment": spoken_moment(moment)}


def spoken_duration(lasts: datetime.timedelta) -> str:
    """Return how long something lasts, in the largest unit that it is a whole number of: "400 days", "1 hour"."""
    seconds = int(lasts.total_seconds())
    if seconds and seconds % 86400 == 0:
        days = seconds // 86400
        return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
    if seconds and seconds % 3600 == 0:
        hours = seconds // 3600
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    if seconds and seconds % 60 == 0:
        return spoken_minutes(seconds // 60)
    return ngettext("%(number)s second", "%(number)s seconds", seconds) % {"number": seconds}


def spoken_minutes(number: int) -> str:
    """Return so many minutes, however many they are: "90 minutes"."""
    return ngettext("%(number)s minute", "%(number)s minutes", number) % {"number": number}


class NumberForm(NamedTuple):
    """A form of words behind a number: that of `number` alone, or of it and all others that have none of their own."""

    number: int
    of_one_number: bool


def number_forms() -> list[NumberForm]:
    """Return the forms that words have behind numbers in this language, for a script, which counts without a server."""
    own = _NUMBERS_WITH_FORMS.get(get_language() or "", (1,))
    return [*(NumberForm(number, of_one_number=True) for number in own), NumberForm(_ANY_OTHER, of_one_number=False)]


def minutes(lasts: datetime.timedelta) -> int:
    """Return how many full minutes something lasts, for a sentence that goes on "minutes"."""
    return int(lasts.total_seconds()) // 60


def until_the_minute(moment: datetime.datetime) -> datetime.datetime:
    """Return the first full minute at or after `moment`, so that what a page promises is true to the second."""
    full = moment.replace(second=0, microsecond=0)
    return full if full == moment else full + datetime.timedelta(minutes=1)


def spoken_wait(until: datetime.datetime) -> str:
    """Return how long there is to wait: "in 8 seconds", "at 2:35pm", "at 2:35pm on 23 November 2026"."""
    now = timezone.now()
    seconds = max(math.ceil((until - now).total_seconds()), 1)
    if seconds <= 60:
        return ngettext("in %(number)s second", "in %(number)s seconds", seconds) % {"number": seconds}
    full = until_the_minute(until)
    day, time = timezone.localdate(full), spoken_time(full)
    if day == timezone.localdate(now):
        return _("at %(time)s") % {"time": time}
    return _("at %(time)s on %(date)s") % {"time": time, "date": spoken_date(day)}


def any_of(phrases: Iterable[str]) -> str:
    """Return phrases as one that names them all: "a or b or c"."""
    return functools.reduce(lambda first, last: _("%(first)s or %(last)s") % {"first": first, "last": last}, phrases)


def filled_in(sentence: StrPromise, **facts: object) -> StrPromise:
    """Return a lazy sentence with `facts` in its places. By `%` it would be translated here and now, for good."""
    return cast("StrPromise", _filled_in_later(sentence, facts))


def _filled_in(sentence: StrPromise, facts: Mapping[str, object]) -> str:
    return str(sentence) % facts


_filled_in_later = lazy(_filled_in, str)
# For what is made when a module is imported: the words are found when they are shown.
lazy_duration = lazy(spoken_duration, str)
