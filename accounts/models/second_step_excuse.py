"""People who are excused from a second step that their organisation requires."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SecondStepExcuse(models.Model):
    """One person who is excused, why, and until when: after that day the requirement holds again."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_step_excuse")
    reason = models.CharField(max_length=300, help_text=_("Why this person cannot have a second step."))
    review_on = models.DateField(
        _("review on"), help_text=_("The last day on which no second step is asked for. A year from now at most.")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("excuse from the second step")
        verbose_name_plural = _("excuses from the second step")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="second_step_excuse_has_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.user)
