"""Why a person cannot get in: the diagnosis, in sentences for the agent who is on the telephone with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.browser import preferred_method
from accounts.services import care_identities, internet_access, recovery, second_step
from helpdesk import lock_state
from nhsuk.wording import spoken_date, spoken_time

if TYPE_CHECKING:
    from accounts.models import SecurityEvent, User
    from helpdesk.lock_state import Counter, LockState


def describe(*, person: User) -> str:
    """Return how `person` can get in today, or the first reason why they cannot and what to do."""
    match recovery.why_no_link(user=person):
        case recovery.WhyNoLink.NOT_ACTIVE:
            return "No: not active. Tick “active” below to let them in."
        case recovery.WhyNoLink.ENDED:
            return f"No: their last day was {spoken_date(person.ends_on)}." if person.ends_on else "No: ended."
        case recovery.WhyNoLink.STARTS_LATER:
            return f"No: their first day is {spoken_date(person.starts_on)}." if person.starts_on else "No: not yet."
    if preferred_method.is_offered() and care_identities.of(user=person) is not None:
        return _with_care_identity_too(person)
    return _with_a_password(person)


def _with_a_password(person: User) -> str:
    """Return whether a person in force who has no Care Identity can get in with a password."""
    if not person.has_usable_password():
        if person.care_identity_only:
            why = (
                "none is linked. Type its number below."
                if preferred_method.is_offered()
                else "this portal is not connected to it."
            )
            return f"No: they log in with Care Identity only, and {why}"
        return "Not yet: they have no password. Send the recovery email."
    locks = lock_state.of(person=person)
    if locks.used_up:
        return f"Not {_used_up(locks)} Unlock them, or send the recovery email."
    if locks.locked_until:
        return "Not now: locked after too many wrong passwords. Unlock them, or send the recovery email."
    if not internet_access.works_outside(user=person):
        return f"Only from the organisation’s network: they have no internet access.{_must_change(person)}"
    return f"Yes.{_must_change(person)}"


def _with_care_identity_too(person: User) -> str:
    """Return whether a person in force who has a Care Identity can get in with a password too."""
    if not person.has_usable_password():
        if person.care_identity_only:
            return "With Care Identity only. They have no password, and the recovery email gives none."
        return "With Care Identity. They have no password: send the recovery email if they want one."
    locks = lock_state.of(person=person)
    if locks.used_up:
        return f"With Care Identity, which also unlocks them. With a password not {_used_up(locks)}"
    if locks.locked_until:
        return "With Care Identity, which also unlocks them. With a password not now: locked after too many wrong ones."
    if not internet_access.works_outside(user=person):
        where = "With a password only from the organisation’s network: they have no internet access."
        return f"With Care Identity. {where}{_must_change(person)}"
    return f"Yes, with Care Identity or a password.{_must_change(person)}"


def _used_up(locks: LockState) -> str:
    """Return in which browsers no password is looked at any more."""
    where = " and ".join(_where(counter) for counter in locks.used_up)
    return f"{where}: too many wrong passwords in a row, and waiting does not end it."


def _must_change(person: User) -> str:
    return " They must set a new password at the next log-in with it." if person.must_change_password else ""


def describe_care_identity(*, person: User) -> str:
    """Return which Care Identity lets `person` in, and since when."""
    linked = care_identities.of(user=person)
    if linked is None:
        return "None linked"
    return f"{linked.uid}, linked on {spoken_date(timezone.localdate(linked.linked_at))}"


def describe_internet_access(*, person: User) -> str:
    """Return whether a password lets `person` in from outside the organisation's networks, and since when or why."""
    if person.internet_access_since:
        return f"Yes, since {spoken_date(timezone.localdate(person.internet_access_since))}"
    if person.internet_access_withdrawn_at:
        return f"Withdrawn on {spoken_date(timezone.localdate(person.internet_access_withdrawn_at))}"
    if internet_access.works_outside(user=person):
        return "Not needed: this organisation lets passwords in from anywhere"
    return "None: they never asked for it"


def describe_locks(state: LockState) -> str:
    """Return every counter of wrong passwords that still counts."""
    return "; ".join(_describe(counter) for counter in state.counters) or "None lately"


def describe_log_in(event: SecurityEvent) -> str:
    """Return when a person logged in, and on which device."""
    at = timezone.localtime(event.at)
    return f"{spoken_date(at.date())} at {spoken_time(at)}" + (f", {event.device}" if event.device else "")


def describe_second_step(*, person: User) -> str:
    """Return whether `person` has a second step."""
    if second_step.is_set_up(user=person):
        return "Set up"
    return "Will be set up at the next log-in" if second_step.is_needed(user=person) else "Not needed"


def _describe(counter: Counter) -> str:
    where = _where(counter)
    if counter.used_up:
        return f"Too many in a row {where}: unlock them, or send the recovery email"
    locked = f", locked until {spoken_time(counter.locked_until)}" if counter.locked_until else ""
    return f"{counter.failures} {where}{locked}"


def _where(counter: Counter) -> str:
    return "in a browser they have used before" if counter.in_known_browser else "in other browsers"
