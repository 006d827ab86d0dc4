"""What the portal needs is away while people come: the mail server for an hour, PostgreSQL restarted and hung."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from bench.attacks import faults, ledger, load
from bench.attacks.attack import Attack, Result, scaled

if TYPE_CHECKING:
    from bench.attacks.postgresql import Database
    from bench.attacks.rig import Rig

MAIL_AWAY, REQUESTS = 3600, 10_000
RESTARTS, HANGS = 20, 5
# Longer than the portal waits for an answer of the database (esr_portal/connections.py).
HUNG_FOR = 30.0
# That wait, one for a new connection, and what a machine under load adds. Who waits longer has been forgotten.
ANSWERED_WITHIN = 45.0
BEFORE_AND_AFTER = 2.0


def mail_away(rig: Rig, share: float) -> Result:
    """Let the mail server be down for a share of an hour, and a share of 10,000 people ask for links."""
    return without_mail(
        rig,
        seconds=scaled(MAIL_AWAY, share, least=10),
        requests=scaled(REQUESTS, share, least=20),
        everything=share == 1,
    )


def without_mail(rig: Rig, *, seconds: float, requests: int, everything: bool, within: float = 30.0) -> Result:
    """Let the mail server be down for so long; `everything` waits as long as rows wait that have failed."""
    result = Result()
    with load.coming(rig, "POST", asking=requests, changing=50) as book:
        time.sleep(BEFORE_AND_AFTER)
        rig.mail.stop()
        time.sleep(seconds)
        before = len(rig.mail.mails)
        asked = book.promised.total()
        rig.mail.start()
        back = time.monotonic()
        while len(rig.mail.mails) == before and time.monotonic() < back + within:
            time.sleep(0.05)
        first = time.monotonic() - back
    result.must(len(rig.mail.mails) > before, f"no mail went out within {within:.0f} s after the mail server was back")
    ledger.check_sessions(rig, book, result)
    settled = ledger.settle(ends_leases=not everything)
    result.say("People who asked while the mail server was away", asked)
    result.say("From its return to the first mail", f"{first:.1f} s")
    result.say("To the last", f"{settled:.0f} s" + ("" if everything else ", with waits after failures cut short"))
    ledger.check(rig, book, result)
    return result


def database_away(rig: Rig, share: float) -> Result:
    """Restart PostgreSQL, and let it hang, a share of so many times."""
    return without_database(
        rig, restarts=scaled(RESTARTS, share), hangs=scaled(HANGS, share), hung_for=HUNG_FOR, ends_leases=share < 1
    )


def without_database(
    rig: Rig,
    *,
    restarts: int,
    hangs: int,
    hung_for: float,
    ends_leases: bool,
    within: float = faults.BACK_WITHIN,
) -> Result:
    """Restart PostgreSQL so often in both ways and hang it, while people come."""
    result, database = Result(), _database(rig)
    count = 100 * (2 * restarts + hangs)
    with faults.supervised(rig), load.coming(rig, "BASE", asking=count, changing=count // 2) as book:
        for name, number in (("fast", signal.SIGINT), ("immediate", signal.SIGQUIT)):
            back = []
            for _ in range(restarts):
                time.sleep(BEFORE_AND_AFTER)
                database.end(number)
                database.start()
                back.append(book.wait_for_one_after(time.monotonic(), within=within))
            _say_back(result, f"a restart ({name}), {restarts} times", back, within)
        back = []
        for _ in range(hangs):
            time.sleep(BEFORE_AND_AFTER)
            database.hang()
            time.sleep(hung_for)
            database.go_on()
            back.append(book.wait_for_one_after(time.monotonic(), within=within))
        _say_back(result, f"a hang of {hung_for:.0f} s, {hangs} times", back, within)
        time.sleep(BEFORE_AND_AFTER)
    result.say("Slowest answer", f"{book.slowest:.1f} s")
    result.must(book.slowest < ANSWERED_WITHIN, f"an answer took {book.slowest:.0f} s")
    ledger.check_sessions(rig, book, result)
    settled = ledger.settle(ends_leases=ends_leases)
    result.say(
        "To the last mail", f"{settled:.0f} s ({'leases taken for over' if ends_leases else 'leases waited for'})"
    )
    ledger.check(rig, book, result)
    return result


def _database(rig: Rig) -> Database:
    if rig.postgresql is None:
        msg = "this rig has no PostgreSQL of its own"
        raise RuntimeError(msg)
    return rig.postgresql


def _say_back(result: Result, after: str, back: list[float | None], within: float) -> None:
    known = sorted(seconds for seconds in back if seconds is not None)
    shown = f"middle {known[len(known) // 2]:.1f} s, most {known[-1]:.1f} s" if known else "never"
    result.say(f"To the next person let in, after {after}", shown)
    result.must(len(known) == len(back), f"after {after} no person was let in within {within:.0f} s")


PROMISES = (
    "each request that was answered “sent” leads to one mail, each answered log-in has its event and lasts, each "
    "answered change of a password holds, no change is there by half"
)
MAIL = Attack(
    name="mail_away",
    title="6. The mail server down for an hour, with 10,000 requests",
    must_hold=f"{PROMISES}; mails go out within 30 seconds of its return.",
    estimate="an hour and a quarter",
    run=mail_away,
)
DATABASE = Attack(
    name="database_away",
    title="6. PostgreSQL restarted and hung under load",
    must_hold=f"{PROMISES}; a person is let in within 30 seconds of its return, and no answer takes 45 seconds.",
    estimate="half an hour",
    run=database_away,
)
