"""Reads the address that a person wants on their record."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.recovery import EmailAddressField


class EmailCorrectionForm(forms.Form):
    """One email address."""

    email = EmailAddressField(
        label=_("New email address"),
        help_text=_("The one that your organisation gave you. Volunteers: the one by which it reaches you."),
        error_messages={
            "required": _("Enter the new email address"),
            "invalid": _("Enter an email address in the correct format, like name@nhs.net"),
            "letters": _("Enter the part before the @ in plain letters, a to z, without accents"),
        },
    )
