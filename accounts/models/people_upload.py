"""A file of people that the helpdesk has uploaded: what it would change, who agreed, and what came of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.organisation import Organisation


class UploadState(models.TextChoices):
    """How far it has come."""

    CHECKING = "checking", _("Being checked")
    READY = "ready", _("To be confirmed")
    WAITING = "waiting", _("Waiting for a second agent")
    APPLYING = "applying", _("Being imported")
    APPLIED = "applied", _("Imported")
    UNREADABLE = "unreadable", _("Could not be read")
    REFUSED = "refused", _("Refused by a second agent")
    CANCELLED = "cancelled", _("Cancelled")
    OVER = "over", _("Not confirmed in time")
    # By a fault of the portal, a back-up that was restored, or because the agent who confirmed it may import no longer.
    STOPPED = "stopped", _("Stopped")


OPEN = (UploadState.CHECKING, UploadState.READY, UploadState.WAITING, UploadState.APPLYING)


def _nothing() -> list[Any]:
    return []


class PeopleUpload(models.Model):
    """One file and its import. The file itself is in pieces, and goes when the import ends; this is the report."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="people_uploads")
    file_name = models.CharField(max_length=100)
    # What its pieces are sealed for (accounts/sealing.py), with their number.
    sealed_as = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.CHECKING)
    # How far it is: lines, or bytes while it is read.
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    # What it would do, and once it is confirmed what it has done. `ended` are among `changed`: given a last day.
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    # Why lines are left out: [line, column, sentence, what the file says]. The last goes with the file.
    faults = models.JSONField(default=_nothing)
    # Some of the changes, and all that a second agent has to agree to: line, person, and what becomes what.
    sample = models.JSONField(default=_nothing)
    guarded = models.JSONField(default=_nothing)
    # Of a workbook: how many of the lines that are read are hidden, which columns, and the sheet, where there are more.
    unseen = models.JSONField(null=True)
    # Of all that it would do, with a key: another, when the records have changed since the page was made.
    digest = models.CharField(max_length=64, blank=True)
    has_changed = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    # Whether what is in `guarded` is to be done.
    with_guarded = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True)
    # The last line whose batch is in the database, with its counts: after a worker was killed, the next goes on there.
    applied_to = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(fields=["organisation", "-uploaded_at"], name="people_upload_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=UploadState.values), name="people_upload_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(state__in=OPEN), name="people_upload_open_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[UploadState.WAITING, UploadState.APPLYING, UploadState.APPLIED])
                | models.Q(confirmed_by__isnull=False),
                name="people_upload_is_confirmed",
            ),
            # The rule itself: what lets people in is changed by two, neither of whom is the other.
            models.CheckConstraint(
                condition=~models.Q(state__in=[UploadState.APPLYING, UploadState.APPLIED], with_guarded=True)
                | models.Q(decided_by__isnull=False),
                name="people_upload_has_a_second_agent",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | (~models.Q(decided_by=models.F("confirmed_by")) & ~models.Q(decided_by=models.F("uploaded_by"))),
                name="people_upload_is_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.pk}"

    @property
    def does_anything(self) -> bool:
        """Whether any line of it adds or changes a person, with a second agent's word or without."""
        return bool(self.added or self.changed or self.guarded)


class PeopleUploadPiece(models.Model):
    """A piece of a file, sealed: it holds dates of birth."""

    upload = models.ForeignKey(PeopleUpload, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    sealed = models.TextField()

    class Meta:
        ordering = ["upload", "number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="people_upload_piece_once")]

    def __str__(self) -> str:
        return f"{self.upload_id}/{self.number}"
