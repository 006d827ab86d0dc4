"""What a file from the desk may do: no more than the agent could do by hand, person by person (docs/decisions/0051).

An address or a Care Identity on a record that is there already lets its holder in. By hand it takes a check of the
caller or a second agent; in a file it takes a second agent, who sees each of them, or the line is left out.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.models import User
from people.services import rights, same_person
from people.services.people_import.faults import Fault
from people.services.people_import.matching import Change, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from people.services.people_import.checking import Facts

# May not change together with a way in: a second agent judges one thing.
_PERSON_TYPE = "person_type"
CARE_IDENTITY = "care_identity"
EMAIL = "email"


@dataclasses.dataclass(frozen=True, slots=True)
class Guarded:
    """A change that takes a second agent: what becomes what, of which of the two."""

    change: Change
    person: User
    column: str
    old: str
    new: str


@dataclasses.dataclass(slots=True)
class Allowed:
    """What one agent may have a file do, what takes two, and what is left out, with why."""

    plan: Plan
    guarded: list[Guarded]
    left: list[Fault]


def sort(*, planned: Plan, by: User) -> Allowed:
    """Sort what is planned by what `by` may do. Reads the people whose records would change."""
    left = list(planned.faults)
    at_fault = {fault.line for fault in left}
    new = []
    for facts in planned.new:
        problem = _problem_of_new(facts)
        if problem:
            left.append(Fault(facts.line, "username", problem))
        elif facts.line not in at_fault:
            new.append(facts)
    changes = [change for change in planned.changes if change.line not in at_fault]
    people = User.objects.in_bulk([change.user_id for change in changes])
    own = same_person.same_among(user=by, people=people.values()) if people else set()
    would_be = own | _would_be_their_own(changes, by)
    allowed = Allowed(plan=Plan(new=new, unchanged=planned.unchanged), guarded=[], left=left)
    for change in changes:
        is_own, would_be_own = change.user_id in own, change.user_id in would_be
        _sort_one(change, people[change.user_id], by, allowed, is_own=is_own, would_be_own=would_be_own)
    return allowed


def _would_be_their_own(changes: Sequence[Change], by: User) -> set[int]:
    """Return the keys of the people who would be `by` after their change: with their mailbox or Care Identity."""
    ways_in = same_person.ways_in_of(user=by) if changes else frozenset()
    return {
        change.user_id for change in changes if not ways_in.isdisjoint({change.after.get(EMAIL), change.care_identity})
    }


def why_two(guarded: Guarded) -> Fault:
    """Return what is said of a change that takes a second agent, where none has agreed."""
    if guarded.column == EMAIL:
        problem = _("Another email address needs a second agent. Change it on the page of the person.")
    else:
        problem = _("Another Care Identity needs a second agent. Link it on the page of the person.")
    return Fault(guarded.change.line, guarded.column, problem)


def _problem_of_new(facts: Facts) -> str:
    if not facts.username:
        return ""
    return _("This person is new, and gets a username from the portal: leave the field empty.")


def _sort_one(change: Change, person: User, by: User, allowed: Allowed, *, is_own: bool, would_be_own: bool) -> None:
    ways_in = [column for column in (EMAIL,) if column in change.after]
    if change.care_identity:
        ways_in.append(CARE_IDENTITY)
    problem = _problem_of(change, person, ways_in, is_own=is_own, would_be_own=would_be_own, by=by)
    if problem:
        allowed.left.append(Fault(change.line, ways_in[0] if ways_in else "", problem))
    elif EMAIL in ways_in:
        new = str(change.after[EMAIL])
        allowed.guarded.append(Guarded(change, person, EMAIL, change.former_email, new))
    elif CARE_IDENTITY in ways_in:
        new = change.care_identity
        allowed.guarded.append(Guarded(change, person, CARE_IDENTITY, change.former_care_identity, new))
    else:
        allowed.plan.changes.append(change)


def _problem_of(change: Change, person: User, ways_in: list[str], *, is_own: bool, would_be_own: bool, by: User) -> str:
    """Return why a change is left out whoever else agrees, or "" where it is not."""
    if person.pk == by.pk:
        return _("This is your own record. Another agent changes it.")
    if is_own:
        return _("This is your own mailbox, or a person who has it or your Care Identity. Another agent changes it.")
    if not rights.may_change(by=by, person=person, is_another=True):
        return _("This person has a role in the helpdesk’s pages: a national administrator changes the record.")
    if not ways_in:
        return ""
    if would_be_own:
        return _("This is your own mailbox, or a person who has it or your Care Identity. Another agent changes it.")
    if len(ways_in) > 1 or _PERSON_TYPE in change.after:
        return _(
            "An email address or Care Identity does not change together with the other or the person type. Change one "
            "of them on the page of the person."
        )
    return ""
