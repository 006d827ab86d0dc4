"""What an agent asks for, held against the record: its value as it is stored, and whether it is still to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.identifiers import normalise_care_identity, normalise_email
from accounts.models import CareIdentity
from accounts.models.proposal import Action
from accounts.models.security_event import Event
from accounts.services import second_step
from people.services import person_facts

if TYPE_CHECKING:
    from accounts.models import Proposal, User

_OF_SECOND_STEP = (Action.REMOVE_SECOND_STEP, Action.MAKE_BOOTSTRAP_CODE)
_NEW_SECOND_STEP = (Event.SECOND_STEP_ENROLLED, Event.PASSKEY_ADDED)


class Unusable(Exception):
    """What was typed cannot be put on record; a sentence says why."""


def as_stored(person: User, action: Action, typed: str) -> str:
    """Return an address or number in its one spelling, "" for an action that has none. Raises Unusable."""
    if action is Action.CHANGE_EMAIL:
        value = normalise_email(typed)
        problem = person_facts.email_problem(
            email=value,
            person_type=person.person_type,
            domains=person_facts.domains_of(organisation=person.organisation),
        )
    elif action is Action.LINK_CARE_IDENTITY:
        value = normalise_care_identity(typed)
        problem = person_facts.care_identity_problem(uid=value)
    else:
        return ""
    if problem:
        raise Unusable(problem)
    return value


def on_record(person: User, action: Action) -> str:
    """Return what the record says now of what is to change: a later answer that differs is another record."""
    if action in {Action.CHANGE_EMAIL, Action.CONFIRM_EMAIL}:
        return person.email
    if action in {Action.LINK_CARE_IDENTITY, Action.UNLINK_CARE_IDENTITY}:
        return CareIdentity.objects.filter(user=person).values_list("uid", flat=True).first() or ""
    if action is Action.UNFREEZE:
        return person.password_frozen_at.isoformat() if person.password_frozen_at else ""
    return ""


def is_to_do(person: User, action: Action, value: str, before: str) -> bool:
    """Return whether `action` would change anything where the record says `before`."""
    match action:
        case Action.CHANGE_EMAIL | Action.LINK_CARE_IDENTITY:
            return value != before
        case Action.UNLINK_CARE_IDENTITY | Action.UNFREEZE:
            return before != ""
        case Action.REMOVE_SECOND_STEP | Action.MAKE_BOOTSTRAP_CODE:
            return second_step.is_set_up(user=person)
        case Action.CONFIRM_EMAIL:
            return person.links_are_held()
        case Action.ERASE:
            return True


def is_as_it_was(row: Proposal) -> bool:
    """Return whether what was asked for is still to be done, and to the record that the agent saw who asked."""
    action = Action(row.action)
    if on_record(row.user, action) != row.before or not is_to_do(row.user, action, row.value, row.before):
        return False
    try:
        fits = as_stored(row.user, action, row.value) == row.value
    except Unusable:
        return False
    since = row.user.security_events.filter(at__gt=row.asked_at)
    # The person says that something was not them, which may be this.
    if action is not Action.UNFREEZE and since.filter(event=Event.FROZEN).exists():
        return False
    return fits and not (action in _OF_SECOND_STEP and since.filter(event__in=_NEW_SECOND_STEP).exists())
