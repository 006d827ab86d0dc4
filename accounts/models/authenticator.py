"""An authenticator app: the phone that makes codes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django_otp.models import DeviceManager
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import sealing


class AuthenticatorManager(DeviceManager):
    """Finds authenticators by person."""

    def confirmed(self, user_id: int) -> models.QuerySet[Authenticator]:
        """Return the authenticator of a person that a code has confirmed, if there is one."""
        return self.filter(user_id=user_id, confirmed=True)


class Authenticator(TOTPDevice):
    """django-otp's, with its secret sealed: its table holds no secret in clear (OWASP ASVS 14.2).

    A secret that a version before stored in clear opens as it is, until `reseal_second_steps` has sealed it.
    """

    objects: ClassVar[AuthenticatorManager] = AuthenticatorManager()

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The secret. Raises sealing.CannotOpen."""
        if not sealing.is_sealed(self.key):
            return bytes.fromhex(self.key)
        return sealing.unseal(self.key, of=self.sealed_for(self.user_id))

    @staticmethod
    def sealed_for(user_id: int) -> str:
        """Return what the secret of this person's authenticator is sealed for."""
        return f"authenticator {user_id}"

    def get_throttle_factor(self) -> int:
        """Return none: the waits after wrong codes are accounts/services/second_step/wrong_codes.py's."""
        return 0
