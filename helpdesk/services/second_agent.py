"""When the check of a caller is enough, and when a second agent has to agree (docs/decisions/0050)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.models.caller_check import CheckKind
from accounts.models.proposal import STRONG, Action, Second
from accounts.models.security_event import Event
from people.services import rights, same_person

if TYPE_CHECKING:
    from accounts.models import Proposal

# How long after a recovery or a change the next change needs two.
LATELY = datetime.timedelta(hours=72)

# What may have been the first half of a take-over. An agent's own recovery mail is none: it goes to the person.
_WAYS_IN = (
    Event.RECOVERY_LINK_USED,
    Event.CARE_IDENTITY_LINKED,
    Event.CARE_IDENTITY_UNLINKED,
    Event.SECOND_STEP_REMOVED,
    Event.BOOTSTRAP_CODE_MADE,
    Event.BOOTSTRAP_CODE_USED,
    Event.EMAIL_CONFIRMED,
    # The person says that something was not them.
    Event.FROZEN,
)
# Facts by which it is decided who may get in, and how.
_FACTS_OF_WAYS_IN = (
    *("email", "date_of_birth", "person_type", "starts_on", "ends_on"),
    *("is_active_on", "care_identity_only_on", "care_identity_only_off"),
)


def why(*, person: User, action: Action, check_kind: str, checked_at: datetime.datetime | None = None) -> Second:
    """Return why `action` for `person` needs a second agent, or NOT_NEEDED where the check of the caller is enough.

    `checked_at` is when they were checked, None just now: who was changed since may be another by now.
    """
    if action in {Action.CONFIRM_EMAIL, Action.ERASE}:
        return Second.CONFIRMS
    if person.role:
        return Second.HAS_RIGHTS
    if check_kind not in STRONG:
        return Second.WEAK_CHECK
    if action is Action.LINK_CARE_IDENTITY and check_kind != CheckKind.CODE:
        return Second.CARD_FOR_CARD
    # A person who pressed by mistake calls soon after: of their own freeze alone it is not asked.
    but = (Event.FROZEN,) if action is Action.UNFREEZE else ()
    changed = was_changed(person=person, since=(checked_at or timezone.now()) - LATELY, but=but)
    return Second.CHANGED_LATELY if changed else Second.NOT_NEEDED


def in_words_after_a_card(*, person: User, action: Action, shown_at: datetime.datetime | None) -> str:
    """Return why `action` for a person who has shown their card needs a second agent, in words, or ""."""
    why_needed = why(person=person, action=action, check_kind=CheckKind.CARD, checked_at=shown_at)
    return str(why_needed.label) if why_needed else ""


def may_be_second(*, by: User, asked_by: User, person: User, value: str = "") -> bool:
    """Return whether `by` counts as another agent than `asked_by`, and as another human being than both.

    Nor may `value`, the address or number that is to be put on record, be theirs. A national administrator could add an
    account, give it a role and agree with themselves: a role that `asked_by` gave within LATELY does not count.
    """
    given = by.security_events.filter(event=Event.ROLE_GIVEN, by=asked_by, at__gt=timezone.now() - LATELY)
    is_another = not same_person.is_same(user=by, other=asked_by) and not same_person.is_same(user=by, other=person)
    return is_another and value not in same_person.ways_in_of(user=by) and not given.exists()


def may_decide(*, by: User, proposal: Proposal) -> bool:
    """Return whether `by` may be the second agent of `proposal`: not where the agent who asked is on record no more."""
    asked_by = User.objects.filter(pk=proposal.asked_by_id).first()
    if asked_by is None or not rights.may_approve(by=by, person=proposal.user):
        return False
    return may_be_second(by=by, asked_by=asked_by, person=proposal.user, value=proposal.value)


def was_changed(*, person: User, since: datetime.datetime, but: tuple[Event, ...] = ()) -> bool:
    """Return whether `person` was recovered, frozen or changed after `since` in what lets them in.

    Events of the kinds in `but` do not count.
    """
    lately = person.security_events.filter(at__gt=since).exclude(event__in=but)
    facts = Q(event=Event.PERSON_CHANGED, reason__in=_FACTS_OF_WAYS_IN, by__isnull=False)
    # A change that the person made for themselves is none of the helpdesk's.
    theirs = Q(event__in=_WAYS_IN) & ~Q(event=Event.SECOND_STEP_REMOVED, by__isnull=True)
    return lately.filter(facts | theirs | Q(event=Event.UNFROZEN, by__isnull=False)).exists()
