"""What an agent asks for that could let a wrong person in, and who else agreed to it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.caller_check import CheckKind


class Action(models.TextChoices):
    """What is asked for. Each opens a way in or takes a protection away; or it cannot be undone, as the last."""

    CHANGE_EMAIL = "change_email", _("Change the email address")
    CONFIRM_EMAIL = "confirm_email", _("Confirm the new email address")
    LINK_CARE_IDENTITY = "link_care_identity", _("Link a Care Identity")
    UNLINK_CARE_IDENTITY = "unlink_care_identity", _("Unlink the Care Identity")
    REMOVE_SECOND_STEP = "remove_second_step", _("Remove the second step")
    MAKE_BOOTSTRAP_CODE = "make_bootstrap_code", _("Give a code for a new second step")
    UNFREEZE = "unfreeze", _("Let the frozen password work again")
    ERASE = "erase", _("Erase a person who has left")


class State(models.TextChoices):
    """How far it has come."""

    WAITING = "waiting", _("Waiting for a second agent")
    # Of a code that is read to the caller: the agent who asked makes it when the caller is on the telephone.
    APPROVED = "approved", _("Approved, not done yet")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused by a second agent")
    WITHDRAWN = "withdrawn", _("Withdrawn by the agent who asked")
    OVER = "over", _("Not decided in time")


OPEN = (State.WAITING, State.APPROVED)


class Second(models.TextChoices):
    """Why a second agent is needed."""

    NOT_NEEDED = "", _("Not needed")
    WEAK_CHECK = "weak_check", _("The caller showed no code and no card")
    CARD_FOR_CARD = (
        "card_for_card",
        _("A Care Identity lets its holder in at once: only a code from the person will do"),
    )
    CHANGED_LATELY = "changed_lately", _("The person was recovered or changed in the last 72 hours")
    HAS_RIGHTS = "has_rights", _("The person has rights in the helpdesk’s pages")
    CONFIRMS = "confirms", _("A second agent is what this asks for")


STRONG = (CheckKind.CODE.value, CheckKind.CARD.value)


class Proposal(models.Model):
    """One change, asked for by one agent. Outlives the people it names, as security events do."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="proposals")
    action = models.CharField(max_length=30, choices=Action)
    # The new address or number, and the one on record when it was asked for. Emptied by the daily work.
    value = models.CharField(max_length=254, blank=True)
    before = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    check_kind = models.CharField(max_length=10, choices=CheckKind, blank=True)
    # Where the card was shown to the portal itself, and to no agent: when.
    card_shown_at = models.DateTimeField(null=True)
    second = models.CharField(max_length=20, choices=Second, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["state", "-asked_at"], name="proposal_by_state")]
        constraints = [
            models.CheckConstraint(condition=models.Q(action__in=Action.values), name="proposal_action_is_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="proposal_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
                name="proposal_is_decided_by_another_agent",
            ),
            models.CheckConstraint(
                condition=~models.Q(asked_by=models.F("user"))
                & (models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("user"))),
                name="proposal_is_not_about_its_agents",
            ),
            # The rule itself: the word of one agent alone does none of these.
            models.CheckConstraint(
                condition=~models.Q(state__in=[State.APPROVED, State.DONE])
                | models.Q(decided_by__isnull=False)
                | models.Q(second="", check_kind__in=STRONG) & ~models.Q(action=Action.CONFIRM_EMAIL),
                name="proposal_is_done_after_a_check_or_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.REFUSED) | models.Q(decided_by__isnull=False),
                name="proposal_is_refused_by_an_agent",
            ),
            models.UniqueConstraint(
                fields=["user", "action"],
                condition=models.Q(state__in=[State.WAITING, State.APPROVED]),
                name="proposal_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.pk}"
