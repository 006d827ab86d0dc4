"""A try that fails by a fault of ours is not counted as a wrong one.

A try is counted before its password is looked at, as though it were wrong, so that parallel guesses cannot pass the
limit (lockout.py). Where the database, the memory or the hash fails after that, the count is taken back: ten such
tries would else lock a person who typed the right password each time. A guesser gains nothing: no password was compared
then, or it was the right one. docs/decisions/0056-the-morning-after-an-outage.md.
"""

from __future__ import annotations

import collections
import datetime
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from django.db import Error as DatabaseFailed
from django.db import connection
from django.utils import timezone

from accounts.services import lockout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.services.lockout import Tries

logger = logging.getLogger("esr_portal.log_in")

# Tries whose count a process could not take back, because the database was away. Beyond these the oldest is let go: it
# is forgotten after lockout.DURATION anyway.
MOST_OWED = 2000
# Taken back before a try, so that no log-in after an outage waits for all of them.
AT_ONCE = 10


class _Try(NamedTuple):
    digest: str
    browser: str
    at: datetime.datetime


_owed: collections.deque[_Try] = collections.deque(maxlen=MOST_OWED)


@contextmanager
def not_counted(*, username: str, browser: str, tries: Tries | None) -> Iterator[None]:
    """Take back the count of a try where what is inside raises anything: whatever that is, it is no wrong password.

    `tries` is what `lockout.record_failure` returned for it. One that was refused had reached no password, and stays
    counted.
    """
    at = timezone.now()
    try:
        yield
    except BaseException:
        if tries is not None and tries.in_a_row <= lockout.MOST_IN_A_ROW:
            _take_back(_Try(lockout.username_digest(username), browser, at))
        raise


def settle() -> None:
    """Take back what could not be taken back before, some at a time. The caller is about to count a try.

    Which name the try is for makes no difference to it. Raises nothing: a database that is away still refuses the try.
    """
    for _ in range(AT_ONCE):
        try:
            one = _owed.popleft()
        except IndexError:
            # Another thread may have taken the last.
            return
        if not _is_taken_back(one):
            _owed.append(one)
            return


def _take_back(one: _Try) -> None:
    if _is_taken_back(one):
        return
    if not connection.in_atomic_block:
        # It may be this connection alone that failed.
        connection.close()
        if _is_taken_back(one):
            return
    _owed.append(one)
    logger.warning("a try that failed by our own fault stays counted until the database answers")


def _is_taken_back(one: _Try) -> bool:
    try:
        lockout.take_back(digest=one.digest, browser=one.browser, at=one.at)
    except DatabaseFailed:
        return False
    return True
