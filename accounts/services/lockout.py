"""Too many wrong passwords: at most ten, then fifteen minutes of none; a hundred in a row, then none at all.

Counted by the normalised *typed* username, so that an unknown name locks exactly as a real one does. A browser that
has logged in with a username before keeps a counter of its own, so that a stranger cannot lock the owner out (OWASP,
device cookies). Sources: Cyber Essentials (ten tries at most); OWASP Web Security Testing Guide (it ends by itself);
NIST SP 800-63B-4, 3.2.2 (a hundred in a row): docs/decisions/0024-a-hundred-wrong-in-a-row.md.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import prepared
from accounts.identifiers import Username, as_username, keyed_digest
from accounts.models import DeviceCookie, Lockout, User
from accounts.models.device_cookie import COUNTED
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, lock_mail, outbox

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

# Cyber Essentials, "Secure configuration": lock after no more than ten unsuccessful attempts.
LIMIT = 10
# How long a lock lasts, and how long wrong passwords are remembered after the last one.
DURATION = datetime.timedelta(minutes=15)
# NIST SP 800-63B-4, 3.2.2: no more than 100 consecutive failed attempts on one account.
MOST_IN_A_ROW = 100
# The browsers that know a person share as many among them: what strangers do there is no reason to refuse the owner.
MOST_IN_A_ROW_IN_A_KNOWN_BROWSER = MOST_IN_A_ROW // COUNTED
# Why a try was refused, and a username locked, where there were MOST_IN_A_ROW.
USED_UP = "too_many_in_a_row"

# People whose counters are looked at together.
_BATCH = 2000

# One statement, so that parallel guesses cannot pass the limit between a look and a write. It writes nothing, and
# returns nothing, while the lock lasts: attempts then do not extend it. Both databases understand it.
# Beyond MOST_IN_A_ROW it goes on as before, so that such a name costs what a name costs whose counter was deleted.
_RESERVE = """
INSERT INTO {table} (username_digest, browser_digest, failures, in_a_row, last_failure_at, locked_at)
VALUES (%(username)s, %(browser)s, 1, 1, %(now)s, NULL)
ON CONFLICT (username_digest, browser_digest) DO UPDATE SET
    failures = CASE WHEN {table}.last_failure_at <= %(forgotten)s THEN 1 ELSE {table}.failures + 1 END,
    in_a_row = CASE WHEN {table}.in_a_row > %(most)s THEN {table}.in_a_row ELSE {table}.in_a_row + 1 END,
    locked_at = CASE WHEN {table}.last_failure_at > %(forgotten)s AND {table}.failures + 1 >= %(limit)s
                     THEN %(now)s END,
    last_failure_at = %(now)s
