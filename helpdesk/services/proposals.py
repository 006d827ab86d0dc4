"""What could let a wrong person in is done after a strong check of the caller, or by two agents.

An agent asks; where the caller has shown a code or a card to this agent, and nothing speaks against it, it is done at
once. Otherwise it waits for a second agent, who sees what changes, who asked and which check was made, and approves or
refuses. Either way a row is kept that says all of it, and the database refuses one that was done without
(docs/decisions/0050-the-caller-is-checked.md).
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Proposal, User
from accounts.models.caller_check import CheckKind
from accounts.models.outbox import Kind
from accounts.models.proposal import OPEN, Action, State
from accounts.models.security_event import Event
from accounts.services import caller_checks, email_corrections, events, outbox
from accounts.services.second_step import bootstrap_codes
from helpdesk import asked_for
from helpdesk.services import doing, second_agent
from people.services import rights, same_person

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import SecurityEvent

# Two nights' shifts and a day between them.
WAITS_FOR = datetime.timedelta(hours=72)
# For the agent who asked, to reach the caller again and read the code out.
APPROVED_FOR = datetime.timedelta(hours=24)
VALUES_KEPT_FOR = datetime.timedelta(days=30)
ROWS_KEPT_FOR = datetime.timedelta(days=365)


class NothingToDo(Exception):
    """The record is so already."""


class ChangedSince(Exception):
    """The record is another than when this was asked for, or it was decided meanwhile."""


class WaitsAlready(Exception):
    """The same was asked for already, and waits for a second agent."""


def ask(
    *, person: User, action: Action, by: User, reason: str, value: str = "", card_at: datetime.datetime | None = None
) -> Proposal:
    """Ask for `action` for `person`; return what became of it: done, approved (a code to be made), or waiting.

    `value` is the new address or number, as it is typed; `card_at` is when the person has shown their card to the
    portal itself, where they have. Records DONE_FOR_CALLER or SECOND_AGENT_ASKED. Raises NotAllowed,
    asked_for.Unusable, NothingToDo, WaitsAlready, and LinkedToAnotherPerson of people.services.care_identity_links.
    """
    with transaction.atomic():
        doing.lock_organisation(person=person)
        now = User.objects.select_for_update().select_related("organisation").get(pk=person.pk)
        if not may_ask(by=by, person=now, action=action):
            raise rights.NotAllowed
        value = asked_for.as_stored(now, action, value)
        # They would get in themselves by it.
        if value in same_person.ways_in_of(user=by):
            raise rights.NotAllowed
        before = asked_for.on_record(now, action)
        if not asked_for.is_to_do(now, action, value, before):
            raise NothingToDo
        for lapsed in (_overdue(), _left_alone()):
            _let_lapse(lapsed.filter(user=now, action=action))
        if open_ones().filter(user=now, action=action).exists():
            raise WaitsAlready
        check = caller_checks.passed(person=now, agent=by)
        kind = CheckKind.CARD if card_at else check.kind if check else ""
        proposal = Proposal(
            user=now,
            action=action,
            value=value,
            before=before,
            reason=reason,
            asked_by=by,
            check_kind=kind,
            card_shown_at=card_at,
            second=second_agent.why(person=now, action=action, check_kind=kind, checked_at=card_at),
        )
        doing.refuse_impossible(proposal)
        if proposal.second:
            proposal.save(force_insert=True)
            _record(Event.SECOND_AGENT_ASKED, proposal, by=by)
        else:
            _do(proposal, by=by)
    return proposal


def may_ask(*, by: User, person: User, action: Action) -> bool:
    """Return whether `by` may ask for `action` for `person`: an erasure, which is for good, fewer may."""
    may = rights.may_erase if action is Action.ERASE else rights.may_change
    return may(by=by, person=person)


def approve(*, proposal: Proposal, by: User, decision: str = "") -> Proposal:
    """Let `by`, another agent, agree: what was asked for is done, or may be. Records SECOND_AGENT_AGREED.

    Raises NotAllowed, also where the agent who asked may not change the person any more; ChangedSince;
    LinkedToAnotherPerson of people.services.care_identity_links; and leavers.NotErased. An erased person takes
    the row along: the events say who asked, why, and who agreed.
    """
    with transaction.atomic():
        row = _decided(proposal, by=by, decision=decision)
        if not may_ask(by=row.asked_by, person=row.user, action=Action(row.action)) or not row.asked_by.may_enter():
            raise rights.NotAllowed
        if not asked_for.is_as_it_was(row):
            raise ChangedSince
        _record(Event.SECOND_AGENT_AGREED, row, by=by)
        _do(row, by=row.asked_by)
    return row


def refuse(*, proposal: Proposal, by: User, decision: str) -> None:
    """Let `by`, another agent, refuse, and say why. Records SECOND_AGENT_REFUSED. Raises NotAllowed, ChangedSince."""
    with transaction.atomic():
        row = _decided(proposal, by=by, decision=decision)
        row.state = State.REFUSED
        row.save()
        _tell_who_asked_by_card(row, event=_record(Event.SECOND_AGENT_REFUSED, row, by=by).pk)


def withdraw(*, proposal: Proposal, by: User) -> None:
    """Let the agent who asked take it back. Raises NotAllowed, ChangedSince."""
    with transaction.atomic():
        row = _locked(proposal)
        if row.asked_by_id != by.pk:
            raise rights.NotAllowed
        if row.state not in OPEN:
            raise ChangedSince
        row.state = State.WITHDRAWN
        row.save(update_fields=["state"])
        _tell_who_asked_by_card(row)


def make_code(*, proposal: Proposal, by: User) -> str:
    """Make the code that is read to the caller, once, for the agent who asked; return it: "1234 5678".

    Raises NotAllowed, and ChangedSince where it was made already, or APPROVED_FOR is over.
    """
    with transaction.atomic():
        row = _locked(proposal)
        if row.asked_by_id != by.pk or not rights.may_change(by=by, person=row.user):
            raise rights.NotAllowed
        decided = row.decided_at or row.asked_at
        if row.state != State.APPROVED or decided + APPROVED_FOR <= timezone.now():
            raise ChangedSince
        # One agent, alone, would else have a new address and the code side by side.
        if second_agent.was_changed(person=row.user, since=decided):
            raise ChangedSince
        code = bootstrap_codes.make(user=row.user, by=by)
        _finish(row, by=by)
    return code


def open_ones() -> QuerySet[Proposal]:
    """Return what waits for a second agent, or for the code to be made."""
    over = Q(pk__in=_overdue().values("pk")) | Q(pk__in=_left_alone().values("pk"))
    return Proposal.objects.filter(state__in=OPEN).exclude(over)


def seen_by(*, agent: User) -> QuerySet[Proposal]:
    """Return the proposals that `agent` may see: for the people whose records they see, and not left alone."""
    # Not joined with its agents: what came of it stays where one of them is on record no more.
    rows = Proposal.objects.select_related("user__organisation").prefetch_related("asked_by", "decided_by")
    rows = rows.exclude(pk__in=_left_alone().values("pk"))
    return rows if rights.is_operator(user=agent) else rows.filter(user__organisation_id=agent.organisation_id)


def end_old() -> int:
    """End what was not decided in time, forget addresses and numbers, delete old rows; return how many. Daily work."""
    now = timezone.now()
    old = Proposal.objects.filter(asked_at__lte=now - VALUES_KEPT_FOR).exclude(value="", before="")
    ended = old.update(value="", before="")
    for key in list(_overdue().values_list("user_id", flat=True).distinct()):
        with transaction.atomic():
            # The person first, as everywhere.
            if User.objects.select_for_update().filter(pk=key).exists():
                ended += _let_lapse(_overdue().filter(user_id=key))
    deleted, _ = Proposal.objects.filter(asked_at__lte=now - ROWS_KEPT_FOR).delete()
    return ended + deleted


def _overdue() -> QuerySet[Proposal]:
    now = timezone.now()
    rows = Proposal.objects.alias(since=Coalesce("decided_at", "asked_at")).order_by()
    not_decided = Q(state=State.WAITING, since__lte=now - WAITS_FOR)
    return rows.filter(not_decided | Q(state=State.APPROVED, since__lte=now - APPROVED_FOR))


def _let_lapse(rows: QuerySet[Proposal]) -> int:
    """End what was not decided or used in time, of a person whom the caller holds; return how many."""
    lapsed = list(rows.select_for_update(of=("self",)))
    for row in lapsed:
        _tell_who_asked_by_card(row, undecided=True)
    return Proposal.objects.filter(pk__in=[row.pk for row in lapsed]).update(state=State.OVER)


def _tell_who_asked_by_card(row: Proposal, *, event: int | None = None, undecided: bool = False) -> None:
    """Tell a person whose correction of their address an agent had accepted that it does not come to pass."""
    if row.card_shown_at is not None and row.action == Action.CHANGE_EMAIL and row.value:
        email_corrections.tell_that_nothing_changes(
            user_id=row.user_id, email=row.value, event=event, undecided=undecided
        )


def _left_alone() -> QuerySet[Proposal]:
    """Return what waits of agents who are on record no more: no second agent could ask them."""
    return Proposal.objects.filter(~Exists(User.objects.filter(pk=OuterRef("asked_by"))), state__in=OPEN).order_by()


def _locked(proposal: Proposal) -> Proposal:
    """Return a proposal as it is by now, under locks on the organisation, the person and itself, in this order."""
    doing.lock_organisation(person=proposal.user)
    User.objects.select_for_update().get(pk=proposal.user_id)
    return Proposal.objects.select_for_update(of=("self",)).select_related("user__organisation").get(pk=proposal.pk)


def _decided(proposal: Proposal, *, by: User, decision: str) -> Proposal:
    """Write down that `by` decides. Raises NotAllowed, and ChangedSince where it does not wait any more."""
    row = _locked(proposal)
    if not second_agent.may_decide(by=by, proposal=row):
        raise rights.NotAllowed
    if row.state != State.WAITING or row.asked_at + WAITS_FOR <= timezone.now():
        raise ChangedSince
    row.decided_by, row.decided_at, row.decision = by, timezone.now(), decision
    return row


def _do(row: Proposal, *, by: User) -> None:
    """Do what was asked for, or note that its code can be made now. The caller holds the locks."""
    if row.action == Action.MAKE_BOOTSTRAP_CODE:
        row.state = State.APPROVED
        row.save()
        return
    with events.noting(row.reason):
        doing.do(row, by=by)
    if row.action == Action.ERASE:
        # The row went with the person, and so did whom to tell.
        row.state = State.DONE
        return
    _finish(row, by=by)


def _finish(row: Proposal, *, by: User) -> None:
    row.state, row.done_at = State.DONE, timezone.now()
    row.save()
    event = _record(Event.DONE_FOR_CALLER, row, by=by)
    if row.action in doing.TOLD_HERE:
        outbox.add(
            kind=Kind.DONE_FOR_CALLER,
            about={"users": [row.user_id], "event": event.pk, doing.TOLD_HERE[row.action]: True},
        )


def _record(event: Event, row: Proposal, *, by: User) -> SecurityEvent:
    note = row.decision if by.pk == row.decided_by_id else row.reason
    # What the second agent writes of an erasure could name the person, and events stay: refusals are not one.
    if event is Event.SECOND_AGENT_AGREED and row.action == Action.ERASE:
        note = ""
    with events.noting(note):
        return events.record(event=event, user_id=row.user_id, by=by, reason=row.action, reference=f"D{row.pk}")
