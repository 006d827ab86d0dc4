"""Making checks: none can hang the doctor, and none that fails ends it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection

from accounts import patience
from accounts.services import mail_server
from helpdesk.doctor.checks import database
from helpdesk.doctor.findings import Finding, Found, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from helpdesk.doctor.findings import Check

logger = logging.getLogger("esr_portal.doctor")

# Seconds for a check. The longest has a few questions over the network, each with a time-out of its own.
DEADLINE = 30.0
# The same of a page that a person waits for, for each answer of the database.
DEADLINE_OF_A_PAGE = 2.0
# Of the check without which no other that needs a database is tried.
DATABASE = "database"
_TRY_AGAIN = "Mend what is said of it elsewhere, and run the doctor again."


def examine(checks: Iterable[Check], *, deadline: float = DEADLINE) -> Iterator[Found]:
    """Make each check in a thread of its own, and yield what it found; leave it behind where it takes too long.

    Where the database does not answer, the checks that need it are not tried: each would wait for it anew.
    """
    database_is_away = False
    for check in checks:
        if database_is_away and check.needs_database:
            yield Found(check.name, not_checked("the database does not answer"))
            continue
        findings = _within(deadline, check)
        if findings is None:
            too_long = not_checked(f"it took more than {deadline:g} seconds")
            findings = [database.away() if check.name == DATABASE else too_long]
        database_is_away |= any(each.what == database.AWAY for each in findings)
        for each in findings:
            yield Found(check.name, each)


def examine_here(checks: Iterable[Check]) -> Iterator[Found]:
    """Make each check in this thread, for a page: what takes no network, and waits for no slow database."""
    with patience.of(DEADLINE_OF_A_PAGE):
        for check in checks:
            for each in _made(check):
                yield Found(check.name, each)


def not_checked(why: str) -> Finding:
    """Return that a check could not be made."""
    return warning(f"This could not be checked: {why}.", _TRY_AGAIN)


def _within(deadline: float, check: Check) -> list[Finding] | None:
    """Return what a check found, or None where it was not done by the deadline."""
    found: list[list[Finding]] = []

    def make() -> None:
        try:
            found.append(_made(check))
        finally:
            connection.close()

    thread = threading.Thread(target=make, name=f"doctor: {check.name}", daemon=True)
    thread.start()
    thread.join(deadline)
    return found[0] if found else None


def _made(check: Check) -> list[Finding]:
    try:
        return list(check.make())
    except DatabaseError as error:
        return [not_checked(f"the database refused it ({type(error).__name__})")]
    except Exception as error:
        # Its kind alone: what a library says of an address or an answer may quote a password.
        logger.exception("a check of the doctor failed", extra={"check": check.name})
        return [not_checked(mail_server.describe(error))]
