"""The form for a person's record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.recovery import EmailAddressField
from accounts.identifiers import normalise_care_identity
from accounts.models import Organisation, User
from accounts.models.role import NO_ROLE, Role
from helpdesk.unchanged_stays import UnchangedStays
from people.services import care_identity_links, people, person_facts, rights

# Not "date_of_birth": Django fills a field with the model's name from the record.
DATE_OF_BIRTH = "new_date_of_birth"
# Not "care_identity", which the model has too: a service of its own stores it.
CARE_IDENTITY = "care_identity_number"


class WriteOnlyInput(forms.TextInput):
    """A box that never shows what is stored or was typed."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return what the box is made of, without a value."""
        return super().get_context(name, None, attrs)


class PersonForm(UnchangedStays):
    """What an agent types about a person. It has no password, and does not show the stored date of birth.

    `roles` are those that it offers. Without `has_facts` it has the boxes of the admin's page alone.
    """

    # Set by the admin's page before the form is used.
    roles: frozenset[str] = frozenset()
    has_facts = True

    new_date_of_birth = forms.CharField(
        label=gettext_lazy("Date of birth"),
        max_length=40,
        required=False,
        widget=WriteOnlyInput(attrs={"autocomplete": "off", "inputmode": "text", "class": "vTextField"}),
    )

    care_identity_number = forms.CharField(
        label=gettext_lazy("Care Identity"),
        max_length=30,
        required=False,
        help_text=gettext_lazy(
            "Twelve digits, like 5555 1234 5678: whoever has this smartcard gets in with it. Empty: nobody does. "
            "The person is told by email."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "vTextField"}),
    )

    class Meta:
        model = User
        fields = ("organisation", *(field for field in people.PERSON_FIELDS if field != "date_of_birth"))
        field_classes = {"email": EmailAddressField}
        help_texts = {
            "email": gettext_lazy("The mail with their username goes there. Volunteers may have any address."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        self._offer_roles()
        if self.has_facts:
            self._ask_for_a_date_of_birth(is_new=is_new)
        else:
            del self.fields[DATE_OF_BIRTH], self.fields[CARE_IDENTITY]
        if not is_new:
            self._show_what_is_on_record()

    def _offer_roles(self) -> None:
        role = self.fields.get("role")
        if isinstance(role, forms.TypedChoiceField):
            role.choices = [(NO_ROLE, _("No role")), *((role.value, role.label) for role in Role if role in self.roles)]

    def _ask_for_a_date_of_birth(self, *, is_new: bool) -> None:
        date_of_birth = self.fields[DATE_OF_BIRTH]
        date_of_birth.required = is_new
        date_of_birth.help_text = (
            _("Like 15/3/1984. It is never shown again.")
            if is_new
            else _("Never shown. Type one, like 15/3/1984, to replace the one on record.")
        )

    def _show_what_is_on_record(self) -> None:
        # These let a person in: on a record that is there they change by a proposal (helpdesk/services/proposals).
        for way_in in (CARE_IDENTITY, *rights.WAYS_IN):
            self.fields.pop(way_in, None)

    def clean_given_name(self) -> str:
        """Return the name as it is stored."""
        return person_facts.tidy_name(self.cleaned_data["given_name"])

    def clean_family_name(self) -> str:
        """Return the name as it is stored."""
        return person_facts.tidy_name(self.cleaned_data["family_name"])

    def clean_new_date_of_birth(self) -> str:
        """Put a typed date of birth on the record. Raises ValidationError, without the date in it."""
        typed = self.cleaned_data[DATE_OF_BIRTH].strip()
        if typed:
            try:
                self.instance.date_of_birth = person_facts.read_date(text=typed)
            except person_facts.NotADate as problem:
                raise ValidationError(str(problem)) from None
        return ""

    def clean_care_identity_number(self) -> str:
        """Return the number as it is stored, or "". Raises ValidationError."""
        uid = normalise_care_identity(self.cleaned_data[CARE_IDENTITY])
        problem = person_facts.care_identity_problem(uid=uid) if uid else ""
        if problem:
            raise ValidationError(problem)
        return uid

    def clean(self) -> dict[str, Any]:
        """Look for the ESR number and the Care Identity among the organisation's, to refuse them beside their boxes."""
        facts = super().clean()
        organisation = self.instance.organisation if self.instance.pk else facts.get("organisation")
        if organisation:
            self._refuse_taken_employee_number(facts.get("employee_number"), organisation)
            self._refuse_taken_care_identity(facts.get(CARE_IDENTITY), organisation)
        return facts

    def _refuse_taken_employee_number(self, number: str | None, organisation: Organisation) -> None:
        if not number or "employee_number" not in self.changed_data:
            return
        if people.employee_number_is_taken(employee_number=number, organisation=organisation, but=self.instance.pk):
            self.add_error("employee_number", _("Somebody else at this organisation has this ESR number."))

    def _refuse_taken_care_identity(self, uid: str | None, organisation: Organisation) -> None:
        if uid is None or CARE_IDENTITY not in self.changed_data:
            return
        # Also where it is taken away (""): the organisation is locked before the person, as everywhere.
        other = care_identity_links.other_person_with(uid=uid, organisation=organisation, but=self.instance.pk)
        if other is not None:
            self.add_error(CARE_IDENTITY, str(care_identity_links.LinkedToAnotherPerson(other)))

    def _post_clean(self) -> None:
        """Check the record as it would be stored, with the rules that the import has."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            self._check_rules()
        typed = DATE_OF_BIRTH in self.fields and self.data.get(self.add_prefix(DATE_OF_BIRTH))
        if self.errors and typed and DATE_OF_BIRTH not in self.errors:
            self.add_error(DATE_OF_BIRTH, _("Type the date of birth again: it is not shown."))

    def _check_rules(self) -> None:
        """Add what is wrong with the fields that were changed.

        An old fault in another field must not stop an agent from keeping a leaver out.
        """
        person, typed = self.instance, set(self.changed_data)
        if DATE_OF_BIRTH in typed:
            typed.add("date_of_birth")
        for field, depends_on in (("email", "person_type"), ("ends_on", "starts_on")):
            if depends_on in typed:
                typed.add(field)
        for field, problem in person_facts.problems(person=person).items():
            if person.pk is None or field in typed:
                beside = {"date_of_birth": DATE_OF_BIRTH}.get(field, field)
                # What is wrong with an address because of a new type is said beside the type.
                self.add_error(beside if beside in self.fields else "person_type", problem)
