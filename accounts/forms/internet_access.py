"""Reads the form of Manage Internet Access. Whether the password will do is decided in services/password_policy.py."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms.password import NewPasswordForm

YES, NO = "yes", "no"


class InternetAccessForm(NewPasswordForm):
    """Whether the email address that is shown is the person's, and a new password."""

    is_their_email = forms.ChoiceField(
        label="Is this your email address?",
        choices=[(YES, "Yes"), (NO, "No")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select yes if this is your email address",
            "invalid_choice": "Select yes if this is your email address",
        },
    )
    field_order = ("is_their_email", "new_password")

    def __init__(self, *args: Any, masked_email: str, contact: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_their_email"].help_text = f"{masked_email} (the dots hide the part before the @)"
        self._contact = contact

    def clean_is_their_email(self) -> str:
        """Return "yes". Raises ValidationError, which names the contact, where the answer was no."""
        if self.cleaned_data["is_their_email"] == NO:
            raise forms.ValidationError(
                "Ask your organisation to correct your email address first, or we would write to somebody else. "
                f"Email {self._contact} and state your Name and ESR number"
            )
        return YES

    def confirmed_email(self) -> str:
        """Return the digest of the address that the page showed, as it came back; "" where nothing was sent."""
        return str(self.data.get("email_shown", ""))
