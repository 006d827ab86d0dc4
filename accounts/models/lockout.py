"""Wrong passwords, counted by the username that was typed, real or not."""

from django.db import models
from django.utils.translation import ngettext


class Lockout(models.Model):
    """The wrong passwords in a row for one typed username, from everywhere or from one browser that knows it.

    Only keyed digests are kept: people type passwords into the username box.
    """

    username_digest = models.CharField(max_length=64)
    # Empty: every browser that has not logged in with this username before.
    browser_digest = models.CharField(max_length=64, blank=True, default="")
    # Of late: they lock for a while.
    failures = models.PositiveSmallIntegerField(default=0)
    # Since the last right one, over any time: they end with the way back in alone. No more are counted than tell that.
    in_a_row = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_failure_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["username_digest", "browser_digest"], name="lockout_once_a_username_and_browser"
            ),
        ]
        indexes = [models.Index(fields=["last_failure_at"], name="lockout_by_last_failure")]

    def __str__(self) -> str:
        return ngettext("%(number)s wrong password", "%(number)s wrong passwords", self.failures) % {
            "number": self.failures
        }
