"""Reads the personal address of a person who leaves."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.recovery import EmailAddressField


class PersonalAddressForm(forms.Form):
    """One email address."""

    email = EmailAddressField(
        label=_("Personal email address"),
        help_text=_("One that is yours after your last day, like name@example.com."),
        error_messages={
            "required": _("Enter your personal email address"),
            "invalid": _("Enter an email address in the correct format, like name@example.com"),
            "letters": _("Enter the part before the @ in plain letters, a to z, without accents"),
        },
    )
