"""Which Care Identity a login belongs to."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

UID_FORM = RegexValidator(r"\A[0-9]{12}\Z", _("A Care Identity number (UUID) is twelve digits, like 555512345678."))


class CareIdentity(models.Model):
    """The NHS Care Identity with which a person gets in to one login. One person's may open several logins."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="care_identity")
    uid = models.CharField(_("Care Identity"), max_length=12, db_index=True, validators=[UID_FORM])
    linked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = _("Care Identities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(uid__regex=r"^[0-9]{12}$"), name="care_identity_is_twelve_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.uid