WHERE {table}.locked_at IS NULL OR {table}.locked_at <= %(forgotten)s
RETURNING failures, in_a_row
"""


def _counters(username: str, browser: str) -> QuerySet[Lockout]:
    """Return the counter of a username, by its digest, in this browser."""
    return Lockout.objects.filter(username_digest=username, browser_digest=browser)


_OF_NAME_AND_BROWSER = prepared.Select(_counters, username=str, browser=str)
_FORGET_HERE = prepared.Delete(_counters, username=str, browser=str)
_BEGIN_ANEW_ELSEWHERE = prepared.Update(
    lambda username: (Lockout.objects.filter(username_digest=username, in_a_row__gt=0), {"in_a_row": 0}), username=str
)
_FORGET_BEFORE = prepared.Update(
    lambda username: (
        User.objects.filter(username=username, wrong_passwords_before__gt=0),
        {"wrong_passwords_before": 0},
    ),
    username=str,
)


class Tries(int):
    """How many tries in a row of late a try makes, itself among them."""

    # Since the last right one, over any time; what was counted before the last tidying is in User.
    in_a_row: int


def username_digest(username: str) -> str:
    """Return what the counters know a typed username by."""
    return keyed_digest(purpose="lockout.username", value=as_username(username))


def record_failure(*, username: str, browser: str = "") -> Tries | None:
    """Count one try for `username` *before* its password is looked at, as though it were wrong.

    `browser` is the digest of a browser that has logged in with this username before, or "". Returns how many tries in
    a row that makes, or None when the username is locked (the try is not counted and must not reach the password).
    """
    now = timezone.now()
    table = connection.ops.quote_name(Lockout._meta.db_table)
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE.format(table=table),
            {
                "username": username_digest(username),
                "browser": browser,
                "now": adapt(now),
                "forgotten": adapt(now - DURATION),
                "limit": LIMIT,
                "most": MOST_IN_A_ROW,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    tries = Tries(row[0])
    tries.in_a_row = row[1]
    return tries


def take_back(*, digest: str, browser: str, at: datetime.datetime) -> None:
    """Count a try less for the username with this digest: the one of the moment `at` failed by our own fault.

    A lock that it began ends with it. What a right password, or the helpdesk, has forgotten meanwhile is left alone.
    """
    row = _counters(digest, browser)
    row.filter(in_a_row__gt=0).update(in_a_row=F("in_a_row") - 1)
    # Of late: where DURATION is past, they were forgotten by themselves.
    if at > timezone.now() - DURATION:
        row.filter(failures__gt=0).update(failures=F("failures") - 1, locked_at=None)


def most_in_a_row(*, browser: str = "") -> int:
    """Return how many wrong passwords in a row this browser may send for one person, over any time."""
    return MOST_IN_A_ROW_IN_A_KNOWN_BROWSER if browser else MOST_IN_A_ROW


def refusal(*, tries: Tries | None, user: User, browser: str = "") -> str:
    """Return why a try that was just counted must not reach the password of `user`, or "" where it may.

    It is "locked", or USED_UP where this one is beyond MOST_IN_A_ROW: then only recovery, Care Identity, the helpdesk,
    or a right password in a browser of the owner's opens the way again.
    """
    if tries is None:
        return "locked"
    return USED_UP if tries.in_a_row + _before(user, browser) > most_in_a_row(browser=browser) else ""


def begins_lock(*, tries: Tries | None, browser: str = "") -> bool:
    """Return whether the try that was just counted is the one that locks, for a while or for good."""
    return tries is not None and (tries == LIMIT or tries.in_a_row == most_in_a_row(browser=browser))


def record_lock(*, user_id: int | None, reason: str = "") -> None:
    """Record that a username was locked (`user_id` is None where no person has it), in the caller's transaction.

    The owner is told, where there is one and they were not told lately.
    """
    lock_mail.ask_for(event=events.record(event=Event.LOCKED, user_id=user_id, reason=reason))


def are_used_up(*, user: User, browser: str = "") -> bool:
    """Return whether no password of `user` is looked at any more in this browser, however long they wait."""
    row = _counter(user.username, browser)
    return (row.in_a_row if row else 0) + _before(user, browser) >= most_in_a_row(browser=browser)


def forget_failures(*, username: str, browser: str = "") -> None:
    """Forget the wrong passwords counted where this try was counted, because its password was right.

    The row goes, so that the first wrong password for a real name costs what it costs for an unknown one. In every
    other browser the hundred begin anew, while a lock that is on stays on: a stranger cannot use the owner's log-ins to
    guess on at once.
    """
    digest = username_digest(username)
    _FORGET_HERE.run(username=digest, browser=browser)
    _BEGIN_ANEW_ELSEWHERE.run(username=digest)
    _FORGET_BEFORE.run(username=as_username(username))


def locked_until(*, username: str, browser: str = "") -> datetime.datetime | None:
    """Return when the lock that this browser meets for `username` ends, or None where there is none."""
    row = _counter(username, browser)
    if row is None or row.locked_at is None or row.locked_at <= timezone.now() - DURATION:
        return None
    return row.locked_at + DURATION


def is_locked(*, username: str, browser: str = "") -> bool:
    """Return whether `username` is locked for this browser (for every browser that does not know it, where "")."""
    return locked_until(username=username, browser=browser) is not None


def unlock(*, user: User, by: User | None) -> bool:
    """Lift every lock of `user` and forget their wrong passwords, in every browser.

    `by` is the helpdesk's agent, or None where the person did it (recovery). Returns whether there was anything to
    lift; the event is recorded only then, and the person told by mail of what the helpdesk did.
    """
    with transaction.atomic():
        _hold([user.pk])
        deleted, _ = Lockout.objects.filter(username_digest=username_digest(user.username)).delete()
        before = User.objects.filter(pk=user.pk, wrong_passwords_before__gt=0).update(wrong_passwords_before=0)
        lifted = bool(deleted or before)
        if lifted:
            event = events.record(event=Event.UNLOCKED, user_id=user.pk, by=by)
            if by is not None:
                outbox.add(kind=Kind.HELPED, about={"users": [user.pk], "event": event.pk})
    return lifted


def lift(*, people: Collection[User], in_known_browsers_alone: bool = False) -> set[int]:
    """End the locks of many people that end by themselves; return the primary keys of those who had one.

    In the caller's transaction. How many wrong passwords in a row there were stays: after a hundred, or a browser's
    share of them, only the way back in opens the account (NIST SP 800-63B-4, 3.2.2). So the tries that an attacker gets
    by it are among the hundred, however often it is done.
    """
    _hold([person.pk for person in people])
    keys = {username_digest(person.username): person.pk for person in people}
    locked = Lockout.objects.filter(username_digest__in=keys, locked_at__gt=timezone.now() - DURATION)
    if in_known_browsers_alone:
        locked = locked.exclude(browser_digest="")
    found = dict(locked.select_for_update().order_by("pk").values_list("pk", "username_digest"))
    Lockout.objects.filter(pk__in=found).update(failures=0, locked_at=None)
    return {keys[digest] for digest in found.values()}


def delete_forgotten() -> int:
    """Delete the counters that no longer count, the unknown names' among them; return how many. Daily work.

    How many wrong passwords in a row a person had is kept with the person: a counter that stayed would let a stranger
    tell by the time of the next try that the name is real. The counters of browsers that a person is known by stay.
    """
    # Of one moment: a counter that a try begins anew meanwhile is kept.
    forgotten = Lockout.objects.filter(last_failure_at__lte=timezone.now() - DURATION)
    known = DeviceCookie.objects.values("digest")
    deleted, _ = forgotten.exclude(browser_digest="").exclude(browser_digest__in=known).delete()
    of_strangers, people = forgotten.filter(browser_digest=""), User.objects.order_by("pk")
    last = 0
    while batch := list(people.filter(pk__gt=last).values_list("username", "pk")[:_BATCH]):
        last = batch[-1][1]
        of_person = {username_digest(Username(username)): pk for username, pk in batch}
        with transaction.atomic():
            found = of_strangers.filter(username_digest__in=of_person).values_list("username_digest", flat=True)
            _hold([of_person[digest] for digest in found])
            rows = list(of_strangers.filter(username_digest__in=of_person).select_for_update())
            for row in rows:
                _carry(of_person[row.username_digest], row.in_a_row)
            deleted += Lockout.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]
    return deleted + of_strangers.delete()[0]


def _hold(people: list[int]) -> None:
    """Lock people before their counters, in the caller's transaction.

    Recovery holds its person when it comes to the counters: two that wait for each other end in an error for one.
    """
    list(User.objects.select_for_update().filter(pk__in=people).order_by("pk").values_list("pk"))


def _carry(pk: int, in_a_row: int) -> None:
    """Keep with a person what their counter says before it goes; record the lock that this is, if the two are one."""
    person = User.objects.filter(pk=pk)
    person.update(wrong_passwords_before=F("wrong_passwords_before") + in_a_row)
    now = person.values_list("wrong_passwords_before", flat=True).get()
    # A counter that said so by itself was recorded as it did.
    if in_a_row < MOST_IN_A_ROW and now - in_a_row < MOST_IN_A_ROW <= now:
        record_lock(user_id=pk, reason=USED_UP)


def _before(user: User, browser: str) -> int:
    """Return the wrong passwords in a row that were counted for this counter before the last tidying."""
    return 0 if browser else user.wrong_passwords_before


def _counter(username: str, browser: str) -> Lockout | None:
    return _OF_NAME_AND_BROWSER.first(username=username_digest(username), browser=browser)
