"""Reads new passwords. Whether one will do is decided in services/password_policy.py, on every path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.services.password_policy import MAXIMUM_LENGTH, MINIMUM_LENGTH

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.services.password_policy import BrokenRule


class PasswordField(forms.CharField):
    """A password as it was typed: of any length and with its blanks, which are for the policy to judge."""

    def __init__(self, *, label: StrOrPromise, autocomplete: str, required: StrOrPromise, **attributes: str) -> None:
        super().__init__(
            label=label,
            strip=False,
            error_messages={
                "required": required,
                "null_characters_not_allowed": _("This has a character that cannot be typed. Type the password again."),
            },
            widget=forms.PasswordInput(attrs={"autocomplete": autocomplete, **attributes}),
        )


class NewPasswordField(PasswordField):
    """A password to be. RULES_ID is the element of its page that lists the rules.

    Password managers make one by `passwordrules`: https://developer.apple.com/password-rules/
    """

    RULES_ID = "password-rules"

    def __init__(self) -> None:
        super().__init__(
            label=_("New password"),
            autocomplete="new-password",
            required=_("Enter a new password"),
            passwordrules=f"minlength: {MINIMUM_LENGTH}; maxlength: {MAXIMUM_LENGTH};",
            **{"aria-describedby": self.RULES_ID},
        )


class NewPasswordForm(forms.Form):
    """A new password, typed once: the box can show it."""

    new_password = NewPasswordField()

    def typed_new_password(self) -> str:
        """Return the new password that was sent, also where something else in the form is wrong; "" where none was."""
        return str(self.cleaned_data.get("new_password", "")) if self.is_bound else ""

    def refuse(self, broken: Iterable[BrokenRule]) -> None:
        """Say every rule that the new password breaks."""
        for rule in broken:
            self.add_error("new_password", rule.message)


class RecoveredPasswordForm(NewPasswordForm):
    """A new password and, of a person with passkeys, whether to stop these."""

    stop_passkeys = forms.BooleanField(
        label=_("A phone, computer or security key of mine may have been stolen: stop my passkeys"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "nhsuk-checkboxes--small"}),
    )


class ChangePasswordForm(NewPasswordForm):
    """The current password and a new one."""

    current_password = PasswordField(
        label=_("Current password"),
        autocomplete="current-password",
        required=_("Enter your current password"),
    )
    field_order = ("current_password", "new_password")
