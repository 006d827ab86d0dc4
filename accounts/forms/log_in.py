"""Reads the log-in form."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.password import PasswordField
from accounts.identifiers import Username, normalise_username, organisation_code
from accounts.services import log_in


class NextField(forms.CharField):
    """Where to go after log-in. What cannot be an address is passed over: a bad link must not stop a log-in."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean(self, value: object) -> str:
        """Return the address as it was sent, or ""."""
        try:
            return str(super().clean(value))
        except ValidationError:
            return ""


class LogInForm(forms.Form):
    """Username and password. What is wrong with them is never said: see services/log_in.py."""

    username = forms.CharField(
        label="Username",
        # Room for any name with blanks around it; no person has a longer one.
        max_length=254,
        strip=True,
        error_messages={
            "required": "Enter your username",
            "max_length": "Enter your username alone. It looks like 999JSMITH01",
            "null_characters_not_allowed": "Enter your username in letters and numbers, like 999JSMITH01",
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    password = PasswordField(label="Password", autocomplete="current-password", required="Enter your password")
    next = NextField()

    def clean_username(self) -> Username:
        """Return the username in its one spelling, for all that is done with it from here on."""
        return normalise_username(self.cleaned_data["username"])

    def typed_code(self) -> str:
        """Return the three digits that the username box begins with, for finding the employer's contact, or ""."""
        return organisation_code(self.data.get("username", "")) if self.is_bound else ""

    def typed_an_email(self) -> bool:
        """Return whether the username box holds an email address, so that the page can say what a username is."""
        return self.is_bound and log_in.looks_like_an_email(self.data.get("username", ""))
