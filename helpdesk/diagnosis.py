"""Why a person cannot get in: the diagnosis, in sentences for the agent who is on the telephone with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.browser import preferred_method
from accounts.services import care_identities, internet_access, recovery, second_step
from helpdesk import lock_state, second_step_state
from nhsuk.wording import spoken_date, spoken_time

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import SecurityEvent, User
    from helpdesk.lock_state import Counter, LockState


def describe(*, person: User) -> str:
    """Return how `person` can get in today, or the first reason why they cannot and what to do."""
    match recovery.why_no_link(user=person):
        case recovery.WhyNoLink.NOT_ACTIVE:
            return _("No: not active. Tick “active” below to let them in.")
        case recovery.WhyNoLink.ENDED:
            return (
                _("No: their last day was %(day)s.") % {"day": spoken_date(person.ends_on)}
                if person.ends_on
                else _("No: ended.")
            )
        case recovery.WhyNoLink.STARTS_LATER:
            return (
                _("No: their first day is %(day)s.") % {"day": spoken_date(person.starts_on)}
                if person.starts_on
                else _("No: not yet.")
            )
    if preferred_method.is_offered() and care_identities.of(user=person) is not None:
        return _with_care_identity_too(person)
    return _with_a_password(person)


def _with_a_password(person: User) -> str:
    """Return whether a person in force who has no Care Identity can get in with a password."""
    if not person.has_usable_password():
        return _without_a_password(person)
    if person.password_frozen_at:
        return _frozen(person)
    locks = lock_state.of(person=person)
    if locks.used_up:
        return _(
            "Not %(where)s: too many wrong passwords in a row, and waiting does not end it. Unlock them, or send the "
            "recovery email."
        ) % {"where": _where(locks.used_up)}
    if locks.locked_until:
        return _("Not now: locked after too many wrong passwords. Unlock them, or send the recovery email.")
    if not internet_access.works_outside(user=person):
        return _and_then(person, _("Only from the organisation’s network: they have no internet access."))
    return _and_then(person, _("Yes."))


def _without_a_password(person: User) -> str:
    """Return why a person in force cannot get in who has neither a password nor a Care Identity."""
    if not person.care_identity_only:
        return _("Not yet: they have no password. Send the recovery email.")
    if preferred_method.is_offered():
        return _("No: they log in with Care Identity only, and none is linked. Type its number below.")
    return _("No: they log in with Care Identity only, and this portal is not connected to it.")


def _with_care_identity_too(person: User) -> str:
    """Return whether a person in force who has a Care Identity can get in with a password too."""
    if not person.has_usable_password():
        if person.care_identity_only:
            return _("With Care Identity only. They have no password, and the recovery email gives none.")
        return _("With Care Identity. They have no password: send the recovery email if they want one.")
    if person.password_frozen_at:
        return _frozen(person, otherwise=_("With Care Identity."))
    locks = lock_state.of(person=person)
    if locks.used_up:
        return _(
            "With Care Identity, which also unlocks them. With a password not %(where)s: too many wrong passwords in a "
            "row, and waiting does not end it."
        ) % {"where": _where(locks.used_up)}
    if locks.locked_until:
        return _(
            "With Care Identity, which also unlocks them. With a password not now: locked after too many wrong ones."
        )
    if not internet_access.works_outside(user=person):
        return _and_then(
            person,
            _(
                "With Care Identity. With a password only from the organisation’s network: they have no internet "
                "access."
            ),
        )
    return _and_then(person, _("Yes, with Care Identity or a password."))


def _frozen(person: User, *, otherwise: str = "") -> str:
    """Return what a person needs who said that something was not them; `otherwise` is how they get in all the same."""
    at = timezone.localtime(person.password_frozen_at)
    when = {"day": spoken_date(at.date()), "time": spoken_time(at)}
    if not person.password_is_frozen() and not second_step.is_needed(user=person):
        said = _(
            "They said on %(day)s at %(time)s that something was not them, and have set a new password since, which "
            "lets them in. No second step is needed."
        )
    elif not person.password_is_frozen():
        said = _(
            "They said on %(day)s at %(time)s that something was not them, and have set a new password since: with it, "
            "they have to show their second step or set one up."
        )
    elif otherwise:
        said = _(
            "The password is frozen since %(day)s at %(time)s: they said that something was not them. Send the "
            "recovery email; unlocking them does not help."
        )
    else:
        said = _(
            "Not with a password: it is frozen since %(day)s at %(time)s, because they said that something was not "
            "them. Send the recovery email; unlocking them does not help. A passkey of theirs lets them in."
        )
    return f"{otherwise} {said % when}".strip()


def _and_then(person: User, how: str) -> str:
    """Return how a person gets in, and what comes between their password and the pages."""
    sentences = [how]
    if person.must_change_password:
        sentences.append(_("They must set a new password at the next log-in with it."))
    if second_step_state.is_missing(person=person):
        sentences.append(_("They must set up a second step at the next log-in with a password, before anything else."))
    else:
        sentences += _waits(person)
    return " ".join(sentences)


def _waits(person: User) -> list[str]:
    """Return which codes of `person` are not looked at now, after wrong ones."""
    sentences = []
    waits = second_step_state.waits(person=person)
    if waits.app:
        sentences.append(
            _("No code of their app is looked at now, after wrong ones: lift the wait, or let them use another way.")
        )
    if waits.recovery_codes_are_closed:
        sentences.append(
            _("No recovery code of theirs is looked at, after wrong ones: lift the wait, or let them use another way.")
        )
    return sentences


def _where(used_up: Collection[Counter]) -> str:
    """Return in which browsers no password is looked at any more."""
    in_known_browser = any(counter.in_known_browser for counter in used_up)
    if all(counter.in_known_browser for counter in used_up):
        return _("in a browser they have used before")
    return _("in other browsers and in a browser they have used before") if in_known_browser else _("in other browsers")


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


def describe_password(*, person: User) -> str:
    """Return whether `person` has a password, and since when: never which."""
    if not person.has_usable_password():
        return _("None yet")
    changed = person.password_changed_at
    return _("Set on %(day)s") % {"day": spoken_date(changed.date())} if changed else _("Set")


def describe_locks(state: LockState) -> str:
    """Return every counter of wrong passwords that still counts."""
    return "; ".join(_describe(counter) for counter in state.counters) or _("None lately")


def describe_log_in(event: SecurityEvent) -> str:
    """Return when a person logged in, and on which device."""
    at = timezone.localtime(event.at)
    facts = {"day": spoken_date(at.date()), "time": spoken_time(at), "device": event.device}
    return (_("%(day)s at %(time)s, %(device)s") if event.device else _("%(day)s at %(time)s")) % facts


def _describe(counter: Counter) -> str:
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
