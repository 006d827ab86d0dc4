"""People who are excused from a second step that is required of others."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SecondStepExcuseQuerySet(models.QuerySet["SecondStepExcuse"]):
    """Finds excuses by what they are worth today: each is in effect, without effect or past."""

    def in_effect(self) -> Self:
        """Return those because of which no second step is required of their person today."""
        return self.filter(review_on__gte=timezone.localdate(), user__is_staff=False)

    def without_effect(self) -> Self:
        """Return those whose day is to come and whose person always needs a second step."""
        return self.filter(review_on__gte=timezone.localdate(), user__is_staff=True)

    def past(self) -> Self:
        """Return those whose last day is over."""
        return self.filter(review_on__lt=timezone.localdate())


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

    objects = SecondStepExcuseQuerySet.as_manager()

    class Meta:
        verbose_name = _("excuse from the second step")
        verbose_name_plural = _("excuses from the second step")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="second_step_excuse_has_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_past(self) -> bool:
        """Whether its last day is over, as `past` finds them."""
        return self.review_on < timezone.localdate()

    @property
    def is_in_effect(self) -> bool:
        """Whether no second step is required of its person today because of it, as `in_effect` finds them."""
        return not self.is_past and not self.user.is_staff
