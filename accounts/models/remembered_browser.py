"""Browsers in which a person is not asked for a second step for a while."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class RememberedBrowser(models.Model):
    """One browser that its person asked to be remembered. Its cookie shows `counter`, which grows at each use.

    A cookie that shows an older counter is a copy: the row goes, and the person is told.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="remembered_browsers")
    # A digest of the name of the series in its cookie.
    series = models.CharField(max_length=64, unique=True)
    counter = models.PositiveIntegerField(default=0)
    # The fingerprint of the password and the second step that it was remembered with: a change of either ends it.
    password_digest = models.CharField(max_length=64)
    # Browser and system in words, which a copy in another kind of browser does not show.
    device = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-used_at"]
        indexes = [models.Index(fields=["user", "-used_at"], name="remembered_browser_by_user")]

    def __str__(self) -> str:
        return f"{self.device} {self.made_at:%Y-%m-%d}"
