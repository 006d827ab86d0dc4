"""What an agent types who asks for something that could let a wrong person in, and who decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.recovery import EmailAddressField
from accounts.models.caller_check import CheckKind
from accounts.models.proposal import Action
from helpdesk.sentence_field import SentenceField

if TYPE_CHECKING:
    from accounts.models import CallerCheck

LONGEST_REASON = 200
NOT_CHECKED = "not_checked"


class ReasonField(SentenceField):
    """Why something is asked for, or decided."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(
            max_length=LONGEST_REASON,
            error_messages={
                "required": _("Enter a reason"),
                "max_length": _("The reason must be 200 characters or fewer"),
            },
            **facts,
        )


class AskForm(forms.Form):
    """The new address or number where there is one, why, and how the agent found out who is calling."""

    how = forms.ChoiceField(
        label=_("How did you find out that the caller is this person?"),
        choices=[
            (CheckKind.CODE, _("They read me the code")),
            (CheckKind.CARD, _("They stand before me, and I saw their card")),
            (CheckKind.CALL_BACK, _("I called them back on a number from HR")),
            (NOT_CHECKED, _("I could not find out")),
        ],
        help_text=_("A code or a number that you type below says it too."),
        widget=forms.RadioSelect,
        # What was not chosen may have been typed: see `clean`.
        required=False,
        error_messages={"invalid_choice": _("Choose how you found out")},
    )
    code = forms.CharField(
        label=_("Their code"),
        help_text=_("Six digits. Leave it empty if you found out in another way."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "nhsuk-input--width-10"}),
    )
    number = forms.CharField(
        label=_("The number from HR that you called"),
        help_text=_("Leave it empty if you did not call them back."),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel", "class": "nhsuk-input--width-20"}),
    )
    reason = ReasonField(
        label=_("Why"),
        help_text=_(
            "In words that the second agent and an auditor may read. Nothing about health, and no date of birth."
        ),
    )

    def __init__(self, *args: Any, action: Action, check: CallerCheck | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if action is Action.CHANGE_EMAIL:
            self.fields["value"] = EmailAddressField(
                label=_("New email address"),
                error_messages={"required": _("Enter the new email address")},
                widget=forms.EmailInput(attrs={"autocomplete": "off"}),
            )
        elif action is Action.LINK_CARE_IDENTITY:
            self.fields["value"] = forms.CharField(
                label=_("Number of the Care Identity"),
                help_text=_("Twelve digits, like 5555 1234 5678."),
                max_length=30,
                error_messages={"required": _("Enter the number of the Care Identity")},
                widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
            )
        if action is Action.ERASE:
            self.fields["reason"].help_text = _(
                "Like “They asked for it in a letter of 3 March”. It is kept after the erasure: do not name the person."
            )
        if check is not None or action in {Action.CONFIRM_EMAIL, Action.ERASE}:
            # The caller has been checked already, or the second agent does it, or none is calling.
            for name in ("how", "code", "number"):
                del self.fields[name]
        self.order_fields(["value", "how", "code", "number", "reason"])

    def clean(self) -> dict[str, Any]:
        """Take the way of finding out from what was typed where none was chosen, and ask for what goes with it."""
        facts = super().clean() or self.cleaned_data
        if facts.get("how") == "":
            facts["how"] = self._how_by_what_was_typed()
            if not facts["how"]:
                self.add_error("how", _("Choose how you found out"))
        if facts.get("how") == CheckKind.CODE and not facts.get("code"):
            self.add_error("code", _("Enter the six digits that they read to you"))
        if facts.get("how") == CheckKind.CALL_BACK and not facts.get("number"):
            self.add_error("number", _("Enter the number that you called"))
        return facts

    def _how_by_what_was_typed(self) -> str:
        """Return the way that a code or a number is typed for; "" where neither was typed, or both were."""
        code, number = self.cleaned_data.get("code"), self.cleaned_data.get("number")
        if bool(code) == bool(number):
            return ""
        return CheckKind.CODE if code else CheckKind.CALL_BACK


class CorrectionForm(forms.Form):
    """Why an agent accepts or refuses a correction that a person has asked for."""

    reason = ReasonField(
        label=_("Your reason"),
        help_text=_(
            "In words that an auditor may read: how you know that this address is theirs, or what speaks against it."
        ),
    )


class DecisionForm(forms.Form):
    """Why a second agent approves or refuses: a refusal has to say it."""

    decision = ReasonField(label=_("Your reason"), required=False, help_text=_("Needed if you refuse."))

    def __init__(self, *args: Any, refuses: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].required = refuses
