"""Reads the recovery form and the new password that follows it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from accounts.forms.date_of_birth import DateOfBirthField
from accounts.identifiers import normalise_email

# RFC 5321: a mailbox has at most 254 characters.
LONGEST_EMAIL = 254
# What is longer even with blanks around it need not be read to the end.
LONGEST_TYPED = 1000


class EmailAddressField(forms.EmailField):
    """An email address in the spelling that look-ups use, however it is typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "Email address", "max_length": LONGEST_EMAIL, **kwargs})

    def to_python(self, value: Any) -> str:
        """Return the address without blanks and invisible marks, case-folded. Raises ValidationError."""
        if len(str(value or "")) > LONGEST_TYPED:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return normalise_email(super().to_python(value) or "")

    def run_validators(self, value: str) -> None:
        """Refuse what is no address, in one sentence however it fails. Raises ValidationError."""
        try:
            super().run_validators(value)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class RecoveryForm(forms.Form):
    """Email address and date of birth. Whether they are those of a person is decided in services/recovery/asking.py."""

    email = EmailAddressField(
        # The guide that staff are given, step 4.
        help_text=format_html(
            "{}<br>{}",
            "Staff, students and contractors: the NHS.net address provided by your organisation.",
            "Volunteers: the personal address that your organisation uses to communicate with you.",
        ),
        error_messages={
            "required": "Enter your email address",
            "invalid": "Enter an email address in the correct format, like name@nhs.net",
        },
    )
    date_of_birth = DateOfBirthField()
