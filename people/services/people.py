"""One person's record, added or changed by hand. Files of many are people/services/people_import."""

from __future__ import annotations

import copy
import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.identifiers import normalise_email
from accounts.models import FormerEmail, User
from accounts.models.outbox import Kind
from accounts.models.role import NO_ROLE
from accounts.models.security_event import Event
from accounts.services import events, outbox, sessions
from people.services import rights, usernames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Organisation, SecurityEvent

# Long enough for the person to read at the old address that it was changed, and to say that it was not them.
LINKS_HELD_FOR = datetime.timedelta(hours=24)
# What may change on a person's record, by hand or by an import. Never the password, nor the username and organisation,
# which a record keeps for good.
PERSON_FIELDS = (
    "given_name",
    "family_name",
    "email",
    "date_of_birth",
    "employee_number",
    "person_type",
    "starts_on",
    "ends_on",
    "is_active",
    "must_change_password",
    "care_identity_only",
    "role",
)
# By these it is decided who may get in. The person is told where an agent changes one, by hand or by a file, as of all
# that an agent does.
TOLD = frozenset(
    ("date_of_birth", "person_type", "starts_on", "ends_on", "is_active", "must_change_password", "care_identity_only")
)


def add(*, person: User, by: User | None) -> User:
    """Add a new person's record, with the next free username and no password; return it. Records PERSON_ADDED.

    Where it has a role, ROLE_GIVEN too.
    `by` is None at the command line. Raises NotAllowed where `by` may not add it.
    """
    if by is not None and not _may_add(by=by, person=person):
        raise rights.NotAllowed
    with transaction.atomic():
        person.username = usernames.next_free(
            organisation=person.organisation, given_name=person.given_name, family_name=person.family_name
        )
        person.save(force_insert=True)
        events.record(event=Event.PERSON_ADDED, user_id=person.pk, by=by)
        if person.role:
            _record_role(before=NO_ROLE, person=person, by=by)
    return person


def change(*, person: User, by: User | None, caller_was_checked: bool = False, confirmed: bool = False) -> list[str]:
    """Store what differs between `person` and their record; return the names of those fields.

    An agent changes the email address where the `caller_was_checked` (helpdesk/services/proposals.py), and for
    LINKS_HELD_FOR the new one gets no link unless a second agent `confirmed` it. The command line needs neither.

    Nothing else of the record is written: a password that was set meanwhile stays. A mail about a new email address
    goes to it and to the former one; one about another role to the person, and about what else lets them in or keeps
    them out where an agent changed it. Sessions end where the person may no longer
    enter or has another role. Records PERSON_CHANGED for each field, of a role ROLE_GIVEN or ROLE_TAKEN_AWAY. `by` is
    None at the command line. Raises NotAllowed where `by` may not change it.
    """
    person.email = normalise_email(person.email)
    with transaction.atomic():
        before = User.objects.select_for_update().get(pk=person.pk)
        changed = [field for field in PERSON_FIELDS if getattr(before, field) != getattr(person, field)]
        if not changed:
            return []
        if by is not None:
            guarded = frozenset() if caller_was_checked else rights.WAYS_IN
            _refuse_what_may_not_change(by=by, before=before, person=person, fields={*changed}, guarded=guarded)
        person.save(update_fields=[*changed, *_hold_links(person, changed, before=before, by=by, confirmed=confirmed)])
        for field in changed:
            _tell_of_change(field, before=before, person=person, by=by)
        if not person.may_enter() or "role" in changed:
            sessions.end_all(user=person)
    return changed


def emails_changed(*, former: Mapping[int, str], recorded: Mapping[int, int]) -> None:
    """Send a mail about the change of their address to the former and the new one of each (NIST SP 800-63B-4, 4.6).

    `former` has the former addresses by user id, and `recorded` the keys of the events. Call it in the transaction that
    changes the addresses. The former ones are kept until their mails are out.
    """
    kept = FormerEmail.objects.bulk_create(
        [FormerEmail(user_id=user_id, email=email) for user_id, email in former.items()], batch_size=1000
    )
    to_former = ({"users": [row.user_id], "former_email": row.pk, "event": recorded[row.user_id]} for row in kept)
    outbox.add_many(kind=Kind.EMAIL_CHANGED, about=to_former)
    outbox.add_many(
        kind=Kind.EMAIL_CHANGED, about=({"users": [user_id], "event": recorded[user_id]} for user_id in former)
    )


def employee_number_is_taken(*, employee_number: str, organisation: Organisation, but: int | None) -> bool:
    """Return whether a person at `organisation`, other than the one with the key `but`, has this ESR number.

    In a transaction, the answer stays true to its end: no other person is added there meanwhile.
    """
    usernames.lock(organisations=[organisation.pk])
    others = organisation.people.filter(employee_number=employee_number)
    return (others.exclude(pk=but) if but else others).exists()


def _may_add(*, by: User, person: User) -> bool:
    role, person_without = person.role, copy.copy(person)
    person_without.role = NO_ROLE
    may_give = not role or rights.may_give_role(by=by, person=person_without, role=role)
    return may_give and rights.may_change(by=by, person=person_without)


def _refuse_what_may_not_change(
    *, by: User, before: User, person: User, fields: set[str], guarded: frozenset[str]
) -> None:
    """Raise NotAllowed where `by` may not change one of `fields`, or it is one of `guarded`, or may not give a role."""
    may_change_facts = fields <= {"role"} or rights.may_change(by=by, person=before)
    may_change_role = "role" not in fields or rights.may_give_role(by=by, person=before, role=person.role)
    if not may_change_facts or not may_change_role or fields & guarded:
        raise rights.NotAllowed


def _tell_of_change(field: str, *, before: User, person: User, by: User | None) -> None:
    """Record that a field has changed; of some, tell the person."""
    if field == "role":
        event = _record_role(before=before.role, person=person, by=by)
        outbox.add(kind=Kind.ROLE_CHANGED, about={"users": [person.pk], "event": event.pk})
        return
    event = events.record(event=Event.PERSON_CHANGED, user_id=person.pk, by=by, reason=_what(field, person))
    if field == "email":
        emails_changed(former={person.pk: before.email}, recorded={person.pk: event.pk})
    elif by is not None and field in TOLD:
        outbox.add(kind=Kind.HELPED, about={"users": [person.pk], "event": event.pk})


def _record_role(*, before: str, person: User, by: User | None) -> SecurityEvent:
    """Record which role a person was given, and instead of which, or that they lost theirs; return the event."""
    kind = Event.ROLE_GIVEN if person.role else Event.ROLE_TAKEN_AWAY
    reason = f"{before}_to_{person.role}" if before and person.role else person.role or before
    return events.record(event=kind, user_id=person.pk, by=by, reason=reason)


def _hold_links(person: User, changed: list[str], *, before: User, by: User | None, confirmed: bool) -> list[str]:
    """Keep links from a new address that an agent put on record, for a while; return what is to be saved besides."""
    if "email" not in changed or by is None:
        return []
    until = timezone.now() + LINKS_HELD_FOR
    # Never shortened by one agent: after "this was not me" it is longer (accounts/services/freezing.py).
    person.links_held_until = None if confirmed else max(until, before.links_held_until or until)
    return ["links_held_until"]


def _what(field: str, person: User) -> str:
    """Return the code of a change: the field, and for a tick whether it is there now. Never a value."""
    value = getattr(person, field)
    return f"{field}_{'on' if value else 'off'}" if isinstance(value, bool) else field
