"""Read what the log-in page sends for Care Identity, and which login the person chooses."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from accounts.forms.log_in import NextField, SharedComputerField
from accounts.models import User


class StartForm(forms.Form):
    """Log in with my Care Identity. Nothing in it can be wrong."""

    remember = forms.BooleanField(label="Remember my selection", required=False)
    shared = SharedComputerField()
    next = NextField()


class ChoiceForm(forms.Form):
    """Which of the person's logins to open."""

    login = forms.ChoiceField(
        label="Your ESR accounts",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose where you want to log in",
            "invalid_choice": "Choose where you want to log in",
        },
    )

    def __init__(self, *args: object, users: Iterable[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._users = {str(user.pk): user for user in users}
        choices = [(key, f"{user.organisation.name}, as {user.username}") for key, user in self._users.items()]
        self.fields["login"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User:
        """The login that was chosen, once the form is valid."""
        return self._users[self.cleaned_data["login"]]
