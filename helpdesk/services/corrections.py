"""Corrections of an address on record that people have asked for by smartcard: an agent accepts or refuses each.

The smartcard is a check of kind "card" that the portal itself has made, which is more than an agent's word; so one
agent is enough, but where a second agent is needed after a card too (helpdesk/services/second_agent.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import GivenAddress, SecurityEvent, User
from accounts.models.proposal import Action
from accounts.models.security_event import Event
from accounts.services import email_corrections, events
from helpdesk.services import doing, proposals
from people.services import rights

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Proposal


_DECISIONS = (Event.EMAIL_CORRECTION_ACCEPTED, Event.EMAIL_CORRECTION_REFUSED)


class Gone(Exception):
    """It was decided, or taken back, or its time is over."""


def seen_by(*, agent: User) -> QuerySet[GivenAddress]:
    """Return the open corrections for the people whose records `agent` may see, those that wait longest first."""
    rows = email_corrections.open_ones().select_related("user__organisation").order_by("confirmed_at")
    return rows if rights.is_operator(user=agent) else rows.filter(user__organisation_id=agent.organisation_id)


def decided(*, key: int, agent: User) -> SecurityEvent | None:
    """Return the event of the decision about the correction with this key, which itself is erased by then, or None.

    Only where `agent` may see the record that it was about.
    """
    events_of = SecurityEvent.objects.filter(event__in=_DECISIONS, reference=_reference(key))
    event = events_of.select_related("user__organisation", "by").first()
    if event is None or event.user is None or not rights.may_see(by=agent, person=event.user):
        return None
    return event


def waiting_for(*, person: User) -> GivenAddress | None:
    """Return the open correction of `person`, or None."""
    return email_corrections.open_ones().filter(user=person).first()


def may_decide(*, by: User, correction: GivenAddress) -> bool:
    """Return whether `by` may accept or refuse a correction: of another human being, and to no mailbox of their own."""
    return rights.may_change(by=by, person=correction.user) and correction.email != by.email


def accept(*, correction: GivenAddress, by: User, reason: str) -> Proposal:
    """Put the new address on record, or have it wait for a second agent; return which.

    Records EMAIL_CORRECTION_ACCEPTED. Raises NotAllowed, Gone, and what proposals.ask raises.
    """
    with transaction.atomic():
        row = _taken(correction, by=by)
        proposal = proposals.ask(
            person=row.user,
            action=Action.CHANGE_EMAIL,
            by=by,
            reason=reason,
            value=row.email,
            card_at=row.card_shown_at,
        )
        with events.noting(reason):
            reference = _reference(correction.pk)
            events.record(event=Event.EMAIL_CORRECTION_ACCEPTED, user_id=row.user_id, by=by, reference=reference)
    return proposal


def refuse(*, correction: GivenAddress, by: User, reason: str) -> None:
    """Refuse, and tell the person at both addresses. Records EMAIL_CORRECTION_REFUSED. Raises NotAllowed and Gone."""
    with transaction.atomic():
        row = _taken(correction, by=by)
        with events.noting(reason):
            reference = _reference(correction.pk)
            event = events.record(event=Event.EMAIL_CORRECTION_REFUSED, user_id=row.user_id, by=by, reference=reference)
        email_corrections.tell_that_nothing_changes(user_id=row.user_id, email=row.email, event=event.pk)


def _reference(key: int) -> str:
    """Return by what the event of a decision names its correction. No key is given twice."""
    return f"C{key}"


def _taken(correction: GivenAddress, *, by: User) -> GivenAddress:
    """Take a correction out of the queue, in the caller's transaction; return it as it was.

    Of two agents who press at once, one has it.
    """
    # Before the person, as everywhere.
    doing.lock_organisation(person=correction.user)
    person = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=correction.user_id)
    row = email_corrections.open_ones().filter(pk=correction.pk, email=correction.email).first()
    if row is None:
        raise Gone
    row.user = person
    if not may_decide(by=by, correction=row):
        raise rights.NotAllowed
    GivenAddress.objects.filter(pk=row.pk).delete()
    return row
