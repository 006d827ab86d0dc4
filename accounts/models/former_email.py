"""An email address that has just been replaced, kept until the mail that says so has gone to it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _


class FormerEmail(models.Model):
    """The address that a person had until it was changed. The row goes once the mail to it is out, or given up.

    It is here because the outbox keeps no address, and the person's record no longer has this one.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="former_emails")
    email = models.EmailField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return _("former address of user %(user_id)s") % {"user_id": self.user_id}
