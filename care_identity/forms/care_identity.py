"""Read what the log-in page sends for Care Identity, and which login the person chooses."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.log_in import NextField, SharedComputerField
from accounts.models import User


class StartForm(forms.Form):
    """Log in with my Care Identity. Nothing in it can be wrong."""

    remember = forms.BooleanField(label=gettext_lazy("Remember my selection"), required=False)
    shared = SharedComputerField()
    next = NextField()


class ChoiceForm(forms.Form):
    """Which of the person's logins to open."""

    login = forms.ChoiceField(
        label=gettext_lazy("Your ESR accounts"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose where you want to log in"),
            "invalid_choice": gettext_lazy("Choose where you want to log in"),
        },
    )

    def __init__(self, *args: object, users: Iterable[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._users = {str(user.pk): user for user in users}
        choices = [(key, _name_of(user)) for key, user in self._users.items()]
        self.fields["login"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User:
        """The login that was chosen, once the form is valid."""
        return self._users[self.cleaned_data["login"]]


def _name_of(user: User) -> str:
    facts = {"organisation": user.organisation.shown_name, "username": user.username}
    return _("%(organisation)s, as %(username)s") % facts
