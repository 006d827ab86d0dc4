"""What a person's record says of their ways in, in words for the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import user_agents
from accounts.models.given_address import Purpose
from accounts.services import care_identities, given_addresses, internet_access, leaving
from nhsuk.wording import spoken_date, spoken_time

if TYPE_CHECKING:
    from accounts.models import SecurityEvent, User
    from helpdesk.lock_state import Counter, LockState


def describe_care_identity(*, person: User) -> str:
    """Return which Care Identity lets `person` in, and since when."""
    linked = care_identities.of(user=person)
    if linked is None:
        return _("None linked")
    day = spoken_date(timezone.localdate(linked.linked_at))
    return _("%(number)s, linked on %(day)s") % {"number": linked.uid, "day": day}


def describe_internet_access(*, person: User) -> str:
    """Return whether a password lets `person` in from outside the organisation's networks, and since when or why."""
    if person.internet_access_since:
        return _("Yes, since %(day)s") % {"day": spoken_date(timezone.localdate(person.internet_access_since))}
    if person.internet_access_withdrawn_at:
        day = spoken_date(timezone.localdate(person.internet_access_withdrawn_at))
        return _("Withdrawn on %(day)s") % {"day": day}
    if internet_access.works_outside(user=person):
        return _("Not needed: this organisation lets passwords in from anywhere")
    return _("None: they never asked for it")


def describe_personal_address(*, person: User) -> str:
    """Return whether a person who leaves has given a personal address: never which."""
    address = given_addresses.of(user=person, purpose=Purpose.PERSONAL)
    if address is None:
        return _("None given")
    if address.confirmed_at is None:
        return _("Given, and not confirmed yet")
    day = person.ends_on + leaving.KEPT_AFTER if person.ends_on else None
    return _("Confirmed, kept until %(day)s") % {"day": spoken_date(day)} if day else _("Confirmed")


def describe_password(*, person: User) -> str:
    """Return whether `person` has a password, and since when: never which."""
    if not person.has_usable_password():
        return _("None yet")
    changed = person.password_changed_at
    return _("Set on %(day)s") % {"day": spoken_date(timezone.localdate(changed))} if changed else _("Set")


def describe_locks(state: LockState) -> str:
    """Return every counter of wrong passwords that still counts."""
    return "; ".join(describe_counter(counter) for counter in state.counters) or _("None lately")


def describe_log_in(event: SecurityEvent) -> str:
    """Return when a person logged in, and on which device."""
    at = timezone.localtime(event.at)
    facts = {"day": spoken_date(at.date()), "time": spoken_time(at), "device": user_agents.in_words(event.device)}
    return (_("%(day)s at %(time)s, %(device)s") if event.device else _("%(day)s at %(time)s")) % facts


def describe_counter(counter: Counter) -> str:
    """Return what one counter says, whose sentences are whole for each kind of browser."""
    until = spoken_time(counter.locked_until) if counter.locked_until else ""
    facts = {"number": counter.failures, "time": until}
    if counter.in_known_browser:
        if counter.used_up:
            return _("Too many in a row in a browser they have used before: unlock them, or send the recovery email")
        locked = _("%(number)s in a browser they have used before, locked until %(time)s")
        return (locked if until else _("%(number)s in a browser they have used before")) % facts
    if counter.used_up:
        return _("Too many in a row in other browsers: unlock them, or send the recovery email")
    locked = _("%(number)s in other browsers, locked until %(time)s")
    return (locked if until else _("%(number)s in other browsers")) % facts
