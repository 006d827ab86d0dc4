"""Seals on the security events of a day, by which a missing, altered, added or reordered one is found. Append-only."""

from django.db import models
from django.utils import timezone


class Why(models.TextChoices):
    """Why a seal was made."""

    # The day was over.
    CLOSED = "closed"
    # Some of the day's events were deleted at their age.
    AGE = "age"
    # The newest key had made none yet: from here on the chain needs no older one.
    KEY = "key"
    # An operator looked at what differed, and sealed the events as they are.
    AS_THEY_ARE = "as_they_are"


class EventSeal(models.Model):
    """What the events of one kind on one day were when it was made. `kind` is "" on the one that closes the day.

    Each names the one before by `link`, so that none can be taken out or put in between. The newest of a day and kind
    counts; those before it stay (docs/decisions/0054-sealed-security-events.md).
    """

    # Without a gap, from 1.
    number = models.PositiveBigIntegerField(primary_key=True)
    # In UTC, as the database keeps moments.
    day = models.DateField()
    kind = models.CharField(max_length=40, blank=True)
    # 0 is the first of its day and kind.
    generation = models.PositiveIntegerField()
    why = models.CharField(max_length=12, choices=Why)
    # How many events there are, and how many have gone by their age until now.
    events = models.PositiveBigIntegerField()
    gone = models.PositiveBigIntegerField()
    first_key = models.BigIntegerField(null=True)
    last_key = models.BigIntegerField(null=True)
    # SHA-256 of the events in the order of their keys.
    digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    # SHA-256 of the link before and of all that is above; and that under a key that the database does not hold.
    link = models.CharField(max_length=64)
    key_name = models.CharField(max_length=12)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["day", "kind", "generation"], name="one_seal_of_a_generation"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="seals_are_numbered_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.day} {self.kind}"


class EventMarks(models.Model):
    """Which events a seal is of: it says that something differs, and this says which. Deleted with a newer seal."""

    # No constraint in the database: marks only point at rows, and seals stand by themselves.
    seal = models.OneToOneField(
        EventSeal, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="marks"
    )
    # Of each event its key and two bytes of its digest (accounts/event_chain.py).
    marks = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)
