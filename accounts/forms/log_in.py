"""Reads the log-in form."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import session_limits
from accounts.forms.password import PasswordField
from accounts.identifiers import Username, follows, normalise_username, organisation_code
from accounts.models.user import EMPLOYEE_NUMBER_FORM, USERNAME_FORM
from accounts.services import log_in
from nhsuk import wording

# Room for any name with blanks around it; no person has a longer one.
LONGEST_USERNAME = 254


# What the page says of what stands in the username box and cannot be a username.
EMAIL = _("You typed an email address.")
ESR_NUMBER = _("You typed an ESR number.")
NO_USERNAME = _("What you typed does not look like a username.")


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


class SharedComputerField(forms.BooleanField):
    """Whether other people use the computer too, as the person says before they log in."""

    def __init__(self) -> None:
        super().__init__(
            label=_("This is a shared computer"),
            help_text=wording.filled_in(
                _("You are logged out after %(lasts)s without use, and nothing is remembered here"),
                lasts=wording.lazy_duration(session_limits.SHARED_IDLE),
            ),
            required=False,
            widget=forms.CheckboxInput(attrs={"class": "nhsuk-checkboxes--small"}),
        )


class PasskeyLogInForm(forms.Form):
    """What stands beside a passkey on the log-in page: its ticks, and where to go afterwards."""

    remember_username = forms.BooleanField(required=False)
    shared = forms.BooleanField(required=False)
    next = NextField()


class LogInForm(forms.Form):
    """Username and password. What is wrong with them is never said: see services/log_in.py."""

    username = forms.CharField(
        label=_("Username"),
        max_length=LONGEST_USERNAME,
        strip=True,
        help_text=_("For example, 999JSMITH01"),
        error_messages={
            "required": _("Enter your username"),
            "max_length": _("Enter your username alone. It looks like 999JSMITH01"),
            "null_characters_not_allowed": _("Enter your username in letters and numbers, like 999JSMITH01"),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "username webauthn", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    password = PasswordField(label=_("Password"), autocomplete="current-password", required=_("Enter your password"))
    remember_username = forms.BooleanField(
        label=_("Remember my username on this device"),
        help_text=_("Tick this only on a device of your own"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "nhsuk-checkboxes--small"}),
    )
    shared = SharedComputerField()
    next = NextField()

    def clean_username(self) -> Username:
        """Return the username in its one spelling, for all that is done with it from here on."""
        return normalise_username(self.cleaned_data["username"])

    def typed_code(self) -> str:
        """Return the three digits that the username box begins with, for finding the employer's contact, or ""."""
        return organisation_code(self.data.get("username", "")) if self.is_bound else ""

    def typed_instead(self) -> str:
        """Return the sentence about what was typed in place of a username, or "" where it may be one.

        It is judged by its form alone, so it is the same for a real name and a made-up one.
        """
        if not self.is_bound:
            return ""
        typed = self.data.get("username", "")
        if log_in.looks_like_an_email(typed):
            return str(EMAIL)
        username = normalise_username(typed)
        if follows(EMPLOYEE_NUMBER_FORM, username):
            return str(ESR_NUMBER)
        return "" if follows(USERNAME_FORM, username) else str(NO_USERNAME)
