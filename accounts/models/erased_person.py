"""That a person was erased: a number that leads to nobody, and what keeps an old file from bringing them back."""

from django.db import models
from django.utils import timezone

from accounts.models.organisation import Organisation


class Why(models.TextChoices):
    """Why a person was erased."""

    # Their last day was as long ago as their organisation keeps leavers.
    AGE = "age"
    # An operator asked for it, and a second agent agreed.
    ORDER = "order"
    # They had been erased, and a back-up from before was restored.
    RESTORED = "restored"


class ErasedPerson(models.Model):
    """One person who was erased. Of what they were called there are keyed digests, and nothing else."""

    # The key that their record had: security events that stay have it until their age.
    id = models.BigIntegerField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    # Of the ESR number at this organisation: a file that still has the person adds no new record unseen.
    number_digest = models.CharField(max_length=64, db_index=True)
    # Of the username, which no other person gets.
    username_digest = models.CharField(max_length=64, db_index=True)
    erased_at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=10, choices=Why)

    class Meta:
        indexes = [models.Index(fields=["erased_at"], name="erased_person_by_time")]
        constraints = [
            models.CheckConstraint(condition=models.Q(why__in=Why.values), name="erased_person_reason_is_known")
        ]

    def __str__(self) -> str:
        return str(self.pk)
