"""The one authentication backend: Django's own does not know of lockouts or dates."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.services import events, log_in


class PasswordBackend(ModelBackend):
    """Lets in the people that services/log_in.py lets in. Permissions are Django's."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the user for a right username and password, counted by the lockout like any other try; else None."""
        if username is None or password is None:
            return None
        return log_in.check_password(username=username, password=password, address=events.origin().address).user

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session; None, which ends it, as soon as they may no longer enter."""
        user = log_in.person(user_id=user_id)
        return user if user is not None and user.may_enter() else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether permissions of `user` count at all."""
        return isinstance(user, User) and user.may_enter()
