"""Parts of the portal that the operators have switched off for all, at once and without a restart."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Room for a sentence or two.
LONGEST_REASON = 300


class Part(models.TextChoices):
    """What can be switched off."""

    PASSKEYS = "passkeys", _("Passkeys")


class SwitchedOff(models.Model):
    """One part that is off, since when and by which operator. A part without a row is on."""

    part = models.CharField(max_length=20, choices=Part, primary_key=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    reason = models.CharField(max_length=LONGEST_REASON, blank=True, help_text=_("For the other operators."))

    class Meta:
        verbose_name = _("part that is switched off")
        verbose_name_plural = _("parts that are switched off")
        constraints = [models.CheckConstraint(condition=models.Q(part__in=Part.values), name="switched_off_is_a_part")]

    def __str__(self) -> str:
        return self.get_part_display()
