"""A code from a phone after the password (TOTP, RFC 6238). Every admin has one (NHS England MFA policy, 2023)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_otp.plugins.otp_totp.models import TOTPDevice

if TYPE_CHECKING:
    from accounts.models import User


def is_needed(*, user: User) -> bool:
    """Return whether `user` gets in only with a second step: all who may use the admin, and all who set one up."""
    return user.is_staff or is_set_up(user=user)


def is_set_up(*, user: User) -> bool:
    """Return whether `user` has a confirmed second step."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()
