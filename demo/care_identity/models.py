"""What the stand-in keeps: who has a card, and how often a wrong passcode was typed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class Holder(AbstractBaseUser):
    """A person with a card. Its number is the primary key, which the provider hands out as `sub`."""

    uid = models.CharField(max_length=12, primary_key=True)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    # In a row, since the last right passcode.
    wrong_passcodes = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager[Holder]] = models.Manager()

    USERNAME_FIELD = "uid"

    class Meta:
        app_label = "stand_in"

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Return the name as it is on the card."""
        return f"{self.given_name} {self.family_name}"
