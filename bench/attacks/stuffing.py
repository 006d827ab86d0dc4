"""Stuffing (pairs of names and passwords from a leak) and spraying (few common passwords for many names).

Bots take no notice of pages: they send one form after the other, from many addresses, each from a browser without a
past. What they are answered is counted, and what the portal has written down of it.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import itertools
import random
import threading
import time
from typing import TYPE_CHECKING

from bench import portal
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.visitor import Unexpected, Visitor, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.attacks.rig import Rig

PAIRS, VALID_IN_A_HUNDRED = 100_000, 1
# Of the other pairs so many have a name that a person has; a few names stand in the list again and again.
KNOWN_IN_A_HUNDRED, OFTEN_LISTED, TIMES_LISTED = 40, 20, 30
# Of a hundred people whose password is in the list, so many have a second step.
WITH_A_SECOND_STEP = 25
SPRAYED, COMMON = 2000, ("password", "Password1", "123456789", "qwerty", "letmein", "welcome1")
COMMON_TO_THE_TENTH = (*COMMON, "Winter2026", "Summer2026!", "nhs12345", "Hospital1")
BOTS, ADDRESSES = 12, 500
LIMIT, LOCK = 10, datetime.timedelta(minutes=15)

Pair = tuple[str, str]


@dataclasses.dataclass
class Answers:
    """What the bots were answered: who got in, and how often each status came."""

    got_in: set[str] = dataclasses.field(default_factory=set)
    asked_for_more: set[str] = dataclasses.field(default_factory=set)
    statuses: collections.Counter[int] = dataclasses.field(default_factory=collections.Counter)
    seconds: float = 0.0


def send_all(rig: Rig, pairs: Sequence[Pair], *, first_address: int, addresses: int = ADDRESSES) -> Answers:
    """Send each pair once, and again where the portal was busy; return what came."""
    answers, turns, lock = Answers(), iter(pairs), threading.Lock()
    failed: list[BaseException] = []

    def next_pairs() -> list[Pair]:
        with lock:
            return list(itertools.islice(turns, max(1, min(100, len(pairs) // BOTS))))

    def go_on(bot: int) -> None:
        try:
            sources = (address(first_address + (bot + BOTS * n) % addresses) for n in itertools.count())
            while not failed and (some := next_pairs()):
                _send(rig, some, next(sources), answers, lock)
        except (OSError, Unexpected) as error:
            failed.append(error)

    began = time.monotonic()
    threads = [threading.Thread(target=go_on, args=(bot,)) for bot in range(BOTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    answers.seconds = time.monotonic() - began
    return answers


def _send(rig: Rig, pairs: Iterable[Pair], where: str, answers: Answers, lock: threading.Lock) -> None:
    bot = Visitor(rig, address=where)
    form = bot.open("/log-in/")
    without_a_past = dict(bot.cookies)
    for username, password in pairs:
        bot.cookies = dict(without_a_past)
        answer = bot.post("/log-in/", form, username=username, password=password)
        while answer.status == 503:
            with lock:
                answers.statuses[503] += 1
            time.sleep(0.5)
            answer = bot.post("/log-in/", form, username=username, password=password)
        with lock:
            answers.statuses[answer.status] += 1
            if answer.status == 302:
                (answers.got_in if answer.location == "/my-esr/" else answers.asked_for_more).add(username)
    bot.close()


def run(rig: Rig, share: float) -> Result:
    """Stuff and spray a share."""
    result = Result()
    stuff(rig, result, scaled(PAIRS, share, least=400))
    spray(rig, result, scaled(SPRAYED, share, least=25))
    return result


def stuff(rig: Rig, result: Result, count: int) -> None:
    """Send so many pairs, and say what came of it."""
    valid = max(4, count * VALID_IN_A_HUNDRED // 100)
    pairs, guarded = _pairs(count, valid)
    answers = send_all(rig, pairs, first_address=10_000)
    right = {username for username, password in pairs if password == portal.PASSWORD}
    result.say("Stuffing: pairs", len(pairs))
    result.say("Stuffing: pairs a second", f"{len(pairs) / answers.seconds:.0f}, {_written(answers)}")
    result.say("Stuffing: right pairs", len(right))
    result.say("Stuffing: got in", len(answers.got_in))
    result.say("Stuffing: asked for a second step", f"{len(answers.asked_for_more):,} of {len(guarded):,} who have one")
    result.must(answers.got_in <= right - guarded, "a wrong pair, or one without its second step, let in")
    result.must(answers.asked_for_more <= guarded, "a wrong pair came as far as the second step")
    result.must(answers.got_in | answers.asked_for_more == right, "a right pair was refused, whose name was not locked")
    result.must(set(answers.statuses) <= {200, 302, 503}, f"other answers: {_written(answers)}")
    _limits(result, "Stuffing", ("STUFFED", "OFTEN"))
    said = _alarm()
    result.say("Stuffing: alarm, unknown names in the worst hour", said.stuffed)
    result.say("Stuffing: alarm, people tried from a network that tries many", said.sprayed)
    result.must(said.stuffed > 0, "no alarm of unknown names")
    result.must(said.sprayed > 0, "no alarm of networks that try many names")


def spray(rig: Rig, result: Result, people: int) -> None:
    """Try ten common passwords for each of so many people from one address, one password after the other."""
    portal.make_people("SPRAYED", people)
    names = [f"999SPRAYED{number:05}" for number in range(people)]
    before = _alarm().sprayed
    answers = send_all(rig, [(n, p) for p in COMMON_TO_THE_TENTH for n in names], first_address=60_000, addresses=1)
    result.say("Spraying: people, and passwords for each", f"{people:,}, {len(COMMON_TO_THE_TENTH)}")
    result.say("Spraying: tries a second", f"{sum(answers.statuses.values()) / answers.seconds:.0f}")
    result.say("Spraying: got in", len(answers.got_in))
    result.must(not answers.got_in and not answers.asked_for_more, "a common password let in")
    _limits(result, "Spraying", ("SPRAYED",))
    # The eleventh is the right one.
    beyond = send_all(rig, [(name, portal.PASSWORD) for name in names[:50]], first_address=61_000)
    result.say("Spraying: right passwords after the tenth wrong one", f"{len(beyond.got_in)} let in")
    result.must(not beyond.got_in or answers.seconds > LOCK.total_seconds(), "an eleventh try was looked at")
    said = _alarm()
    result.say("Spraying: alarm, people tried from a network that tries many", said.sprayed - before)
    result.must(said.sprayed - before >= people, "no alarm for each sprayed person")
    result.say("Spraying: the alarm is counted in", f"{said.seconds:.2f} s")


def _pairs(count: int, valid: int) -> tuple[list[Pair], set[str]]:
    """Make people; return the list of a leak, and the names of those with a second step whose password is in it."""
    often = min(OFTEN_LISTED, count // 100)
    known = (count - valid - often * TIMES_LISTED) * KNOWN_IN_A_HUNDRED // 100
    portal.make_people("STUFFED", valid + known)
    portal.make_people("OFTEN", often)
    pairs = [(f"999STUFFED{number:05}", portal.PASSWORD) for number in range(valid)]
    pairs += [(f"999STUFFED{valid + number:05}", f"theirs elsewhere {number}") for number in range(known)]
    pairs += [(f"999OFTEN{number:05}", f"an old one {turn}") for number in range(often) for turn in range(TIMES_LISTED)]
    pairs += [(f"999NOBODY{number:06}", f"leaked {number}") for number in range(count - len(pairs))]
    random.Random(2).shuffle(pairs)  # noqa: S311 - an order, no secret.
    return pairs, _give_second_steps(valid * WITH_A_SECOND_STEP // 100)


def _give_second_steps(count: int) -> set[str]:
    from accounts.models import User
    from tests.support.authenticator import PhoneApp

    names = {f"999STUFFED{number:05}" for number in range(count)}
    for user in User.objects.filter(username__in=names):
        PhoneApp.of(user)
    return names


def _written(answers: Answers) -> str:
    return ", ".join(f"{times:,} answers {status}" for status, times in sorted(answers.statuses.items()))


def _limits(result: Result, what: str, letters: tuple[str, ...]) -> None:
    """Say how many guesses reached a password, at most, of one person within the time of a lock."""
    most = max((most_within_a_lock(times) for name in letters for times in compared_with(name)), default=0)
    result.say(f"{what}: guesses at one person that were compared within fifteen minutes, at most", most)
    result.must(most <= LIMIT, f"{what}: {most} guesses at one person were compared within fifteen minutes")


def most_within_a_lock(times: Sequence[datetime.datetime]) -> int:
    """Return how many of these moments, in their order, are within LOCK of one another, at most."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= LOCK:
            first += 1
        most = max(most, last - first + 1)
    return most


