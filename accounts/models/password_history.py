"""The passwords that a person has had, as hashes, so that the last four are not used again."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class PasswordHistory(models.Model):
    """One password that a person set, the current one among them. Those older than the policy needs are deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="password_history")
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = gettext_lazy("password history")

    def __str__(self) -> str:
        return _("password of user %(user_id)s") % {"user_id": self.user_id}
