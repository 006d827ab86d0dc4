"""Reads the form of Manage Internet Access. Whether the password will do is decided in services/password_policy.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.password import NewPasswordForm

YES, NO = "yes", "no"
CHANGED_MEANWHILE = gettext_lazy(
    "Your password or your email address was changed somewhere else just now. Look at this page again"
)


class InternetAccessForm(NewPasswordForm):
    """Whether the email address that is shown is the person's, and a new password."""

    is_their_email = forms.ChoiceField(
        label=gettext_lazy("Is this your email address?"),
        choices=[(YES, gettext_lazy("Yes")), (NO, gettext_lazy("No"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Select yes if this is your email address"),
            "invalid_choice": gettext_lazy("Select yes if this is your email address"),
        },
    )
    field_order = ("is_their_email", "new_password")

    def __init__(self, *args: Any, masked_email: str, email_digest: str, contact: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An answer is about the address that the page showed. Of another one the person has yet to say whose it is.
        if self.is_bound and self.confirmed_email() != email_digest:
            self.data = {name: value for name, value in self.data.items() if name != "is_their_email"}
            self.fields["is_their_email"].error_messages["required"] = CHANGED_MEANWHILE
        self.fields["is_their_email"].help_text = _("%(masked_email)s (the dots hide the part before the @)") % {
            "masked_email": masked_email
        }
        self._contact = contact

    def clean_is_their_email(self) -> str:
        """Return "yes". Raises ValidationError, which names the contact, where the answer was no."""
        if self.cleaned_data["is_their_email"] == NO:
            raise forms.ValidationError(
                _(
                    "Ask your organisation to correct your email address first, or we would write to somebody"
                    " else. Email %(contact)s and state your Name and ESR number"
                )
                % {"contact": self._contact}
            )
        return YES

    def confirmed_email(self) -> str:
        """Return the digest of the address that the page showed, as it came back; "" where nothing was sent."""
        return str(self.data.get("email_shown", ""))
