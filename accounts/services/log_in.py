"""Who may get in with a username and password.

The rule above all: unknown, locked, inactive and wrong differ in nothing that can be seen or measured from outside
(OWASP ASVS 6.3.8). Every branch writes the same rows and computes one hash.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import secrets
from contextlib import nullcontext
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password as password_matches
from django.contrib.auth.hashers import make_password
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts import hashers, prepared, trusted_networks, turns
from accounts.identifiers import as_username, follows, keyed_digest, without_blanks
from accounts.models import Organisation, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import dormancy, events, internet_access, language, lockout, our_faults, password_policy

if TYPE_CHECKING:
    from accounts.proof import Proof

logger = logging.getLogger("esr_portal.log_in")

# What is read of a person to decide about a try.
_NEEDED = (
    "password",
    "is_active",
    "starts_on",
    "ends_on",
    "internet_access_since",
    "internet_access_withdrawn_at",
    "password_changed_at",
    "password_frozen_at",
    "dormant_since",
    "wrong_passwords_before",
    "organisation__requires_internet_access",
)
_BY_NAME = prepared.Select(
    lambda username: User.objects.select_related("organisation").only(*_NEEDED).filter(username=username), username=str
)
_WHOLE = prepared.Select(lambda pk: User.objects.select_related("organisation").filter(pk=pk), pk=int)
# After this many wrong tries in one browser the page points to recovery.
TRIES_BEFORE_POINTING_TO_RECOVERY = 3
# After this many for one username it says how many are left.
TRIES_BEFORE_SAYING_HOW_MANY_ARE_LEFT = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """What came of a username and password: the user who may go on to the next stage, or none."""

    user: User | None


def check_password(
    *,
    username: str,
    password: str,
    browser: str = "",
    address: str | None = None,
    failure: Event = Event.LOG_IN_FAILED,
) -> Checked:
    """Check a typed username and password; return the user that they let in, or no user, and never why.

    `browser` is the digest of a browser that knows this username (browser/device_cookies.py), or "". `address` is where
    the try came from ("" where that is not known): outside the organisation's networks a right password of a person
    without internet access is a wrong one. None means inside a session, where that is not asked. So is the right one of
    a person whose password is frozen or dormant. Counts towards the lockout. Records `failure` or nothing: LOGGED_IN is
    recorded once the last stage is passed. Raises turns.Busy, for every name alike, where too many wait for a hash.
    """
    username = as_username(username)
    # Before anything is counted: a try that is sent away is none.
    with turns.wait():
        our_faults.settle()
        tries = lockout.record_failure(username=username, browser=browser)
        with our_faults.not_counted(username=username, browser=browser, tries=tries):
            user = _find(username=username)
            refusal = lockout.refusal(tries=tries, user=user, browser=browser)
            right = _matches_at_equal_cost(password=password, user=user, refused=bool(refusal))
    # A wrong password stays counted, whatever fails after it was compared.
    uncounted = our_faults.not_counted(username=username, browser=browser, tries=tries) if right else nullcontext()
    with uncounted:
        # Both are asked for every name, real or not, so that it takes no longer for a real one.
        in_force, works = user.may_enter(), works_here(user=user, address=address)
        stopped = user.password_is_frozen() or user.is_dormant()
        now = _unchanged(user) if right and in_force and works and not stopped else None
        if now is not None:
            lockout.forget_failures(username=username, browser=browser)
            return Checked(user=now)
    with transaction.atomic():
        reason = _reason(user=user, refusal=refusal, right=right, in_force=in_force, works=works)
        events.record(event=failure, user_id=user.pk, reason=reason)
        if lockout.begins_lock(tries=tries, browser=browser):
            lockout.record_lock(user_id=user.pk)
    return Checked(user=None)


def person(*, user_id: int) -> User | None:
    """Return the user with this key as they are now, with their organisation, or None."""
    return _WHOLE.first(pk=user_id)


def _find(*, username: str) -> User:
    """Return the user with this username; else a user without a primary key, which no password lets in.

    Reads what is needed to decide and no more: each thing read takes time, and only for a real name.
    """
    return _BY_NAME.first(username=username) or User(is_active=False, password="", organisation=Organisation())


def _unchanged(user: User) -> User | None:
    """Return `user` whole, as they are after the hash, or None where their password is another, or frozen, by now.

    What follows is bound to the hash that was compared.
    """
    now = person(user_id=user.pk)
    if now is None or now.password != user.password or now.password_frozen_at != user.password_frozen_at:
        return None
    return now


def works_here(*, user: User, address: str | None) -> bool:
    """Return whether a password of `user` lets them in from `address`. None means inside a session, where it does."""
    if address is None:
        return True
    # Both are looked up for every name, whatever comes of the first, so that the time tells nothing.
    trusting, works_outside = trusted_networks.trusting(address=address), internet_access.works_outside(user=user)
    return works_outside or user.organisation_id in trusting


def _matches_at_equal_cost(*, password: str, user: User, refused: bool) -> bool:
    """Return whether `password` is the user's, at the cost of one hash in every case.

    Where the lockout refuses, the person's hash is left alone: a guess must learn nothing from it, not even by a race.
    """
    theirs = user.pk is not None and not refused and _has_a_readable_hash(user) and _can_be_a_password(password)
    matches = password_matches(
        password if _can_be_a_password(password) else "", user.password if theirs else _hash_of_no_person()
    )
    return theirs and matches


def _has_a_readable_hash(user: User) -> bool:
    """Return whether there is a hash to compare a password with: no person's is damaged, unless a row of ours is."""
    return user.has_usable_password() and hashers.can_be_read(user.password)


