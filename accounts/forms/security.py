"""Reads what the security page and the pages below it are told."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.password import PasswordField


class ConfirmForm(forms.Form):
    """The password, by which a person confirms that it is they."""

    current_password = PasswordField(
        label=_("Current password"),
        autocomplete="current-password",
        required=_("Enter your current password"),
    )
