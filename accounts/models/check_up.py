"""What the doctor (`manage.py doctor`) found when a worker ran those checks of it that take a network."""

from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models.worker_heartbeat import LONGEST_MACHINE


class Reach(models.TextChoices):
    """What a check-up asks. A web page asks none of it while a person waits."""

    NETWORK = "network", "over the network"


def _nothing() -> list[Any]:
    return []


class CheckUp(models.Model):
    """The newest check-up: when an operator asked for it, when a worker began and ended it, and what it found."""

    reach = models.CharField(max_length=20, choices=Reach, primary_key=True)
    asked_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    machine = models.CharField(max_length=LONGEST_MACHINE, blank=True, default="")
    # As helpdesk/doctor/findings.py writes them: sentences, and never a secret.
    findings = models.JSONField(default=_nothing)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(reach__in=Reach.values), name="check_up_has_a_reach"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reach_display()} {self.ended_at}"
