"""How an agent of the helpdesk found out that a caller is the person they say they are."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CheckKind(models.TextChoices):
    """What showed who the caller is, the strongest first."""

    CODE = "code", _("Code from My ESR, or from an email to the address on record")
    CARD = "card", _("Card shown in person")
    CALL_BACK = "call_back", _("Called back on a number from HR")


class CallerCheck(models.Model):
    """One check of one caller by one agent. Its code and word are derived: no row holds them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="caller_checks")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    # Until then a code is taken; once the check has passed, until then it counts.
    ends_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    passed_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=10, choices=CheckKind, blank=True)
    # The number from HR that the agent called.
    called = models.CharField(max_length=30, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-ends_at"], name="caller_check_by_user")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(user=models.F("agent")), name="caller_check_is_of_another"),
            models.CheckConstraint(
                condition=models.Q(passed_at__isnull=True, kind="")
                | models.Q(passed_at__isnull=False, kind__in=CheckKind.values),
                name="caller_check_passed_by_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=CheckKind.CALL_BACK) & ~models.Q(called="")
                | ~models.Q(kind=CheckKind.CALL_BACK) & models.Q(called=""),
                name="caller_check_says_which_number_was_called",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.begun_at:%Y-%m-%d %H:%M}"
