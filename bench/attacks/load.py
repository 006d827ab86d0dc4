"""People who come while something fails: some log in, some ask for a link, some set a new password by one."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from bench import portal
from bench.attacks import people
from bench.attacks.ledger import NEW, OLD, Ledger
from bench.attacks.visitor import Unexpected, Visitor, address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.attacks.rig import Rig

T = TypeVar("T")
# People who log in again and again, in turn, for each thread.
LOGGING_IN = 10
# Seconds between two things that a thread does.
BETWEEN = 0.1
# Seconds after which a person opens the page again.
PATIENCE = 0.3


class Load:
    """Threads that come again and again, and write down in `ledger` what they were answered."""

    def __init__(self, rig: Rig, letters: str, *, threads: int, asking: int, changing: int) -> None:
        self.ledger = Ledger()
        self._rig, self._letters, self._over = rig, letters, threading.Event()
        portal.make_people(f"{letters}I", LOGGING_IN * threads)
        portal.make_people(f"{letters}A", asking)
        portal.make_people(f"{letters}C", changing)
        self._links = iter(_links(f"{letters}C"))
        self._asking = iter(range(asking))
        self._turns, self._lock = itertools.count(), threading.Lock()
        works = [self._log_in, self._ask, self._log_in, self._change]
        self._threads = [
            threading.Thread(target=self._come, args=(number, works[number % len(works)])) for number in range(threads)
        ]

    def start(self) -> None:
        """Let them come."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let them go home."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _come(self, number: int, work: Callable[[Visitor, int], None]) -> None:
        while not self._over.wait(BETWEEN):
            began = time.monotonic()
            try:
                visitor = Visitor(self._rig, address=address(300_000 + next(self._turns) * 257))
                try:
                    work(visitor, number)
                finally:
                    visitor.close()
            except (OSError, Unexpected) as problem:
                self.ledger.note(_said(problem), began=began)
                self._over.wait(PATIENCE)

    def _log_in(self, visitor: Visitor, number: int) -> None:
        person = number * LOGGING_IN + next(self._turns) % LOGGING_IN
        username = f"999{self._letters}I{person:05}"
        form = visitor.open("/log-in/")
        self.ledger.log_ins[username] += 1
        began = time.monotonic()
        answer = visitor.post("/log-in/", form, username=username, password=OLD)
        if answer.status == 302 and answer.location == "/my-esr/":
            self.ledger.let_in[username] += 1
            self.ledger.cookies[username] = dict(visitor.cookies)
            self.ledger.note("log in", began=began)
        else:
            self.ledger.note(f"log in {answer.status}", began=began)

    def _ask(self, visitor: Visitor, number: int) -> None:
        person = self._next(self._asking)
        if person is None:
            return
        email = f"{self._letters.lower()}a{person}@bench.example"
        form = visitor.open("/recovery/")
        self.ledger.asked[email] += 1
        began = time.monotonic()
        answer = visitor.post("/recovery/", form, **people.recovery_fields(email))
        if answer.status == 302:
            self.ledger.promised[email] += 1
            self.ledger.note("recovery", began=began)
        else:
            self.ledger.note(f"recovery {answer.status}", began=began)

    def _change(self, visitor: Visitor, number: int) -> None:
        link = self._next(self._links)
        if link is None:
            return
        username, path = link
        path = visitor.get(path).location
        if not path:
            msg = "a link answered nothing that leads on"
            raise Unexpected(msg)
        page = visitor.open(path)
        self.ledger.changes[username] = False
        began = time.monotonic()
        answer = visitor.post(path, page, new_password=NEW, **people.about(page))
        if answer.status == 302:
            self.ledger.changes[username] = True
            self.ledger.note("change", began=began)
        else:
            self.ledger.note(f"change {answer.status}", began=began)

    def _next(self, of: Iterator[T]) -> T | None:
        with self._lock:
            return next(of, None)


def _links(letters: str) -> list[tuple[str, str]]:
    """Return a link for each of these people, as a mail would carry it."""
    from accounts.models import User
    from tests.support.links import link_path

    users = User.objects.select_related("organisation").filter(username__startswith=f"999{letters}")
    return [(user.username, link_path(user)) for user in users.order_by("pk")]


def _said(problem: Exception) -> str:
    """Return what happened in a word or two: a refusal, a hang-up, or a status."""
    if isinstance(problem, Unexpected):
        return f"page: {str(problem).rpartition(' ')[2].strip('/')}" if "answered" in str(problem) else "hung up"
    return type(problem).__name__


@contextmanager
def coming(rig: Rig, letters: str, *, threads: int = 8, asking: int = 500, changing: int = 200) -> Iterator[Ledger]:
    """Let people come until the block ends; `asking` and `changing` is how many there are of those."""
    load = Load(rig, letters, threads=threads, asking=asking, changing=changing)
    load.start()
    try:
        yield load.ledger
    finally:
        load.end()
