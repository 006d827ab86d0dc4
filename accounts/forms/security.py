"""Reads what the security page and the pages below it are told."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.password import PasswordField
from accounts.services.second_step.passkeys import LONGEST_NAME


class ConfirmForm(forms.Form):
    """The password, by which a person confirms that it is they."""

    current_password = PasswordField(
        label=_("Current password"),
        autocomplete="current-password",
        required=_("Enter your current password"),
    )


class PasskeyNameForm(forms.Form):
    """What the person calls a passkey."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Enter a name"),
            "max_length": _("The name must be 60 characters or fewer"),
            "null_characters_not_allowed": _("This has a character that cannot be typed. Type the name again."),
        },
    )