def compared_with(letters: str) -> Iterator[list[datetime.datetime]]:
    """Yield for each person of these when a wrong password was compared with theirs."""
    from accounts.models import SecurityEvent
    from accounts.models.security_event import Event

    tried = SecurityEvent.objects.filter(event=Event.LOG_IN_FAILED, reason="wrong_password")
    of_these = tried.filter(user__username__startswith=f"999{letters}").order_by("user", "at", "pk")
    for _, rows in itertools.groupby(of_these.values_list("user", "at"), key=lambda row: row[0]):
        yield [at for _, at in rows]


@dataclasses.dataclass(frozen=True)
class Alarm:
    """What the desk's overview warns of, after the worker has counted: within five minutes in production."""

    stuffed: int
    sprayed: int
    seconds: float


def _alarm() -> Alarm:
    from django.db.models import Sum
    from django.utils import timezone

    from accounts.models import DailyCount
    from accounts.services import counting, daily_counts

    began = time.perf_counter()
    daily_counts.count_day(day=timezone.localdate())
    seconds = time.perf_counter() - began
    found = dict(
        DailyCount.objects.filter(what__in=[counting.STUFFED, counting.SPRAYED])
        .order_by()
        .values_list("what")
        .annotate(Sum("count"))
    )
    return Alarm(found.get(counting.STUFFED, 0), found.get(counting.SPRAYED, 0), seconds)


ATTACK = Attack(
    name="stuffing",
    title="2. Pairs from a leak, and common passwords for many",
    must_hold=(
        "nobody gets in but by their own password, and who has a second step not by that; no more than ten guesses at "
        "one person are compared within fifteen minutes; the overview warns of both."
    ),
    estimate="half an hour",
    run=run,
)
