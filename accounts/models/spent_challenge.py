"""Challenges of passkeys that were answered rightly: no answer counts twice."""

from django.db import models
from django.utils import timezone


class SpentChallenge(models.Model):
    """One challenge. Only a right answer makes a row, so a stranger makes none."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
