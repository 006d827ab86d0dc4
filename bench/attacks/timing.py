"""Whether the time of a refused log-in, or of a recovery form, tells what a name is: ten kinds beside an unknown one.

Forms of all kinds are sent in an order left to chance, by browsers that have no past: one while nothing else goes on,
several while others guess too, two while the mail server is slow, and while it refuses. Each of the four is an attack
of its own. At its end a delay is planted, which must be found: a measure that finds nothing says nothing.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime
import functools
import itertools
import random
import statistics
import time
from typing import TYPE_CHECKING

from bench import portal
from bench.attacks import guessers
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.crowd import crowd
from bench.attacks.people import recovery_fields
from bench.attacks.statistics import AUC, auc
from bench.attacks.visitor import Unexpected
from tests.support.smtp import REFUSED_FOR_NOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.attacks.rig import Rig
    from bench.attacks.visitor import Visitor
    from bench.browser import Answer

TRIES = 5000
# Each measurement has so many network addresses to send from.
MOST_BROWSERS = 50
# Of one account within a quarter of an hour: more would lock it.
TRIES_OF_AN_ACCOUNT = 8
# Accounts of each kind whose tries are over within that time, also on a slow machine; then others are taken.
ACCOUNTS_AT_ONCE = 12
LOWEST, HIGHEST = 0.47, 0.53
# Where there are too few tries for an interval to fit between the two, no kind is that many standard deviations beyond.
FAR_OUT = 4.0
PLANTED = 0.003
UNKNOWN = "NOBODY"
PLANTED_IN = "WRONG"
LOG_IN, RECOVERY = "log-in", "recovery"
WRONG, RIGHT = "not the right one", portal.PASSWORD
# The letters of the usernames of a kind, what it is in words, and what is typed as the password.
KINDS = {
    UNKNOWN: ("unknown", WRONG),
    "WRONG": ("in force, wrong password", WRONG),
    "LOCKED": ("locked, right password", RIGHT),
    "INACTIVE": ("not active, right password", RIGHT),
    "JOINER": ("no password yet", WRONG),
    "CARD": ("Care Identity only", WRONG),
    "LEAVER": ("past the last day, right password", RIGHT),
    "LATER": ("before the first day, right password", RIGHT),
    "FROZEN": ("frozen, right password", RIGHT),
    "DORMANT": ("dormant, right password", RIGHT),
    "MUST": ("has to change the password, wrong one", WRONG),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Condition:
    """How many browsers send forms at once, and how long the whole takes on two cores, in words.

    Several take less time: each waits for the answer to a form before it sends the next, and a hash takes one core. How
    long they are in each other's way is left to chance, for all kinds alike.
    """

    browsers: int
    estimate: str


CONDITIONS = {
    "idle": Condition(1, "an hour and a half"),
    "under load": Condition(4, "an hour"),
    "mail slow": Condition(2, "three quarters of an hour"),
    "mail refused": Condition(2, "three quarters of an hour"),
}

Times = dict[tuple[str, str], list[float]]


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """A form as a browser without a past has it: where it is sent, the page with it, and its cookies."""

    path: str
    page: Answer
    cookies: dict[str, str]


def run(rig: Rig, share: float, *, condition: str) -> Result:
    """Measure in a condition, and then, with nothing else going on, with a planted delay."""
    result, tries = Result(), scaled(TRIES, share, least=2 * TRIES_OF_AN_ACCOUNT)
    browsers = CONDITIONS[condition].browsers
    result.say("Tries of each kind and form", tries)
    result.say("Browsers that send at once", browsers)
    with _in(rig, condition):
        took = measure(rig, tries, letters=list(CONDITIONS).index(condition), browsers=browsers)
        compare(result, condition, took)
    found = find_planted(rig, tries, PLANTED, browsers=min(browsers, 2))
    for form, seen in found.items():
        result.say(f"A planted {PLANTED * 1000:.0f} ms, {form}: AUC", f"{seen}, {_in_words(seen)}")
        if _fits(seen):
            result.must(is_found(seen), f"a planted delay was not found in a {form}")
    return result


def find_planted(rig: Rig, tries: int, seconds: float, *, browsers: int = 1) -> dict[str, AUC]:
    """Let one kind take longer; return how well it is told from an unknown name, by form."""
    rig.plant(beginning=PLANTED_IN.lower(), seconds=seconds)
    took = measure(rig, tries, letters=len(CONDITIONS), kinds=(UNKNOWN, PLANTED_IN), browsers=browsers)
    rig.plant()
    return {form: auc(took[form, PLANTED_IN], took[form, UNKNOWN]) for form in (LOG_IN, RECOVERY)}


def compare(result: Result, condition: str, took: Times) -> None:
    """Say how like an unknown name's each kind's times are, and what does not hold."""
    for form in (LOG_IN, RECOVERY):
        middle = statistics.median(took[form, UNKNOWN]) * 1000
        all_seen = {words: auc(took[form, kind], took[form, UNKNOWN]) for kind, (words, _) in KINDS.items()}
        for words, seen in all_seen.items():
            print(f"      {words}: {seen}")
            result.must(alike(seen), f"{condition}, {form}, {words}: {seen}")
        furthest = max(all_seen, key=lambda words: abs(all_seen[words].value - 0.5))
        result.say(
            f"{condition}, {form}: the AUC that is furthest from 0.5, of {len(KINDS) - 1} kinds",
            f"{all_seen[furthest]}, {furthest}; an unknown name takes {middle:.1f} ms in the middle",
        )


def alike(seen: AUC) -> bool:
    """Return whether nothing tells the two apart: with few tries, whether nothing shows that something does."""
    low, high = seen.interval() if _fits(seen) else seen.interval(FAR_OUT)
    return low > LOWEST and high < HIGHEST if _fits(seen) else low < HIGHEST and high > LOWEST


def _fits(seen: AUC) -> bool:
    low, high = seen.interval()
    return high - low < (HIGHEST - LOWEST) * 2 / 3


def _in_words(seen: AUC) -> str:
    return "found" if is_found(seen) else "not found" if _fits(seen) else "too few tries to tell"


def is_found(seen: AUC) -> bool:
    """Return whether it is sure that one takes longer, by more than chance and what is allowed."""
    return seen.interval()[0] > HIGHEST


@contextlib.contextmanager
def _in(rig: Rig, condition: str) -> Iterator[None]:
    print(f"    {condition}, {datetime.datetime.now(datetime.UTC):%H:%M}", flush=True)
    if condition == "mail slow":
        rig.mail.seconds_before_answer = 5.0
    if condition == "mail refused":
        rig.mail.answer_to_recipient = REFUSED_FOR_NOW
    with guessers.beside(rig) if condition == "under load" else contextlib.nullcontext():
        yield
    rig.mail.mend()


def measure(rig: Rig, tries: int, *, letters: int, kinds: tuple[str, ...] = tuple(KINDS), browsers: int = 1) -> Times:
    """Send each form `tries` times for each kind; return how long each took, by form and kind.

    `letters` sets the people apart from those of other measurements. So many `browsers` send at once.
    """
    took: Times = collections.defaultdict(list)
    with crowd(rig, browsers, first_address=1 + letters * MOST_BROWSERS) as having:
        forms = {LOG_IN: _form(having.visitors[0], "/log-in/"), RECOVERY: _form(having.visitors[0], "/recovery/")}
        chance = random.Random(letters)  # noqa: S311 - an order, no secret.
        left, block = tries, 0
        while left > 0:
            of_block = min(left, ACCOUNTS_AT_ONCE * TRIES_OF_AN_ACCOUNT)
            marks = {kind: f"{kind}{'ABCDEFGH'[letters]}{block}Z" for kind in kinds}
            accounts = -(-of_block // TRIES_OF_AN_ACCOUNT)
            for kind, mark in marks.items():
                _make(kind, mark, accounts)
            order = [(form, kind, n % accounts) for form in forms for kind in kinds for n in range(of_block)]
            chance.shuffle(order)
            send_some = functools.partial(_send_some, forms=forms, marks=marks, order=order, browsers=browsers)
            for form, kind, seconds in itertools.chain.from_iterable(having.each(send_some)):
                took[form, kind].append(seconds)
            left, block = left - of_block, block + 1
    return took


def _send_some(
    browser: Visitor,
    number: int,
    *,
    forms: Mapping[str, Form],
    marks: Mapping[str, str],
    order: list[tuple[str, str, int]],
    browsers: int,
) -> list[tuple[str, str, float]]:
    """Send what falls to the browser with this number; return the form, the kind and the time of each."""
    return [
        (form, kind, _send(browser, form, forms[form], kind, f"{marks[kind]}{account:05}"))
        for form, kind, account in order[number::browsers]
    ]


def _form(browser: Visitor, path: str) -> Form:
    browser.cookies = {}
    page = browser.open(path)
    return Form(path, page, dict(browser.cookies))


def _send(browser: Visitor, name: str, form: Form, kind: str, mark: str) -> float:
    """Send a form for the account with this mark; return how long the answer took. Raises Unexpected."""
    browser.cookies = dict(form.cookies)
    letters, number = mark[:-5], int(mark[-5:])
    typed = (
        {"username": f"999{mark}", "password": KINDS[kind][1]}
        if name == LOG_IN
        else recovery_fields(f"{letters.lower()}{number}@bench.example")
    )
    while True:
        began = time.perf_counter()
        answer = browser.post(form.path, form.page, **typed)
        took = time.perf_counter() - began
        if answer.status != 503:
            break
        # Nothing was looked at.
        time.sleep(0.2)
    if answer.status != (200 if name == LOG_IN else 302):
        msg = f"{name}, {kind}: answered {answer.status}"
        raise Unexpected(msg)
    return took


def _make(kind: str, mark: str, count: int) -> None:
    """Make people of a kind, none where it is the unknown one."""
    from django.utils import timezone

    from accounts.services import lockout

    now, today, days = timezone.now(), timezone.localdate(), datetime.timedelta(days=30)
    facts: dict[str, dict[str, object]] = {
        "INACTIVE": {"is_active": False},
        "JOINER": {"password": "!"},
        "CARD": {"password": "!", "care_identity_only": True},
        "LEAVER": {"ends_on": today - days},
        "LATER": {"starts_on": today + days},
        "FROZEN": {"password_frozen_at": now},
        "DORMANT": {"dormant_since": now},
        "MUST": {"must_change_password": True},
    }
    if kind == UNKNOWN:
        return
    portal.make_people(mark, count, **facts.get(kind, {}))
    if kind == "LOCKED":
        for number in range(count):
            for _ in range(lockout.LIMIT):
                lockout.record_failure(username=f"999{mark}{number:05}")


ATTACKS = tuple(
    Attack(
        name=f"timing_{condition.replace(' ', '_')}",
        title=f"1. By the time of an answer, what a name is: {condition}",
        must_hold=(
            "the 90 % interval of the AUC of each kind against an unknown name is inside 0.47 to 0.53; with fewer "
            "tries than that takes, no kind is shown to be outside. A planted 3 ms is found."
        ),
        estimate=how.estimate,
        run=functools.partial(run, condition=condition),
        cheap_hash=False,
        planting=True,
    )
    for condition, how in CONDITIONS.items()
)
