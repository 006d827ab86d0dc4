"""What workers do with the rows of the outbox: for each kind, one call of one service."""

from __future__ import annotations

import datetime
import functools
import time
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from django.apps import apps
from django.db import InterfaceError, OperationalError
from django.db import connection as database
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from accounts.models.outbox import Kind
from accounts.services import filing_events, lock_mail, mail, mail_server, outbox, recovery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from accounts.models import OutboxMessage

# Deciding needs no mail server, so it goes first and an outage never delays it.
DECIDING = frozenset({Kind.DECIDE_RECOVERY, Kind.DECIDE_LOCK_MAIL})
# What takes seconds or minutes is done beside, by a LongWorker for each: neither waits for it, nor one for the other.
LONG = frozenset({Kind.PEOPLE_FILE, Kind.OUTAGE_UNLOCK})
MAILING = frozenset(Kind) - DECIDING - LONG
# Nor does a flood of requests keep the mails back: one goes after at most so many decisions.
DECISIONS_BETWEEN_MAILS = 10
# While the mail server is unreachable one mail tries it this often, and the others keep their first attempt.
MAIL_PAUSE = outbox.FIRST_WAIT
# Seconds. The search reads what is not filed yet as well: it takes a little longer for each.
BETWEEN_FILINGS = 30.0


def run(message: OutboxMessage, connection: mail_server.Connection) -> datetime.datetime | None:
    """Do the work of one row; return None, or until when it is to wait. Raises what its service raises."""
    if message.kind == Kind.DECIDE_RECOVERY:
        return recovery.decide(request_id=message.about["request"])
    if message.kind == Kind.DECIDE_LOCK_MAIL:
        lock_mail.decide(event_id=message.about["event"])
    else:
        mail.send(message=message, connection=connection)
    return None


class LetGo(Exception):
    """The worker is to stop, or another has taken its row: what is not done yet is done later."""


class LongJob(Protocol):
    """Work that takes minutes, and goes on where it was left."""

    def __call__(self, *, message: OutboxMessage, keep: Callable[[], None]) -> datetime.datetime | None:
        """Do it; return None, or until when the row is to wait.

        Calls `keep` now and then, outside of any transaction, which raises LetGo.
        """


@functools.cache
def long_jobs() -> Mapping[Kind, LongJob]:
    """Return what every app that has a module `jobs` does of LONG, as `manage.py tidy_up` finds its `tidying`."""
    found: dict[Kind, LongJob] = {}
    for app in apps.get_app_configs():
        if app.name != "accounts" and app.module is not None and module_has_submodule(app.module, "jobs"):
            found |= import_module(f"{app.name}.jobs").LONG_JOBS
    return found


class LongWorker:
    """Does what is due of LONG, or of these `kinds` of it, one row after another, beside a Worker."""

    def __init__(
        self,
        *,
        kinds: Collection[Kind] = LONG,
        stopping: Callable[[], bool] = lambda: False,
        came_round: Callable[[], None] = lambda: None,
    ) -> None:
        """`came_round` is called after each piece of the work."""
        self._kinds, self._stopping, self._came_round = kinds, stopping, came_round

    def do_what_is_due(self) -> int:
        """Work until nothing is due, or until stopped; return how many rows were tried, done or not."""
        tried = 0
        while not self._stopping() and (message := outbox.claim(kinds=self._kinds)) is not None:
            self._try_one(message)
            tried += 1
        return tried

    def _try_one(self, message: OutboxMessage) -> None:
        def keep() -> None:
            if self._stopping() or not outbox.renew(message=message):
                raise LetGo
            self._came_round()

        try:
            until = long_jobs()[Kind(message.kind)](message=message, keep=keep)
        except LetGo:
            # At once, for the worker that comes next. Where another has it, this does nothing.
            outbox.postpone(message=message, until=timezone.now())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one row, the others go on.
            if isinstance(error, OperationalError | InterfaceError):
                database.close()
            outbox.fail(message=message, error=mail_server.describe(error))
        else:
            if until is None:
                outbox.finish(message=message)
            else:
                outbox.postpone(message=message, until=until)


class Worker:
    """Does what is due, one row after another. Any number of workers may do so side by side."""

    def __init__(
        self, *, stopping: Callable[[], bool] = lambda: False, came_round: Callable[[], None] = lambda: None
    ) -> None:
        """`came_round` is called after each mail, and at least once a look."""
        self._stopping, self._came_round = stopping, came_round
        self._no_mail_before = datetime.datetime.min.replace(tzinfo=datetime.UTC)

    def do_what_is_due(self) -> int:
        """Work until nothing is due, or until stopped; return how many rows were tried, done or not.

        Raises django.db.Error when the database is away. All mails of one call share a connection.
        """
        tried = 0
        with mail_server.Connection() as connection:
            while not self._stopping():
                self._came_round()
                tried_now = self._try(DECIDING, connection, most=DECISIONS_BETWEEN_MAILS)
                if timezone.now() >= self._no_mail_before:
                    tried_now += self._try(MAILING, connection, most=1)
                if not tried_now:
                    break
                tried += tried_now
        return tried

    def _try(self, kinds: Collection[Kind], connection: mail_server.Connection, *, most: int) -> int:
        for tried in range(most):
            message = None if self._stopping() else outbox.claim(kinds=kinds)
            if message is None:
                return tried
            self._try_one(message, connection)
        return most

    def _try_one(self, message: OutboxMessage, connection: mail_server.Connection) -> None:
        try:
            until = run(message, connection)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one row, the others go on.
            if isinstance(error, mail_server.Unreachable):
                self._no_mail_before = timezone.now() + MAIL_PAUSE
            for_good = mail_server.is_refused_for_good(error)
            if isinstance(error, OperationalError | InterfaceError):
                # The database failed: writing that down needs a new connection to it.
                database.close()
            outbox.fail(
                message=message,
                error=mail_server.describe(error),
                failure=outbox.Failure.REFUSED_FOR_GOOD if for_good else outbox.Failure.FOR_NOW,
            )
        else:
            if until is None:
                outbox.finish(message=message)
            else:
                outbox.postpone(message=message, until=until)


class Filing:
    """Files security events for the helpdesk's search now and then, a batch at a time."""

    def __init__(self) -> None:
        self._due = 0.0

    def do_what_is_due(self) -> None:
        """File a batch where it is time. Raises django.db.Error when the database is away."""
        if time.monotonic() >= self._due and filing_events.file_some() < filing_events.BATCH:
            self._due = time.monotonic() + BETWEEN_FILINGS
