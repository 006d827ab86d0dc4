"""Why somebody cannot get in, in sentences for the one who is on the telephone with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.services import recovery, second_step
from accounts.wording import spoken_date, spoken_time
from helpdesk import lock_state

if TYPE_CHECKING:
    from accounts.models import SecurityEvent, User
    from helpdesk.lock_state import Counter, LockState


def describe(*, person: User) -> str:
    """Return whether `person` can get in today, and else the first reason why not and what to do."""
    match recovery.why_no_link(user=person):
        case recovery.WhyNoLink.NOT_ACTIVE:
            return "No: not active. Tick “active” below to let them in."
        case recovery.WhyNoLink.ENDED:
            return f"No: their last day was {spoken_date(person.ends_on)}." if person.ends_on else "No: ended."
        case recovery.WhyNoLink.STARTS_LATER:
            return f"No: their first day is {spoken_date(person.starts_on)}." if person.starts_on else "No: not yet."
        case recovery.WhyNoLink.CARE_IDENTITY_ONLY if not person.has_usable_password():
            return "With Care Identity only. They have no password, and the recovery email gives none."
    if not person.has_usable_password():
        return "Not yet: they have no password. Send the recovery email."
    if lock_state.of(person=person).locked_until:
        return "Not now: locked after too many wrong passwords. Unlock them, or send the recovery email."
    if person.must_change_password:
        return "Yes, and must set a new password at the next log-in."
    return "Yes"


def describe_locks(state: LockState) -> str:
    """Return every counter of wrong passwords that still counts."""
    return "; ".join(_describe(counter) for counter in state.counters) or "None lately"


def describe_log_in(event: SecurityEvent) -> str:
    """Return when somebody was let in, and on what."""
    at = timezone.localtime(event.at)
    return f"{spoken_date(at.date())} at {spoken_time(at)}" + (f", {event.device}" if event.device else "")


def describe_second_step(*, person: User) -> str:
    """Return whether `person` has a second step."""
    if second_step.is_set_up(user=person):
        return "Set up"
    return "Will be set up at the next log-in" if second_step.is_needed(user=person) else "Not needed"


def _describe(counter: Counter) -> str:
    where = "in a browser they have used before" if counter.in_known_browser else "in other browsers"
    locked = f", locked until {spoken_time(counter.locked_until)}" if counter.locked_until else ""
    return f"{counter.failures} {where}{locked}"
