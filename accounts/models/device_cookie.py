"""Browsers that a person has logged in with, as the server knows them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

# The cookies of one person that have a counter of wrong passwords of their own, the newest: a ward PC or two, a laptop,
# a tablet, a phone.
COUNTED = 5


class DeviceCookie(models.Model):
    """One device cookie (OWASP): which person it was made for, and with which password. The cookie itself is not kept.

    Made when a log-in is finished, and by nothing else: a stranger adds none.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="device_cookies")
    # What the counter of wrong passwords of its browser is kept under.
    digest = models.CharField(max_length=64, unique=True)
    # The fingerprint of the password it was made with: another password ends it.
    password_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "-made_at"], name="device_cookie_newest")]

    def __str__(self) -> str:
        return _("Device cookie of %(made_at)s") % {"made_at": f"{self.made_at:%Y-%m-%d}"}
