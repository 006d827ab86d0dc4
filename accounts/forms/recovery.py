"""Reads the recovery form and the new password that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import email_addresses, mail_domains
from accounts.forms.date_of_birth import DateOfBirthField
from accounts.identifiers import normalise_email

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What is longer even with blanks around it need not be read to the end.
LONGEST_TYPED = 1000


def _two_lines(first: StrOrPromise, second: StrOrPromise) -> SafeString:
    return format_html("{}<br>{}", first, second)


class EmailAddressField(forms.EmailField):
    """An email address in the spelling that look-ups use, however it is typed.

    Its errors are two: "letters" where a letter before the @ is none that mail servers take, else "invalid".
    """

    # What an address may be is said by email_addresses.fault.
    default_validators = []
    default_error_messages = {
        "invalid": gettext_lazy("Enter a valid email address."),
        "letters": gettext_lazy(
            "No mail can reach this address: before the @ is a letter that mail servers do not take. "
            "Ask for the address in plain letters, a to z."
        ),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("Email address"), "max_length": email_addresses.LONGEST, **kwargs})

    def to_python(self, value: Any) -> str:
        """Return the address as identifiers.normalise_email spells it. Raises ValidationError."""
        if len(str(value or "")) > LONGEST_TYPED:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return normalise_email(super().to_python(value) or "")

    def run_validators(self, value: str) -> None:
        """Refuse what mail cannot reach, in one sentence however it fails. Raises ValidationError."""
        fault = email_addresses.fault(value) if value else None
        if fault:
            code = "letters" if fault is email_addresses.Fault.LETTERS else "invalid"
            raise ValidationError(self.error_messages[code], code=code)


class RecoveryForm(forms.Form):
    """Email address and date of birth. Whether they are those of a person is decided in services/recovery/asking.py.

    Where the address looks like a slip (mail_domains.py), the form asks which is right and takes either answer. An
    answer is an address, so that it is none once another address is typed.
    """

    email = EmailAddressField(
        # The guide that staff are given, step 4.
        help_text=lazy(_two_lines, SafeString)(
            gettext_lazy("Staff, students and contractors: the NHS.net address provided by your organisation."),
            gettext_lazy("Volunteers: the personal address that your organisation uses to communicate with you."),
        ),
        error_messages={
            "required": gettext_lazy("Enter your email address"),
            "invalid": gettext_lazy("Enter an email address in the correct format, like name@nhs.net"),
            "letters": gettext_lazy(
                "Enter the part before the @ in plain letters, a to z, without accents. It is the email "
                "address that your organisation has for you"
            ),
        },
    )
    date_of_birth = DateOfBirthField()

    def clean(self) -> dict[str, Any]:
        """Return what was typed, with the address that the person says is right. Adds the question where needed."""
        cleaned = super().clean() or self.cleaned_data
        typed = cleaned.get("email", "")
        meant = mail_domains.probably_meant(email=typed)
        if meant:
            self._add_question(meant, typed)
            answer = self.data.get(self.add_prefix("which_email"))
            if answer in {meant, typed}:
                cleaned["email"] = answer
            else:
                self.add_error(
                    "which_email", _("Did you mean %(meant)s? Select which email address is right") % {"meant": meant}
                )
        return cleaned

    def _add_question(self, meant: str, typed: str) -> None:
        self.fields["which_email"] = forms.ChoiceField(
            label=_("Which email address is right?"),
            choices=[(meant, meant), (typed, _("%(typed)s, as it was typed") % {"typed": typed})],
            required=False,
            widget=forms.RadioSelect,
        )
        self.order_fields(["email", "which_email"])
