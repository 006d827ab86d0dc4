"""What is noted of a person's second step besides the ways themselves."""

from django.conf import settings
from django.db import models


class SecondStepRecord(models.Model):
    """Wrong codes of a person, and when they were last asked what. Made at the first of these."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="second_step_record"
    )
    # Wrong codes of the app since the last right one, and how many of them within a day of `day_began_at`.
    wrong_in_a_row = models.PositiveIntegerField(default=0)
    wrong_today = models.PositiveIntegerField(default=0)
    day_began_at = models.DateTimeField(null=True)
    last_wrong_at = models.DateTimeField(null=True)
    # The same of recovery codes, in the same day.
    wrong_recovery_in_a_row = models.PositiveIntegerField(default=0, db_default=0)
    wrong_recovery_today = models.PositiveIntegerField(default=0, db_default=0)
    last_wrong_recovery_at = models.DateTimeField(null=True)
    # When a passkey was last offered, so that it is not offered again for a while.
    passkey_offered_at = models.DateTimeField(null=True)
    # When the person last used a second step, or said that it works still.
    shown_to_work_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user)
