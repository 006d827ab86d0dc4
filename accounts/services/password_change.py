"""Changing a password that one knows, of one's own accord or because the helpdesk said so.

Source: OWASP ASVS 5.0, 6.2.3 (the current password is asked for) and 7.4.3 (other sessions end).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models import User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, lockout, log_in, outbox, password_policy, sessions

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence


class CurrentPasswordRefused(Exception):
    """The current password was wrong, or was not looked at because there were too many wrong ones.

    `locked_until` is when the next one is looked at, or None. `broken` are the rules that the new password breaks, but
    for the history: that would tell somebody who does not know the current password whether they have guessed it.
    """

    def __init__(self, *, locked_until: datetime.datetime | None, broken: Sequence[password_policy.BrokenRule]) -> None:
        super().__init__()
        self.locked_until = locked_until
        self.broken = broken


class ChangedMeanwhile(Exception):
    """The password is no longer the one that this change, or this log-in, began with."""


def change(*, user: User, current_password: str, new_password: str, browser: str, session_key: str | None) -> User:
    """Set a new password for whoever knows the current one; return the user as they now are.

    A wrong current password counts as a wrong log-in from `browser` (services/browsers). Every session of the person
    ends but `session_key`, and they are told by mail. Raises CurrentPasswordRefused, ChangedMeanwhile and
    password_policy.PasswordRefused.
    """
    checked = log_in.check_password(
        username=user.username, password=current_password, browser=browser, failure=Event.PASSWORD_CHANGE_FAILED
    )
    if checked.user is None:
        raise CurrentPasswordRefused(
            locked_until=lockout.locked_until(username=user.username, browser=browser),
            broken=password_policy.broken_rules(user=user, password=new_password),
        )
    fingerprint = log_in.fingerprint(checked.user)
    return _set(user=checked.user, password=new_password, fingerprint=fingerprint, keep=session_key, reason="changed")


def change_as_told(*, user: User, new_password: str, password_fingerprint: str) -> User:
    """Set the new password of somebody who has just given the current one at log-in; return the user as they now are.

    `password_fingerprint` is that of the password the log-in began with. Raises password_policy.PasswordRefused and
    ChangedMeanwhile.
    """
    return _set(user=user, password=new_password, fingerprint=password_fingerprint, keep=None, reason="must_change")


def _set(*, user: User, password: str, fingerprint: str, keep: str | None, reason: str) -> User:
    # The slow part, before anything is locked.
    hashed = password_policy.hash_allowed(user=user, password=password)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if not user.may_enter() or not constant_time_compare(log_in.fingerprint(user), fingerprint):
            raise ChangedMeanwhile
        password_policy.store(user=user, hashed=hashed)
        events.record(event=Event.PASSWORD_CHANGED, user_id=user.pk, reason=reason)
        sessions.end_all(user=user, but=keep)
        outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk]})
    return user
