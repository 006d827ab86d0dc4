"""Reads the code of the second step."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.services import second_step
from accounts.services.second_step import remembered_browsers
from nhsuk import wording

SO_MANY_DIGITS = wording.filled_in(_("The code is %(digits)s digits, like 123 456"), digits=second_step.DIGITS)


class CodeInput(forms.TextInput):
    """A box that comes back empty: a code that was refused is of no more use."""

    def format_value(self, value: object) -> str:
        """Return nothing."""
        return ""


class CodeForm(forms.Form):
    """The six digits that an authenticator app shows, however they are grouped."""

    code = forms.CharField(
        label=_("6-digit code"),
        max_length=60,
        error_messages={
            "required": _("Enter the code that your authenticator app shows"),
            "max_length": SO_MANY_DIGITS,
            "null_characters_not_allowed": SO_MANY_DIGITS,
        },
        widget=CodeInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "nhsuk-input--width-10 nhsuk-input--code",
            }
        ),
    )

    def clean_code(self) -> str:
        """Return six plain digits: blanks, hyphens and full-width digits are forgiven. Raises ValidationError."""
        plain = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        code = "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in {"Pd", "Cf"})
        if not re.fullmatch(rf"[0-9]{{{second_step.DIGITS}}}", code):
            raise ValidationError(SO_MANY_DIGITS)
        return code


class ChallengeForm(CodeForm):
    """The code at a log-in and, where the browser may be remembered, whether to ask in it again."""

    remember_browser = forms.BooleanField(
        label=wording.filled_in(
            _("Don’t ask on this browser for %(days)s"), days=wording.lazy_duration(remembered_browsers.LASTS)
        ),
        help_text=_("Tick this only on a device of your own"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "nhsuk-checkboxes--small"}),
    )

    def __init__(self, *args: Any, may_remember: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_remember:
            del self.fields["remember_browser"]
