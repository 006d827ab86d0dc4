"""Changing a known password, as the person wishes or because the helpdesk said so.

Source: OWASP ASVS 5.0, 6.2.3 (the current password is asked for) and 7.4.3 (other sessions end). A smartcard shown just
now stands for the current password: it proves more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models import User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, internet_access, lockout, log_in, outbox, password_policy, sessions

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from accounts.proof import Proof


class CurrentPasswordRefused(Exception):
    """The current password was wrong, or was not looked at because there were too many wrong ones.

    `locked_until` is when the next one is looked at, or None; where `used_up`, none is until the person has recovered,
    or has logged in with Care Identity. `broken` are the rules that the new password breaks, but
    for the history: that would tell an attacker whether they have guessed the current password.
    """

    def __init__(
        self, *, locked_until: datetime.datetime | None, used_up: bool, broken: Sequence[password_policy.BrokenRule]
    ) -> None:
        super().__init__()
        self.locked_until = locked_until
        self.used_up = used_up
        self.broken = broken


class CurrentPasswordNeeded(Exception):
    """The smartcard was not shown just now, so the current password is asked for."""


class NoPassword(Exception):
    """There is no password to change. The first one is set by recovery, or by Manage Internet Access."""


class ChangedMeanwhile(Exception):
    """The password is no longer the one that this change, or this log-in, began with."""


def change(*, user: User, current_password: str, new_password: str, browser: str, session_key: str | None) -> User:
    """Set a new password where the current one is right; return the user as they now are.

    A wrong current password counts as a wrong log-in from `browser` (browser/device_cookies.py). Every session of the
    person ends but `session_key`, and they are told by mail. Raises CurrentPasswordRefused, ChangedMeanwhile and
    password_policy.PasswordRefused.
    """
    checked = log_in.check_password(
        username=user.username, password=current_password, browser=browser, failure=Event.PASSWORD_CHANGE_FAILED
    )
    if checked.user is None:
        raise CurrentPasswordRefused(
            locked_until=lockout.locked_until(username=user.username, browser=browser),
            used_up=lockout.are_used_up(user=user, browser=browser),
            broken=password_policy.broken_rules(user=user, password=new_password),
        )
    fingerprint = log_in.fingerprint(checked.user)
    return _set(user=checked.user, password=new_password, fingerprint=fingerprint, keep=session_key, reason="changed")


def needs_current_password(*, user: User, proof: Proof | None) -> bool:
    """Return whether `user` must give the current password: always, unless `proof` is of a smartcard shown just now.

    Raises NoPassword.
    """
    if not user.has_usable_password():
        raise NoPassword
    return bool(internet_access.missing_from_proof(user=user, proof=proof))


def change_after_care_identity(*, user: User, proof: Proof | None, new_password: str, session_key: str | None) -> User:
    """Set a new password for a person who has shown their smartcard just now; return the user as they now are.

    Lifts a lock. Every session of the person ends but `session_key`, and they are told by mail. Raises NoPassword,
    CurrentPasswordNeeded, ChangedMeanwhile and password_policy.PasswordRefused.
    """
    # Before the password is looked at: without proof, the history must tell the caller nothing.
    _refuse_unproven(user=user, proof=proof)
    fingerprint = log_in.fingerprint(user)
    # The slow part, before anything is locked.
    hashed = password_policy.hash_allowed(user=user, password=new_password)
    with transaction.atomic():
        user = _store(user=user, hashed=hashed, fingerprint=fingerprint, keep=session_key, reason="care_identity")
        _refuse_unproven(user=user, proof=proof)
        lockout.unlock(user=user, by=None)
    return user


def change_as_told(*, user: User, new_password: str, password_fingerprint: str) -> User:
    """Set the new password of a person who has just given the current one at log-in; return the user as they now are.

    `password_fingerprint` is that of the password the log-in began with. Raises password_policy.PasswordRefused and
    ChangedMeanwhile.
    """
    return _set(user=user, password=new_password, fingerprint=password_fingerprint, keep=None, reason="must_change")


def _refuse_unproven(*, user: User, proof: Proof | None) -> None:
    if needs_current_password(user=user, proof=proof):
        raise CurrentPasswordNeeded


def _set(*, user: User, password: str, fingerprint: str, keep: str | None, reason: str) -> User:
    # The slow part, before anything is locked.
    hashed = password_policy.hash_allowed(user=user, password=password)
    return _store(user=user, hashed=hashed, fingerprint=fingerprint, keep=keep, reason=reason)


def _store(*, user: User, hashed: str, fingerprint: str, keep: str | None, reason: str) -> User:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if not user.may_enter() or not constant_time_compare(log_in.fingerprint(user), fingerprint):
            raise ChangedMeanwhile
        password_policy.store(user=user, hashed=hashed)
        event = events.record(event=Event.PASSWORD_CHANGED, user_id=user.pk, reason=reason)
        sessions.end_all(user=user, but=keep)
        outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk], "event": event.pk})
    return user
