"""A code from the helpdesk for a person who has lost every second step."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class BootstrapCode(models.Model):
    """One code, of which the database holds a keyed digest. A new one ends the older ones of the same person."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bootstrap_code")
    digest = models.CharField(max_length=64)
    # The agent who made it, or None at the command line.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="bootstrap_codes_made"
    )
    made_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("made_at")), name="bootstrap_code_ends_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.made_at:%Y-%m-%d %H:%M}"
