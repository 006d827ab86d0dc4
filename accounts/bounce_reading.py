"""The worker looks into the mailbox for notices of mails that came back: BOUNCE_MAILBOX.

What a notice says is for accounts/services/bounces.py, as it is where a mail server's pipe brings it. Here is which
mails are read, and which of them are deleted. Nothing is marked in the mailbox: a worker knows up to which mail it has
looked, and a new one looks at all that are there. So a kill at any moment loses nothing, and several workers do no
harm: a notice that is taken twice is noted once.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import itertools
import logging
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from accounts import imap
from accounts.services import bounces

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("esr_portal.bounces")

# Seconds.
BETWEEN_LOOKS = 60.0
# Of one look. A storm of notices takes a while, and costs the mails little: this is beside them.
MOST_AT_ONCE = 100
# What is no notice of ours stays so long for a human being who may want it. Only what is addressed to BOUNCE_EMAIL goes
# then: a mailbox that serves for something else too loses nothing.
OTHERS_ARE_KEPT_FOR = datetime.timedelta(days=30)
# A mail at which the connection breaks each time does not keep the next ones back.
MOST_TRIES = 3


class BounceReading:
    """Reads the mailbox now and then, where there is one."""

    def __init__(self) -> None:
        self._due = 0.0
        self._validity = 0
        # The UID up to which every mail was looked at.
        self._looked_at = 0
        # The UID up to which old mails were looked for this time round.
        self._aged_to = 0
        self._tries = 0
        self._failures = 0

    def do_what_is_due(self) -> None:
        """Look into the mailbox where it is time. Raises django.db.Error when the database is away."""
        if settings.BOUNCE_MAILBOX is None or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + BETWEEN_LOOKS
        counts: collections.Counter[str] = collections.Counter()
        try:
            with imap.opened(settings.BOUNCE_MAILBOX, longest=bounces.LONGEST) as connection:
                self._look(connection, counts)
        except imap.MailboxFails as failure:
            self._failures += 1
            logger.error("mailbox fails", extra={"error": str(failure), "in_a_row": self._failures})
        else:
            self._failures = 0
        finally:
            if counts:
                logger.info("mailbox read", extra=dict(counts))

    def _look(self, connection: imap.Connection, counts: collections.Counter[str]) -> None:
        if connection.validity != self._validity or connection.next_uid <= self._looked_at:
            # Another mailbox, or a server that has told nonsense before.
            self._validity, self._looked_at = connection.validity, 0
        for uid in itertools.islice(self._new(connection), MOST_AT_ONCE):
            with self._skipped_after_some_tries(uid):
                counts[_take(connection, uid)] += 1
        if self._looked_at and connection.has_room:
            self._delete_some_by_age(connection, counts)

    def _delete_some_by_age(self, connection: imap.Connection, counts: collections.Counter[str]) -> None:
        """Look for old mails among the next numbers, and from the beginning again after the last."""
        first = self._aged_to + 1 if self._aged_to < self._looked_at else 1
        self._aged_to = min(first + imap.MOST_UIDS - 1, self._looked_at)
        before = (timezone.now() - OTHERS_ARE_KEPT_FOR).date()
        old = connection.old(first, self._aged_to, before=before, to=settings.BOUNCE_EMAIL)
        if old:
            connection.delete(old)
            counts["deleted_by_age"] += len(old)

    def _new(self, connection: imap.Connection) -> Iterator[int]:
        """Yield the mails that were not looked at, while there is room for one more."""
        while self._looked_at + 1 < connection.next_uid and connection.has_room:
            last = min(self._looked_at + imap.MOST_UIDS, connection.next_uid - 1)
            for uid in connection.uids(self._looked_at + 1, last):
                if not connection.has_room:
                    return
                yield uid
            self._looked_at = last

    @contextlib.contextmanager
    def _skipped_after_some_tries(self, uid: int) -> Iterator[None]:
        """Note that a mail was looked at; also where the mailbox has failed at it MOST_TRIES times in a row."""
        try:
            yield
        except imap.MailboxFails:
            self._tries += 1
            if self._tries >= MOST_TRIES:
                self._looked_at, self._tries = uid, 0
            raise
        self._looked_at, self._tries = uid, 0


def _take(connection: imap.Connection, uid: int) -> str:
    """Read one mail, and delete it where it told of a mail of ours. Return what came of it, for the log."""
    notice = connection.read(uid)
    if notice is None:
        return "gone"
    came_of_it = bounces.take(notice=notice)
    if came_of_it is bounces.Read.RECORDED:
        # It is in the database by now.
        connection.delete([uid])
    return came_of_it.value
