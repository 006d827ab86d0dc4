"""Requests for a username, a password or an unlocking, and the links that were mailed for them."""

import datetime
import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.languages import LANGUAGES, UNKNOWN


class Outcome(models.TextChoices):
    """What the worker decided. The page says the same whatever it is."""

    UNDECIDED = "", gettext_lazy("Not decided yet")
    MAILED = "mailed", gettext_lazy("A mail with a way in was sent to the address on record")
    TOLD_WHY_NOT = "told_why_not", gettext_lazy("A mail saying why there is no link was sent")
    TOLD_DATE_DIFFERS = "told_date_differs", gettext_lazy("The mailbox was told that the date of birth did not match")
    DATE_DIFFERS = (
        "date_differs",
        gettext_lazy("The date of birth did not match; the mailbox had been told already today"),
    )
    NO_MATCH = "no_match", gettext_lazy("Nobody here has this address")
    LIMITED = "limited", gettext_lazy("Too many requests for this address today")
    SUPERSEDED = "superseded", gettext_lazy("A newer request for this address, from the same network, took its place")


class RecoveryRequest(models.Model):
    """One submitted recovery form, whether it matches a person or not."""

    reference = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    email_digest = models.CharField(max_length=64)
    # These three are emptied when the worker decides; the date of birth is only ever a keyed digest.
    email = models.CharField(max_length=254, blank=True)
    date_of_birth_digest = models.CharField(max_length=64, blank=True)
    # A keyed digest of the network that the form came from (docs/decisions/0027).
    network = models.CharField(max_length=64, blank=True, default="", db_default="")
    # Where it stands in the queue of those that are to be decided.
    turn_at = models.DateTimeField(default=timezone.now, db_default=Now())
    # That of the page on which it was sent, for its answer; "" is of the version before.
    language = models.CharField(
        max_length=10, choices=LANGUAGES, blank=True, default=UNKNOWN, db_default=UNKNOWN, editable=False
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True, default=Outcome.UNDECIDED)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["email_digest", "outcome", "decided_at"], name="recovery_request_by_address"),
            models.Index(
                fields=["network", "turn_at"],
                condition=models.Q(decided_at__isnull=True),
                name="recovery_request_in_the_queue",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True) | models.Q(email="", date_of_birth_digest=""),
                name="decided_request_keeps_no_personal_data",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, outcome="")
                | (models.Q(decided_at__isnull=False) & ~models.Q(outcome="")),
                name="decided_request_has_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


# OWASP Web Security Testing Guide, "Weak Password Change": a link is good for a short time. It counts from sending: NHS
# mail takes minutes, not hours.
LINK_LASTS = datetime.timedelta(minutes=60)


class RecoveryLink(models.Model):
    """A link that sets one person's password once. The database knows its digest, never the link."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_links")
    token_digest = models.CharField(max_length=64, unique=True)
    # The mail that it was made for, and the last one that carried it. Empty: made by the version before.
    message_id = models.UUIDField(null=True)
    last_message_id = models.UUIDField(null=True)
    # The link dies when either of these is no longer the person's.
    email = models.EmailField()
    password_digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return _("link for user %(user_id)s") % {"user_id": self.user_id}
