"""A person's row of what is noted besides the ways themselves, and the locks under which their ways change.

Who holds the person waits for no record, and who holds a record for no person: two that wait for each other would end
in an error for one.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import SecondStepRecord, User


class PasswordChanged(Exception):
    """The password is no longer the one that this log-in began with, or was frozen meanwhile."""


def hold_person(user: User) -> User:
    """Lock `user` in the caller's transaction; return them as they are now.

    Raises PasswordChanged where the password is no longer that of `user` as the caller read it, or was frozen since: a
    log-in that began with the old one must not set anything up after recovery, nor while its owner stops it.
    """
    # Not the key, so that a row of another table that names this person can be added meanwhile.
    now = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not constant_time_compare(now.password, user.password) or now.password_frozen_at != user.password_frozen_at:
        raise PasswordChanged
    return now


def hold(user: User) -> SecondStepRecord:
    """Lock the record of `user` in the caller's transaction, and make it first where there is none; return it."""
    held = SecondStepRecord.objects.select_for_update().filter(user=user)
    record = held.first()
    if record is None:
        # Of two that make it at once, the second waits for the first here, and then for its lock.
        SecondStepRecord.objects.bulk_create([SecondStepRecord(user=user)], ignore_conflicts=True)
        record = held.get()
    return record


def note_works(user: User) -> None:
    """Note that a second step of `user` works, and that there is no wrong code after it."""
    SecondStepRecord.objects.update_or_create(
        user=user,
        defaults={"shown_to_work_at": timezone.now(), "wrong_in_a_row": 0, "wrong_recovery_in_a_row": 0},
    )


def other_way_used(user: User) -> None:
    """Note that `user` came by a way that needs no code of theirs, so that wrong codes in a row end with it."""
    wrong = Q(wrong_in_a_row__gt=0) | Q(wrong_recovery_in_a_row__gt=0)
    SecondStepRecord.objects.filter(wrong, user=user).update(wrong_in_a_row=0, wrong_recovery_in_a_row=0)
