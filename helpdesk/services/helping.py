"""What an agent does for a caller: within their rights, with a note of the reason, and told to the person by mail.

Each takes `by`, the agent, and `note`, which caller and why. Each raises rights.NotAllowed where the agent may not
change the record, or it is their own.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, freezing, internet_access, lockout, outbox, recovery, sessions
from accounts.services.second_step import wrong_codes
from people.services import people, person_facts, rights

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator


class ChangedMeanwhile(Exception):
    """The record is no longer what the page has shown."""


class NotADay(Exception):
    """The record cannot have this last day; the message says why."""


def may_help(*, by: User, person: User) -> bool:
    """Return whether `by` may do anything for `person` on the desk."""
    return rights.may_change(by=by, person=person)


@contextmanager
def noted(*, by: User, person: User, note: str) -> Iterator[None]:
    """Do what is inside in one transaction, with `note` on each event. Raises rights.NotAllowed before anything is."""
    if not may_help(by=by, person=person):
        raise rights.NotAllowed
    with events.noting(note), transaction.atomic():
        yield


def unlock(*, person: User, by: User, note: str) -> bool:
    """Lift every lock of `person`; return whether there was any."""
    with noted(by=by, person=person, note=note):
        return lockout.unlock(user=person, by=by)


def send_recovery_email(*, person: User, by: User, note: str) -> None:
    """Send the mail with username and link to the address on record. Raises recovery.TooManyMails."""
    with noted(by=by, person=person, note=note):
        recovery.send_by_helpdesk(user=person, by=by)


def give_internet_access(*, person: User, by: User, note: str) -> bool:
    """Let the password of `person` work anywhere; return False where it does already."""
    with noted(by=by, person=person, note=note):
        return internet_access.grant_by_helpdesk(user=person, by=by)


def withdraw_internet_access(*, person: User, by: User, note: str) -> bool:
    """Let it work in the organisation's networks alone; return False where there was no access to withdraw."""
    with noted(by=by, person=person, note=note):
        return internet_access.withdraw(user=person, by=by)


def lift_wait(*, person: User, by: User, note: str) -> bool:
    """Let codes of `person` be looked at again; return whether there were wrong ones to forget."""
    with noted(by=by, person=person, note=note):
        return wrong_codes.forgive(user=person, by=by)


def freeze(*, person: User, by: User, note: str) -> None:
    """Stop the password of `person`, because a caller says that something was not them."""
    with noted(by=by, person=person, note=note):
        freezing.freeze(user=person, reason=freezing.Reason.HELPDESK, by=by)


def end_sessions(*, person: User, by: User, note: str) -> int:
    """Log `person` out everywhere; return how many sessions ended. Records SESSION_ENDED where any did."""
    with noted(by=by, person=person, note=note):
        ended = sessions.end_all(user=person)
        if ended:
            _tell(events.record(event=Event.SESSION_ENDED, user_id=person.pk, by=by, reason="by_helpdesk"))
    return ended


def require_new_password(*, person: User, by: User, note: str) -> bool:
    """Have the next log-in of `person` with a password ask for a new one; return False where it does already.

    Records PERSON_CHANGED.
    """
    with noted(by=by, person=person, note=note):
        now = _held(person)
        now.must_change_password = True
        return bool(people.change(person=now, by=by))


def change_last_day(*, person: User, by: User, note: str, was: datetime.date | None, day: datetime.date | None) -> bool:
    """Give `person` another last day, None for none; return False where it is that already.

    `was` is the one that the page has shown. Raises ChangedMeanwhile where the record has another by now, and NotADay.
    Records PERSON_CHANGED; sessions of a person who may no longer enter end.
    """
    with noted(by=by, person=person, note=note):
        now = _held(person)
        if now.ends_on != was:
            raise ChangedMeanwhile
        now.ends_on = day
        problem = person_facts.problems(person=now).get("ends_on")
        if problem:
            raise NotADay(problem)
        return bool(people.change(person=now, by=by))


def _held(person: User) -> User:
    """Return `person` as they are now, locked until the transaction ends."""
    return User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)


def _tell(event: SecurityEvent) -> None:
    outbox.add(kind=Kind.HELPED, about={"users": [event.user_id], "event": event.pk})
