"""The form for an excuse from the second step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identifiers import normalise_username
from accounts.models import SecondStepExcuse, User
from helpdesk.unchanged_stays import UnchangedStays
from nhsuk.wording import spoken_date
from people.services import rights, second_step_excuses

if TYPE_CHECKING:
    import datetime


class ExcuseForm(UnchangedStays):
    """Whom an agent excuses, why, and until when. The person is typed by username: a list would have thousands."""

    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=100,
        help_text=gettext_lazy("Of the person to excuse, like 999JSMITH01. It stands on their page."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "vTextField"}),
    )
    # Set by the admin's page before the form is used: the agent who fills it in.
    by: User

    class Meta:
        model = SecondStepExcuse
        fields = ("reason", "review_on")
        help_texts = {
            "reason": gettext_lazy(
                "Why this person cannot have a second step, in words that an auditor may read. Nothing about their "
                "health."
            ),
            "review_on": gettext_lazy(
                "The last day on which no second step is required of them, within a year. Then it is required again."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields.pop("username", None)

    def clean_username(self) -> str:
        """Find the person. Raises ValidationError, which is the same for an unknown one and for one of elsewhere."""
        typed = normalise_username(self.cleaned_data["username"])
        person = User.objects.filter(username=typed).first()
        if person is None or not rights.may_see(by=self.by, person=person):
            sentence = _("There is no person with this username whom you may excuse. Check it on their page.")
            raise ValidationError(sentence)
        already = SecondStepExcuse.objects.in_effect().filter(user=person).first()
        if already is not None:
            sentence = _("This person is excused already, until %(day)s. Find that excuse on the list, and change it.")
            raise ValidationError(sentence % {"day": spoken_date(already.review_on)})
        self.instance.user = person
        return typed

    def clean_review_on(self) -> datetime.date:
        """Return the last day, where it is one that an excuse can have. Raises ValidationError."""
        typed: datetime.date = self.cleaned_data["review_on"]
        problem = second_step_excuses.day_problem(review_on=typed)
        if problem:
            raise ValidationError(problem)
        return typed

    def clean(self) -> dict[str, Any]:
        """Refuse staff."""
        facts = super().clean()
        person = getattr(self.instance, "user", None)
        problem = second_step_excuses.staff_problem(person=person) if person else ""
        if problem:
            self.add_error("username" if "username" in self.fields else None, problem)
        return facts
