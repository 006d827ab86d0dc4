"""Unlocking many people at once after an outage: what a lead was shown, and what was done."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.organisation import Organisation
from accounts.models.security_event import LONGEST_NOTE


class Cause(models.TextChoices):
    """What keeps the people out who are let in again."""

    WRONG_PASSWORDS = "wrong_passwords", _("Locked after wrong passwords")
    WRONG_CODES = "wrong_codes", _("Waiting after wrong codes of an authenticator app")


class Ending(models.TextChoices):
    """Why it ended before all were let in whom the lead was shown."""

    GREW = "grew", _("There were others by then")
    STOPPED = "stopped", _("The lead may unlock many no more")
    LATE = "late", _("The worker came to it too late")


def _nobody() -> list[Any]:
    return []


def _no_reasons() -> dict[str, Any]:
    return {}


class OutageUnlock(models.Model):
    """One preview, and what came of it. The keys of the people are emptied once it is done, the rest after a day."""

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    # None: of all organisations.
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    cause = models.CharField(max_length=20, choices=Cause)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # The people who were shown: no other is unlocked by it. Once it is confirmed, those who are still to be let in.
    people = models.JSONField(default=_nobody)
    # How many were left out, by the reason.
    left_out = models.JSONField(default=_no_reasons)
    # When its lead has pressed, with what they wrote and from where, until it is done: the events of each have it then.
    confirmed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True, default="", db_default="")
    address = models.GenericIPAddressField(null=True)
    # How many there were when it began.
    to_let_in = models.PositiveIntegerField(default=0, db_default=0)
    done_at = models.DateTimeField(null=True)
    why_ended = models.CharField(max_length=10, choices=Ending, blank=True, default="", db_default="")
    unlocked = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(begins_at__lt=models.F("ends_at")), name="outage_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(why_ended__in=["", *Ending.values]), name="outage_unlock_ending_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.begins_at:%Y-%m-%d %H:%M}"
