"""The forms on a person's page of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.forms.date_of_birth import DateOfBirthField
from accounts.models.security_event import LONGEST_NOTE
from helpdesk.sentence_field import SentenceField
from nhsuk.date_input import DateField

if TYPE_CHECKING:
    from accounts.models import User


class NoteForm(forms.Form):
    """Which caller, and why: kept with the event of each action."""

    note = SentenceField(
        label=gettext_lazy("Who called, and why?"),
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("Kept with what you do. No passwords, codes or dates of birth."),
        error_messages={"required": gettext_lazy("Say who called, and why")},
    )


class DateOfBirthForm(NoteForm):
    """A date that a caller says. It is compared, and neither shown again nor kept."""

    date_of_birth = DateOfBirthField(
        label=gettext_lazy("Date of birth that the caller gives"), help_text=gettext_lazy("For example, 15 3 1984")
    )
    field_order = ("date_of_birth", "note")


class LastDayForm(NoteForm):
    """Another last day, or none. `was` is the one that the page has shown."""

    last_day = DateField(
        called=gettext_lazy("Last day"),
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("For example, 31 3 2027. Leave it empty for no last day."),
        earliest_year=2000,
        required=False,
    )
    was = forms.DateField(required=False, widget=forms.HiddenInput)
    field_order = ("last_day", "note", "was")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("was", person.ends_on)
