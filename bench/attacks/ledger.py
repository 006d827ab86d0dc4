"""What the portal has answered to people, and whether it has kept to it: it is held to account after each fault."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from bench import portal
from bench.attacks import people
from bench.attacks.visitor import Visitor

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import OutboxMessage
    from bench.attacks.attack import Result
    from bench.attacks.rig import Rig

# Seconds within which what was in hand is done, where no lease has to end first.
SETTLED_WITHIN = 300.0
# Longer than any row waits after a failure (accounts/services/outbox.py).
NEVER_LONGER = 20 * 60
# Longer than a mail takes that is in hand: no lease of a living worker is ended twice.
BETWEEN_ENDS = 3.0
OLD, NEW = portal.PASSWORD, people.NEW_PASSWORD


@dataclasses.dataclass
class Ledger:
    """What was asked for and what was answered, by username or address; many threads write it."""

    log_ins: Counter[str] = dataclasses.field(default_factory=Counter)
    let_in: Counter[str] = dataclasses.field(default_factory=Counter)
    # The cookies of each person's newest answered log-in.
    cookies: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    asked: Counter[str] = dataclasses.field(default_factory=Counter)
    promised: Counter[str] = dataclasses.field(default_factory=Counter)
    # Whether a change of a password was answered, by who tried.
    changes: dict[str, bool] = dataclasses.field(default_factory=dict)
    answers: Counter[str] = dataclasses.field(default_factory=Counter)
    # When each success of a kind was answered.
    successes: dict[str, list[float]] = dataclasses.field(default_factory=lambda: defaultdict(list))
    slowest: float = 0.0
    _lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    def note(self, outcome: str, *, began: float = 0.0) -> None:
        """Count how a request ended; "log in", "recovery" and "change" are successes."""
        now = time.monotonic()
        with self._lock:
            self.answers[outcome] += 1
            self.successes[outcome].append(now)
            self.slowest = max(self.slowest, now - began if began else 0.0)

    def first_after(self, moment: float, *, what: str = "log in") -> float | None:
        """Return how many seconds after a moment the first of `what` was answered; None where none was."""
        with self._lock:
            after = [at for at in self.successes[what] if at > moment]
        return min(after) - moment if after else None

    def wait_for_one_after(self, moment: float, *, what: str = "log in", within: float) -> float | None:
        """Wait for the first of `what` after a moment; return the seconds, None where none came."""
        while (seconds := self.first_after(moment, what=what)) is None and time.monotonic() < moment + within:
            time.sleep(0.05)
        return seconds


def settle(*, ends_leases: bool, within: float = SETTLED_WITHIN) -> float:
    """Wait until nothing is left to do; return how long that took.

    `ends_leases` takes those of killed workers for over, and rows that wait after failures for due, as when time has
    passed; without it they are waited for.
    """
    from django.db import Error, connection
    from django.utils import timezone

    began, ended = time.monotonic(), float("-inf")
    while time.monotonic() < began + (within if ends_leases else NEVER_LONGER + within):
        try:
            waiting = _waiting()
            if ends_leases and time.monotonic() > ended + BETWEEN_ENDS:
                ended, now = time.monotonic(), timezone.now()
                waiting.filter(leased_until__isnull=False).update(leased_until=now)
                waiting.filter(due_at__gt=now).update(due_at=now)
            if not waiting.exists():
                break
        except Error:
            connection.close()
        time.sleep(0.2)
    return time.monotonic() - began


def _waiting() -> QuerySet[OutboxMessage]:
    """Return the rows that are not done, but for those that wait for a time of their own, longer than after a failure.

    The row that looked at a file of people waits a day, to end an import that no agent has confirmed by then.
    """
    from django.utils import timezone

    from accounts.models import OutboxMessage
    from accounts.services.outbox import LONGEST_WAIT

    return OutboxMessage.objects.filter(sent_at__isnull=True, due_at__lte=timezone.now() + LONGEST_WAIT)


def check(rig: Rig, ledger: Ledger, result: Result) -> None:
    """Hold the portal to what it has answered, but for sessions: `check_sessions`, before leases are waited for."""
    result.say("Requests and how they ended", ", ".join(f"{what}: {n}" for what, n in sorted(ledger.answers.items())))
    _check_log_ins(ledger, result)
    _check_mails(rig, ledger, result)
    _check_changes(ledger, result)
    _check_rows(result)


def _check_log_ins(ledger: Ledger, result: Result) -> None:
    from django.db.models import Count

    from accounts.models import SecurityEvent
    from accounts.models.security_event import Event

    counted = dict(
        SecurityEvent.objects.filter(event=Event.LOGGED_IN, user__username__in=list(ledger.log_ins))
        .values_list("user__username")
        .annotate(Count("pk"))
    )
    missing = sum(max(0, answered - counted.get(name, 0)) for name, answered in ledger.let_in.items())
    surplus = sum(max(0, number - ledger.log_ins[name]) for name, number in counted.items())
    result.say("Log-ins that were answered, and lack their event", f"{missing} of {ledger.let_in.total()}")
    result.must(missing == 0, f"{missing} answered log-ins have no event")
    result.must(surplus == 0, f"{surplus} events of log-ins that were not tried")


def check_sessions(rig: Rig, ledger: Ledger, result: Result) -> None:
    """Hold the portal to each person's newest log-in.

    To wait for leases and for failures to be tried again can take longer than a session lasts without being used.
    """
    lost = 0
    for cookies in ledger.cookies.values():
        visitor = Visitor(rig)
        visitor.cookies = dict(cookies)
        lost += b"Log out" not in visitor.get("/my-esr/").body
        visitor.close()
    result.say("People whose newest log-in does not last", f"{lost} of {len(ledger.cookies)}")
    result.must(lost == 0, f"{lost} people who were let in are not logged in")


def _check_mails(rig: Rig, ledger: Ledger, result: Result) -> None:
    mailed: dict[str, set[str]] = defaultdict(set)
    for mail in list(rig.mail.mails):
        for address in mail.recipients:
            mailed[address].add(str(mail.message["Message-ID"]))
    lost = [address for address in ledger.promised if not mailed[address]]
    twice = [address for address, tries in ledger.asked.items() if len(mailed[address]) > tries]
    result.say("Mails that were promised, and never came", f"{len(lost)} of {len(ledger.promised)}")
    result.must(not lost, f"{len(lost)} promised mails never came")
    result.must(not twice, f"{len(twice)} people were sent more mails than they asked for")


def _check_changes(ledger: Ledger, result: Result) -> None:
    from accounts.models import PasswordHistory, RecoveryLink, SecurityEvent, User
    from accounts.models.security_event import Event

    lost = half = 0
    for user in User.objects.filter(username__in=list(ledger.changes)):
        is_new = user.check_password(NEW)
        lost += ledger.changes[user.username] and not is_new
        traces = {
            not user.check_password(OLD),
            SecurityEvent.objects.filter(user=user, event=Event.RECOVERY_LINK_USED).count() == 1,
            PasswordHistory.objects.filter(user=user).count() == 1,
            RecoveryLink.objects.filter(user=user, used_at__isnull=False).count() == 1,
        }
        half += traces != {is_new}
    result.say("Changes of a password that were answered, and are lost", f"{lost} of {sum(ledger.changes.values())}")
    result.say("Changes of which a half is there", f"{half} of {len(ledger.changes)}")
    result.must(lost == 0, f"{lost} answered changes of a password are lost")
    result.must(half == 0, f"of {half} changes a half is there")


def _check_rows(result: Result) -> None:
    from accounts.models import RecoveryRequest

    undone = _waiting().count()
    undecided = RecoveryRequest.objects.filter(decided_at__isnull=True).count()
    result.must(undone == 0, f"{undone} rows of the outbox are not done")
    result.must(undecided == 0, f"{undecided} requests are not decided")


__all__ = ["NEW", "OLD", "Ledger", "check", "check_sessions", "settle"]
