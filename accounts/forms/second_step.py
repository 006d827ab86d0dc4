"""Reads the codes of the second step: of an app, a recovery code, a code of the helpdesk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import typed_codes
from accounts.services import second_step
from accounts.services.second_step import bootstrap_codes, recovery_codes, remembered_browsers
from nhsuk import wording

if TYPE_CHECKING:
    from accounts.services.second_step import Ways

# Room for a code with blanks around each letter.
LONGEST = 60
SO_MANY_DIGITS = wording.filled_in(_("The code is %(digits)s digits, like 123 456"), digits=second_step.DIGITS)
SO_MANY_LETTERS = wording.filled_in(
    _("A recovery code is %(length)s letters and digits, like 7kqm9-x2vhd"), length=recovery_codes.LENGTH
)
DIGITS_OF_HELPDESK = wording.filled_in(
    _("The code from the helpdesk is %(digits)s digits, like 1234 5678"), digits=bootstrap_codes.DIGITS
)


class CodeInput(forms.TextInput):
    """A box that comes back empty: a code that was refused is of no more use."""

    def format_value(self, value: object) -> str:
        """Return nothing."""
        return ""


class CodeField(forms.CharField):
    """A box for a code. `like` says in words what one looks like."""

    def __init__(self, *, label: Any, required: Any, like: Any, numeric: bool) -> None:
        attrs = {
            "autocomplete": "one-time-code" if numeric else "off",
            "spellcheck": "false",
            "class": "nhsuk-input--width-10 nhsuk-input--code",
            **({"inputmode": "numeric"} if numeric else {"autocapitalize": "none"}),
        }
        super().__init__(
            label=label,
            max_length=LONGEST,
            error_messages={"required": required, "max_length": like, "null_characters_not_allowed": like},
            widget=CodeInput(attrs=attrs),
        )


def _of_app() -> CodeField:
    required = _("Enter the code that your authenticator app shows")
    return CodeField(label=_("6-digit code"), required=required, like=SO_MANY_DIGITS, numeric=True)


def _of_recovery() -> CodeField:
    required = _("Enter one of your recovery codes")
    return CodeField(label=_("Recovery code"), required=required, like=SO_MANY_LETTERS, numeric=False)


def _app_code(typed: str) -> str:
    """Return six plain digits: blanks, hyphens and full-width digits are forgiven. Raises ValidationError."""
    code = typed_codes.plain(typed)
    if not re.fullmatch(rf"[0-9]{{{second_step.DIGITS}}}", code):
        raise ValidationError(SO_MANY_DIGITS)
    return code


class CodeForm(forms.Form):
    """The six digits that an authenticator app shows, however they are grouped."""

    code = _of_app()

    def clean_code(self) -> str:
        """Return six plain digits. Raises ValidationError."""
        return _app_code(self.cleaned_data["code"])


class RecoveryCodeForm(forms.Form):
    """A recovery code."""

    code = _of_recovery()

    def clean_code(self) -> str:
        """Return a recovery code in its one spelling. Raises ValidationError."""
        code = recovery_codes.as_typed(self.cleaned_data["code"])
        if code is None:
            raise ValidationError(SO_MANY_LETTERS)
        return code


class RememberForm(forms.Form):
    """Whether to ask again in this browser, where it may be remembered. A passkey comes with this alone.

    `box_of` is the id of another form that sends the tick, where the box stands outside of it, or "".
    """

    remember_browser = forms.BooleanField(
        label=wording.filled_in(
            _("Don’t ask on this browser for %(days)s"), days=wording.lazy_duration(remembered_browsers.LASTS)
        ),
        help_text=_("Tick this only on a device of your own"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "nhsuk-checkboxes--small"}),
    )

    def __init__(self, *args: Any, may_remember: bool, box_of: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_remember:
            del self.fields["remember_browser"]
        elif box_of:
            self.fields["remember_browser"].widget.attrs["form"] = box_of

    @property
    def is_ticked(self) -> bool:
        """Whether the person ticked, and may: a form that was sent and is right says so."""
        return bool(self.cleaned_data.get("remember_browser"))


class ChallengeForm(RememberForm):
    """The code at a log-in and, where the browser may be remembered, whether to ask in it again.

    One box takes what the person has: a code of the app, or a recovery code, which its form tells apart.
    """

    code = _of_app()

    def __init__(self, *args: Any, ways: Ways, is_the_only_page: bool = False, **kwargs: Any) -> None:
        """`is_the_only_page` is whether no other page asks for a recovery code: then the box says that it takes one."""
        super().__init__(*args, **kwargs)
        self._ways = ways
        if not ways.authenticator:
            self.fields["code"] = _of_recovery()
        elif ways.recovery_codes and is_the_only_page:
            self.fields["code"].help_text = _("Or one of your recovery codes")
            # A phone's keys for numbers have no letters.
            del self.fields["code"].widget.attrs["inputmode"]

    def clean_code(self) -> str:
        """Return six digits, or a recovery code in its one spelling. Raises ValidationError."""
        typed = self.cleaned_data["code"]
        recovery = recovery_codes.as_typed(typed) if self._ways.recovery_codes else None
        if recovery is not None:
            return recovery
        if not self._ways.authenticator:
            raise ValidationError(SO_MANY_LETTERS)
        return _app_code(typed)


class BootstrapForm(forms.Form):
    """The code that the helpdesk has read to the person."""

    bootstrap_code = CodeField(
        label=_("Code from the helpdesk"),
        required=_("Enter the code that the helpdesk gave you"),
        like=DIGITS_OF_HELPDESK,
        numeric=True,
    )

    def clean_bootstrap_code(self) -> str:
        """Return eight plain digits. Raises ValidationError."""
        code = bootstrap_codes.as_typed(self.cleaned_data["bootstrap_code"])
        if code is None:
            raise ValidationError(DIGITS_OF_HELPDESK)
        return code
