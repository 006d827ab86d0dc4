"""Lets everything in Django that sets a password ask our policy, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import password_policy

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class PasswordPolicyValidator:
    """The only entry of AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError with a message for each rule that `password` breaks, the history's for a saved user."""
        person = user if isinstance(user, User) else None
        try:
            if person is not None and person.pk is not None:
                password_policy.check(password=password, user=person)
                return
            broken = password_policy.broken_rules(password=password, user=person)
        except password_policy.PasswordRefused as refused:
            broken = refused.broken
        if broken:
            raise ValidationError([ValidationError(rule.message, code=rule.code) for rule in broken])

    def get_help_text(self) -> str:
        """Return the rules in one sentence."""
        return _("Your new password must %(rules)s.") % {
            "rules": ", ".join(rule.sentence for rule in password_policy.rules())
        }
