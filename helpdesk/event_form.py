"""The form of the desk's page of events: what to look for."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.security_event import Event
from accounts.models.trusted_network import read_network
from accounts.services.recovery import looking_up
from helpdesk.event_search import Place, Wanted
from nhsuk.date_input import DateField

if TYPE_CHECKING:
    from accounts.models.trusted_network import Network

# No username, network or reference is longer.
LONGEST = 60
DAY = datetime.timedelta(days=1)
# The first events are of the portal's first year.
EARLIEST_YEAR = 2020


def _kinds() -> list[tuple[str, Any]]:
    """Return all kinds by their names, in the order of the alphabet."""
    return [("", _("Anything")), *sorted(Event.choices, key=lambda choice: str(choice[1]).casefold())]


class EventForm(forms.Form):
    """What is looked for. All boxes that are filled in have to fit."""

    person = forms.CharField(label=gettext_lazy("Username of the person"), required=False, max_length=LONGEST)
    agent = forms.CharField(label=gettext_lazy("Username of the agent who did it"), required=False, max_length=LONGEST)
    kind = forms.ChoiceField(label=gettext_lazy("What happened"), required=False, choices=_kinds)
    network = forms.CharField(
        label=gettext_lazy("Address or network"),
        help_text=gettext_lazy("For example, 192.0.2.0/24"),
        required=False,
        max_length=LONGEST,
    )
    reference = forms.CharField(
        label=gettext_lazy("Recovery reference"),
        help_text=gettext_lazy("For example, 7K3M-9QXT"),
        required=False,
        max_length=LONGEST,
    )
    since = DateField(
        called=gettext_lazy("First day"),
        label=gettext_lazy("First day"),
        earliest_year=EARLIEST_YEAR,
        required=False,
    )
    until = DateField(
        called=gettext_lazy("Last day"),
        label=gettext_lazy("Last day"),
        earliest_year=EARLIEST_YEAR,
        required=False,
    )

    def clean_network(self) -> Network | None:
        """Read an address, or a network."""
        typed = self.cleaned_data["network"].strip()
        return read_network(typed) if typed else None

    def clean_reference(self) -> str:
        """Read a reference as it is stored, however it was typed."""
        typed = self.cleaned_data["reference"].strip()
        reference = looking_up.reference_in(typed)
        if typed and not reference:
            raise ValidationError(_("Type a recovery reference like 7K3M-9QXT."))
        return reference

    def clean(self) -> None:
        """Refuse a last day before the first."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day must be the first day or after it."))

    def wanted(self) -> Wanted:
        """Return what is looked for, of a form that is valid."""
        facts = self.cleaned_data
        return Wanted(
            person=facts["person"].strip(),
            agent=facts["agent"].strip(),
            kind=facts["kind"],
            network=facts["network"],
            reference=facts["reference"],
            since=_start_of(facts["since"]) if facts["since"] else None,
            until=_end_of(facts["until"]) if facts["until"] else None,
        )


def place_in(text: str) -> Place | None:
    """Return the place that the address of a next page holds, or None where it holds none."""
    at, _, key = text.partition("~")
    try:
        moment = datetime.datetime.fromisoformat(at)
        # Near the ends of the calendar there is none in UTC.
        place = Place(moment.astimezone(datetime.UTC), int(key))
    except (ValueError, OverflowError):
        return None
    return place if moment.tzinfo is not None and abs(place.key) < 2**63 else None


def spelt(place: Place) -> str:
    """Return a place as the address of a next page holds it."""
    return f"{place.at.astimezone(datetime.UTC).isoformat()}~{place.key}"


def _end_of(day: datetime.date) -> datetime.datetime | None:
    """Return when a day is over, or None for the last of the calendar, which has no end."""
    return _start_of(day + DAY) if day < datetime.date.max else None


def _start_of(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
