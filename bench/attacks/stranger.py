"""A stranger guesses at one person's password, once a second for an hour, while the person works."""

from __future__ import annotations

import dataclasses
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from bench import portal
from bench.attacks import people
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.stuffing import LIMIT, compared_with, most_within_a_lock
from bench.attacks.visitor import Visitor, address

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

SECONDS = 3600
BETWEEN_GUESSES = 1.0
# How often the person logs in again, on the browser that they have used before.
BETWEEN_LOG_INS = 60.0
FEWEST_LOG_INS = 3
LOCKED_WITHIN = 60.0
LETTERS = "HUNTED"


@dataclasses.dataclass
class Guessing:
    """What a stranger was answered, in a thread of their own until `over` is set."""

    over: threading.Event = dataclasses.field(default_factory=threading.Event)
    guesses: int = 0
    got_in: int = 0
    others: list[int] = dataclasses.field(default_factory=list)

    def go_on(self, rig: Rig, username: str, between: float) -> None:
        """Guess again and again, as a program does that takes no notice of what the page says."""
        visitor = Visitor(rig, address=address(66))
        form = visitor.open("/log-in/")
        while not self.over.wait(between):
            answer = visitor.post("/log-in/", form, username=username, password=f"guess number {self.guesses}")
            self.guesses += 1
            self.got_in += answer.status == 302
            if answer.status not in {200, 302}:
                self.others.append(answer.status)
        visitor.close()


def run(rig: Rig, share: float) -> Result:
    """Guess for a share of an hour, at the whole pace."""
    return guess(rig, seconds=scaled(SECONDS, share, least=15), between=BETWEEN_GUESSES)


def guess(rig: Rig, *, seconds: float, between: float) -> Result:
    """Guess at one person for so long, with such pauses; the person logs in all the while, and recovers at the end."""
    result = Result()
    portal.make_people(LETTERS, 1)
    username, email = f"999{LETTERS}00000", f"{LETTERS.lower()}0@bench.example"
    stranger = Guessing()
    thread = threading.Thread(target=stranger.go_on, args=(rig, username, between))
    with closing(Visitor(rig, address=address(7))) as own, closing(Visitor(rig, address=address(9))) as elsewhere:
        result.must(people.is_in(own, people.try_to_log_in(own, username, portal.PASSWORD)), "the person was never in")
        people.log_out(own)
        thread.start()
        try:
            _wait_until_locked()
            was_in, tries = _log_in_all_the_while(own, username, until=time.monotonic() + seconds, every=seconds / 30)
            locked_elsewhere = not _gets_in_elsewhere(rig, username, portal.PASSWORD)
            # Recovery unlocks, so that the stranger has ten more guesses, at another password.
            compared = most_within_a_lock(next(compared_with(LETTERS), []))
            recovered = people.recover(rig, elsewhere, email)
            after = people.is_in(elsewhere, people.try_to_log_in(elsewhere, username, people.NEW_PASSWORD))
        finally:
            stranger.over.set()
            thread.join()
    result.say("Guesses", stranger.guesses)
    result.say("Guesses that were compared with the password within fifteen minutes, at most", compared)
    result.say("Log-ins of the person in their own browser meanwhile", f"{was_in} of {tries} let in")
    result.must(stranger.got_in == 0, "a guess let the stranger in")
    result.must(not stranger.others, f"guesses were answered {sorted(set(stranger.others))}")
    result.must(compared <= LIMIT, f"{compared} guesses were compared within fifteen minutes")
    result.say("A right password in a browser that does not know the person", "refused" if locked_elsewhere else "in")
    result.say("Recovery in a fresh browser, and a log-in after it", "in" if recovered and after else "not in")
    result.must(was_in == tries, f"the person's own browser was refused {tries - was_in} times")
    result.must(locked_elsewhere, "the guesses locked nothing")
    result.must(recovered and after, "recovery in a fresh browser did not let the person in")
    return result


def _wait_until_locked() -> None:
    """Wait until the name is locked for every browser that does not know it, for as long as ten guesses may take."""
    from accounts.models import SecurityEvent
    from accounts.models.security_event import Event

    locked = SecurityEvent.objects.filter(event=Event.LOCKED, user__username__startswith=f"999{LETTERS}")
    until = time.monotonic() + LOCKED_WITHIN
    while time.monotonic() < until and not locked.exists():
        time.sleep(0.1)


def _log_in_all_the_while(own: Visitor, username: str, *, until: float, every: float) -> tuple[int, int]:
    """Return how often the person got in, and how often they tried."""
    was_in = tries = 0
    while time.monotonic() < until or tries < FEWEST_LOG_INS:
        tries += 1
        if people.is_in(own, people.try_to_log_in(own, username, portal.PASSWORD)):
            was_in += 1
            people.log_out(own)
        time.sleep(min(BETWEEN_LOG_INS, every))
    return was_in, tries


def _gets_in_elsewhere(rig: Rig, username: str, password: str) -> bool:
    with closing(Visitor(rig, address=address(8))) as visitor:
        return people.try_to_log_in(visitor, username, password).status == 302


ATTACK = Attack(
    name="stranger",
    title="4. A stranger guesses at one person once a second for an hour",
    must_hold=(
        "in the browser that they have used before the person gets in every time; no guess lets the stranger in, and "
        "no more than ten in fifteen minutes are compared; recovery in a fresh browser works."
    ),
    estimate="an hour",
    run=run,
)
