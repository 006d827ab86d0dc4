"""Ten codes on paper, each good once, for the day on which the phone is gone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django_otp.models import Device, DeviceManager


def _no_codes() -> list[str]:
    return []


class RecoveryCodes(Device):
    """The recovery codes of a person that are left, sealed (accounts/sealing.py).

    Not django-otp's own static codes: those are in the database in clear.
    """

    sealed = models.JSONField(default=_no_codes)
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[DeviceManager] = DeviceManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="recovery_codes_once_a_person")]

    @staticmethod
    def sealed_for(user_id: int) -> str:
        """Return what the codes of this person are sealed for."""
        return f"recovery code {user_id}"