def _can_be_a_password(typed: str) -> bool:
    """Return whether `typed` is text of a length that a password may have, so that a megabyte is not hashed."""
    return len(typed) <= password_policy.MAXIMUM_LENGTH and not any("\ud800" <= c <= "\udfff" for c in typed)


@functools.cache
def _hash_of_no_person() -> str:
    """Return a hash that costs what a person's costs and that no password matches in practice."""
    return make_password(secrets.token_urlsafe(32))


def warm_up() -> None:
    """Make the hash of no person now, so that the first unknown name of a process does not take twice as long."""
    _hash_of_no_person()


def _reason(*, user: User, refusal: str, right: bool, in_force: bool, works: bool) -> str:
    if user.pk is None:
        return "locked_unknown_username" if refusal else "unknown_username"
    if refusal:
        return refusal
    return _reason_of_a_right_one(user, in_force=in_force, works=works) if right else _reason_of_a_wrong_one(user)


def _reason_of_a_wrong_one(user: User) -> str:
    if not user.has_usable_password():
        return "no_password_yet"
    if not hashers.can_be_read(user.password):
        # The page says what it says of a wrong password, or it would tell that the name is real. Recovery mends it.
        logger.error("a password hash cannot be read", extra={"user": user.pk})
        return "unreadable_hash"
    return "wrong_password"


def _reason_of_a_right_one(user: User, *, in_force: bool, works: bool) -> str:
    if not in_force:
        return "not_in_force"
    if user.password_is_frozen():
        return "frozen"
    if user.is_dormant():
        return "dormant"
    # With all of it right, the password was changed while the hash was computed.
    return "password_changed" if works else "outside_network"


def looks_like_an_email(username: str) -> bool:
    """Return whether an email address was typed as a username, so that the page can say what a username looks like."""
    return follows(validate_email, without_blanks(username))


def fingerprint(user: User) -> str:
    """Return what changes when the user's password does, or is frozen.

    Half-finished log-ins carry it to the last check; recovery links and device cookies end with it.
    """
    frozen = f" frozen {user.password_frozen_at.isoformat()}" if user.password_frozen_at else ""
    return keyed_digest(purpose="log_in.password", value=f"{user.password}{frozen}")


def still_stands(*, user: User, password_fingerprint: str) -> bool:
    """Return whether a half-finished log-in of `user`, fresh from the database, may go on: in force, same password."""
    return user.may_enter() and constant_time_compare(fingerprint(user), password_fingerprint)


def finish(*, user: User, proof: Proof | None = None, by_passkey: bool = False, in_language: str = "") -> SecurityEvent:
    """Record that `user` is in, and `in_language` they came. Returns the event, which the session remembers as its own.

    With Care Identity (`proof`) or a passkey alone, which no guesser has, it also lifts a lock, and wakes a dormant
    password.
    """
    way = "care_identity" if proof else "passkey" if by_passkey else ""
    if way:
        lockout.unlock(user=user, by=None)
        dormancy.wake(user=user, by_way=way)
    language.note(user=user, language=in_language)
    return events.record(event=Event.LOGGED_IN, user_id=user.pk, reason=way)


# Beyond every key of an event.
_NO_EVENT = 2**63 - 1
_LOG_INS = SecurityEvent.objects.filter(event=Event.LOGGED_IN).order_by("-pk")
_LOG_IN_BEFORE = prepared.Select(lambda user, pk: _LOG_INS.filter(user=user, pk__lt=pk)[:1], user=int, pk=int)


def previous_log_in(*, user: User, this_log_in: int | None) -> SecurityEvent | None:
    """Return the log-in before this session's (`this_log_in` is its event's id), or None where this is the first."""
    return _LOG_IN_BEFORE.first(user=user.pk, pk=this_log_in if this_log_in is not None else _NO_EVENT)


def last_log_in(*, user: User) -> SecurityEvent | None:
    """Return the newest log-in of `user`, for the helpdesk."""
    return previous_log_in(user=user, this_log_in=None)


def log_out(*, user: User) -> None:
    """Record that `user` logged out. The seam ends the session itself."""
    events.record(event=Event.LOGGED_OUT, user_id=user.pk)
