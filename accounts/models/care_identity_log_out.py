"""What Care Identity said has ended there."""

from django.db import models


class CareIdentityLogOut(models.Model):
    """One log-out at Care Identity: of the session `session`, of all that the Care Identity `uid` had, or of both.

    Kept as long as a session here could have begun with it: a log-in that was half-finished then must not end well.
    """

    uid = models.CharField(max_length=12, blank=True, default="", db_index=True)
    session = models.CharField(max_length=255, blank=True, default="", db_index=True)
    # By Care Identity's clock, as the time of a proof is.
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            # Sessions that began with a password have neither: a log-out that names neither would end them all.
            models.CheckConstraint(condition=~models.Q(uid="", session=""), name="care_identity_log_out_says_of_what"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.session} {self.at:%Y-%m-%d %H:%M:%S}"
