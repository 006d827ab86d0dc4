"""A hospital's shift change: 5,000 people behind one address log in within ten minutes, and mistype as people do."""

from __future__ import annotations

import dataclasses
import random
import statistics
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from bench import portal
from bench.attacks import people
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.visitor import Unexpected, Visitor

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

PEOPLE, SECONDS = 5000, 600.0
TYPOS = 0.08
LETTERS = "SHIFT"
ADDRESS = "127.77.0.1"
# Seconds that a person takes to see what went wrong, and to type again.
TYPES_AGAIN_AFTER = 4.0
# How often a person tries who mistypes, or finds the portal busy, before they ring the helpdesk.
MOST_TRIES, MOST_WAITS = 5, 20
GET_IN = 0.999


@dataclasses.dataclass
class Seen:
    """What the people saw."""

    took: list[float] = dataclasses.field(default_factory=list)
    busy: int = 0
    limited: int = 0
    typos: int = 0
    others: list[str] = dataclasses.field(default_factory=list)


def run(rig: Rig, share: float) -> Result:
    """Let a share of the people come, at the whole pace."""
    count = scaled(PEOPLE, share, least=30)
    return come(rig, count=count, seconds=SECONDS * count / PEOPLE)


def come(rig: Rig, *, count: int, seconds: float) -> Result:
    """Let so many people come within so many seconds, each at a moment left to chance."""
    result, seen = Result(), Seen()
    portal.make_people(LETTERS, count)
    chance = random.Random(3)  # noqa: S311 - an order, no secret.
    comes = sorted((chance.uniform(0, seconds), chance.random() < TYPOS) for _ in range(count))
    began = time.monotonic()
    threads = []
    for number, (at, mistypes) in enumerate(comes):
        time.sleep(max(0.0, began + at - time.monotonic()))
        thread = threading.Thread(target=_log_in, args=(rig, f"999{LETTERS}{number:05}", mistypes, seen))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    lasted = time.monotonic() - began
    was_in = len(seen.took)
    result.say("People, all behind one address", f"{count:,} within {seconds:.0f} s ({count / seconds:.1f} a second)")
    result.say("Mistyped", seen.typos)
    result.say("Got in", f"{was_in:,} ({was_in / count:.2%}), the last {lasted:.0f} s after the first came")
    if len(seen.took) > 1:
        hundredth = min(statistics.quantiles(seen.took, n=100)[-1], max(seen.took))
        middle = statistics.median(seen.took)
        result.say("From opening the form to My ESR", f"middle {middle:.2f} s, of 99 in 100 within {hundredth:.2f} s")
    result.say("Told “busy”, and let in later", seen.busy)
    result.say("Met a limit of requests", seen.limited)
    result.must(was_in / count >= GET_IN, f"{count - was_in} people did not get in: {sorted(set(seen.others))}")
    result.must(seen.limited == 0, f"a limit of requests was met {seen.limited} times")
    locked = _locked()
    result.must(locked == 0, f"{locked} people were locked")
    return result


def _log_in(rig: Rig, username: str, mistypes: bool, seen: Seen) -> None:
    """Log in as a person does: type again what was mistyped, and wait where the page says so."""
    began = time.monotonic()
    try:
        with closing(Visitor(rig, address=ADDRESS)) as visitor:
            if _gets_in(visitor, username, mistypes, seen):
                seen.took.append(time.monotonic() - began)
            else:
                seen.others.append("gave up")
    except (OSError, Unexpected) as problem:
        seen.others.append(str(problem) or type(problem).__name__)


def _gets_in(visitor: Visitor, username: str, mistypes: bool, seen: Seen) -> bool:
    tries = waits = 0
    while tries < MOST_TRIES and waits < MOST_WAITS:
        password = f"{portal.PASSWORD}x" if mistypes and not tries else portal.PASSWORD
        form = visitor.open("/log-in/")
        answer = visitor.post("/log-in/", form, username=username, password=password)
        if answer.status in {429, 503}:
            waits += 1
            seen.busy += answer.status == 503
            seen.limited += answer.status == 429
            time.sleep(answer.retry_after or TYPES_AGAIN_AFTER)
            continue
        tries += 1
        if people.is_in(visitor, answer):
            return True
        seen.typos += 1
        time.sleep(TYPES_AGAIN_AFTER)
    return False


def _locked() -> int:
    from accounts.models import SecurityEvent
    from accounts.models.security_event import Event

    return SecurityEvent.objects.filter(event=Event.LOCKED, user__username__startswith=f"999{LETTERS}").count()


ATTACK = Attack(
    name="shift_change",
    title="3. A hospital's shift change behind one address",
    must_hold=(
        "at least 99.9 % of the people get in, and no limit is met: no request is refused for its address and no "
        "name is locked."
    ),
    estimate="ten minutes",
    run=run,
    cheap_hash=False,
)
