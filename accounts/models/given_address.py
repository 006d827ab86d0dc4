"""An email address that a person has given beside the one on record."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _


class Purpose(models.TextChoices):
    """What the address is for. None of these lets its person in."""

    # Where a person who leaves is told what they may still do.
    PERSONAL = "personal"
    # To become the one on record, by a person who has shown their smartcard, where an agent accepts it.
    CORRECTION = "correction"


class GivenAddress(models.Model):
    """One address of a person, of each purpose one at most, confirmed by a link or not yet. It is erased afterwards."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="given_addresses")
    purpose = models.CharField(max_length=20, choices=Purpose)
    email = models.EmailField(db_index=True)
    given_at = models.DateTimeField(default=timezone.now)
    # Of a correction: when the smartcard was shown with which it was asked for.
    card_shown_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # Of the one link that works now: to confirm the address, or, once it is, to what it is for.
    link_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    link_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "purpose"], name="given_address_once_a_purpose"),
            models.CheckConstraint(condition=models.Q(purpose__in=Purpose.values), name="given_address_has_a_purpose"),
            models.CheckConstraint(condition=~models.Q(email=""), name="given_address_is_one"),
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.PERSONAL) | models.Q(card_shown_at__isnull=False),
                name="correction_was_asked_for_with_a_card",
            ),
        ]

    def __str__(self) -> str:
        return _("address given by user %(user_id)s") % {"user_id": self.user_id}
