"""Dates and times as people say them. Source: NHS service manual, "Numbers, measurements, dates and time"."""

import datetime
import math

from django.utils import timezone


def spoken_time(moment: datetime.datetime) -> str:
    """Return the time of day here: "2:35pm", "9am", "midday", "midnight"."""
    local = timezone.localtime(moment)
    if local.minute == 0 and local.hour in {0, 12}:
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def spoken_date(day: datetime.date) -> str:
    """Return a date: "22 November 2026"."""
    return f"{day.day} {day:%B %Y}"


def spoken_duration(lasts: datetime.timedelta) -> str:
    """Return how long something lasts, in the largest unit that it is a whole number of: "400 days", "1 hour"."""
    seconds = int(lasts.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % length == 0:
            number = seconds // length
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


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
    seconds = math.ceil((until - now).total_seconds())
    if seconds <= 60:
        return f"in {max(seconds, 1)} second{'s' if seconds > 1 else ''}"
    full = until_the_minute(until)
    day = timezone.localdate(full)
    return f"at {spoken_time(full)}" + ("" if day == timezone.localdate(now) else f" on {spoken_date(day)}")
