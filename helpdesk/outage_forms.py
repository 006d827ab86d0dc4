"""When an outage was and what it did, as a lead types it."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.models.outage_unlock import Cause
from helpdesk.organisation_choice import OrganisationChoice
from helpdesk.proposal_forms import ReasonField
from nhsuk.wording import spoken_time

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from accounts.models import User

TODAY, YESTERDAY = "today", "yesterday"
# What the form begins with: the last hours.
LATELY = datetime.timedelta(hours=2)
# Hours, and minutes after a colon or a full stop; morning or afternoon where it is said.
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?(am|pm)?", re.ASCII)


class TimeField(forms.CharField):
    """A time of day, as people write it: "8:15am", "08.15", "20:15", "9pm"."""

    def __init__(self, *, asks: StrPromise, **facts: Any) -> None:
        self.asks = asks
        super().__init__(
            max_length=20,
            error_messages={"required": asks},
            widget=forms.TextInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-5"}),
            **facts,
        )

    def clean(self, value: Any) -> datetime.time:
        """Return the time. Raises ValidationError."""
        typed = "".join(unicodedata.normalize("NFKC", super().clean(value)).casefold().split())
        named = {"midday": "12pm", "noon": "12pm", "midnight": "12am"}.get(typed, typed)
        found = _TIME.fullmatch(named)
        hour, minute, half = (int(found[1]), int(found[2] or 0), found[3]) if found else (99, 0, None)
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half:
            hour = 99
        if hour > 23 or minute > 59:
            raise ValidationError(self.asks)
        return datetime.time(hour, minute)


class OutageForm(OrganisationChoice):
    """The cause and the time of an outage; of a national administrator, whose people too."""

    cause = forms.ChoiceField(
        label=gettext_lazy("What kept people out?"), choices=Cause.choices, widget=forms.RadioSelect
    )
    day = forms.ChoiceField(
        label=gettext_lazy("On which day did it begin?"),
        choices=[(TODAY, gettext_lazy("Today")), (YESTERDAY, gettext_lazy("Yesterday"))],
        widget=forms.RadioSelect,
    )
    begins = TimeField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("For example, 8:15am or 14:30"),
        asks=gettext_lazy("Enter the time from which people were kept out, like 8:15am or 14:30"),
    )
    ends = TimeField(
        label=gettext_lazy("To"),
        help_text=gettext_lazy("Earlier than “From” is a time on the next day"),
        asks=gettext_lazy("Enter the time until which people were kept out, like 8:15am or 14:30"),
    )
    field_order = ("organisation", "cause", "day", "begins", "ends")

    def __init__(self, *args: Any, sees_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_all:
            del self.fields["organisation"]

    def outage(self, *, by: User) -> dict[str, Any]:
        """Return what was typed, once it is right, as helpdesk/services/outage.preview takes it."""
        typed = self.cleaned_data
        day = timezone.localdate() - datetime.timedelta(days=typed["day"] == YESTERDAY)
        begins_at = min(_moments(day, typed["begins"]))
        last_day = day if typed["ends"] > typed["begins"] else day + datetime.timedelta(days=1)
        ends_at = max(_moments(last_day, typed["ends"]))
        organisation: Organisation | None = by.organisation
        if "organisation" in self.fields:
            organisation = Organisation.objects.filter(code=typed["organisation"]).first()
        return {
            "organisation": organisation,
            "cause": Cause(typed["cause"]),
            "begins_at": begins_at,
            "ends_at": ends_at,
        }


class UnlockForm(forms.Form):
    """What the lead knows of the outage: kept with each event."""

    note = ReasonField(label=gettext_lazy("What happened, and who said so?"))


def beginning() -> dict[str, str]:
    """Return what the form begins with: the hours until now."""
    now = timezone.localtime()
    begins = now - LATELY
    return {
        "cause": Cause.WRONG_PASSWORDS.value,
        "day": TODAY if begins.date() == now.date() else YESTERDAY,
        "begins": spoken_time(begins),
        # What was a minute ago is to be in it.
        "ends": spoken_time(now + datetime.timedelta(minutes=1)),
    }


def _moments(day: datetime.date, time: datetime.time) -> list[datetime.datetime]:
    """Return the moments that a time of a day may be: where the clocks are changed, by those before and after it.

    They are in UTC, or the clocks would be compared and not the moments.
    """
    meant = datetime.datetime.combine(day, time, tzinfo=timezone.get_current_timezone())
    return [meant.replace(fold=fold).astimezone(datetime.UTC) for fold in (0, 1)]
