"""What the pages ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from demo.care_identity import cards, misbehaviour
from demo.care_identity.methods import Method

NO_CARD = "none"


class MethodForm(forms.Form):
    """Which way to log in, in the words of the guide that staff are given."""

    method = forms.ChoiceField(
        label=_("Select your preferred login method"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Select your preferred login method"),
            "invalid_choice": _("Select one of the methods"),
        },
    )
    remember = forms.BooleanField(label=_("Remember my selection"), required=False)

    def __init__(self, *args: Any, methods: Iterable[Method], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = [(method.slug, method.label) for method in methods]  # type: ignore[attr-defined]


class SmartcardForm(forms.Form):
    """Which card is in the reader, and its passcode."""

    card = forms.ChoiceField(
        label=_("Which card is in the card reader?"),
        widget=forms.RadioSelect,
        choices=[*((card.uid, card.name) for card in cards.CARDS), (NO_CARD, _("No card"))],
        error_messages={
            "required": _("Select the card that is in the card reader"),
            "invalid_choice": _("Select a card"),
        },
    )
    passcode = forms.CharField(
        label=_("Passcode"),
        help_text=format_lazy(_("The passcode of every demo card is {passcode}."), passcode=cards.PASSCODE),
        required=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "nhsuk-input--width-5"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the passcode of a card, and for a card."""
        given = self.cleaned_data
        if given.get("card") == NO_CARD:
            self.add_error("card", _("No smartcard was found. Put your smartcard into the card reader and try again"))
        elif given.get("card") and not given.get("passcode"):
            self.add_error("passcode", _("Enter your passcode"))
        return given


class HolderForm(forms.Form):
    """Who the person wants to be."""

    holder = forms.ChoiceField(
        label=_("Choose who you are"),
        widget=forms.RadioSelect,
        choices=[(card.uid, card.name) for card in cards.CARDS if not card.cancelled],
        error_messages={"required": _("Choose who you are"), "invalid_choice": _("Choose one of these people")},
    )


class HolderAndCodeForm(HolderForm):
    """Who the person wants to be, and the code that the page shows."""

    code = forms.CharField(
        label=_("Code from your authenticator app"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "nhsuk-input--width-5"}
        ),
        error_messages={"required": _("Enter the code that this page shows")},
    )

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._code = code

    def clean_code(self) -> str:
        """Refuse another code."""
        given = str(self.cleaned_data["code"]).replace(" ", "")
        if given != self._code:
            raise forms.ValidationError(_("That is not the code. Enter the one that this page shows"))
        return given


class LogOutForm(forms.Form):
    """How much to log out of."""

    where = forms.ChoiceField(
        label=_("Where do you want to log out?"),
        widget=forms.RadioSelect,
        choices=[("here", _("On this computer")), ("everywhere", _("Everywhere that I am logged in"))],
        initial="here",
        error_messages={"required": _("Select where you want to log out"), "invalid_choice": _("Select one of these")},
    )


class MisbehaveForm(forms.Form):
    """In which way to misbehave, and for how long."""

    kind = forms.ChoiceField(
        label=_("What should it do?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Select what it should do"), "invalid_choice": _("Select one of these")},
    )
    times = forms.ChoiceField(
        label=_("How often?"),
        widget=forms.RadioSelect,
        choices=[("once", _("Once")), ("always", _("Until it is told to behave"))],
        initial="once",
        error_messages={"required": _("Select how often"), "invalid_choice": _("Select one of these")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (way.name, f"{way.place.value}: {way.says}") for way in misbehaviour.TABLE.values()
        ]
