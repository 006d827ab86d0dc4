"""A clock jumps while people are logged in: that of one instance, and that of the whole machine, PostgreSQL's with it.

Whoever must not get in must not while it is wrong, people are told nothing of a fault, and once it is right again all
is as before. The clocks are libfaketime's: without it the attack is not run, and says so.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import sys
import time
from typing import TYPE_CHECKING

from bench import portal
from bench.attacks import clocks, faults, people
from bench.attacks.attack import Attack, Result
from bench.attacks.visitor import Unexpected, Visitor
from bench.browser import Browser
from bench.week.clock import LOOKED_AT_EVERY, MISSING, FileClock, found_library

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

HOUR = datetime.timedelta(hours=1)
JUMPS = {"2 hours ahead": 2 * HOUR, "2 hours back": -2 * HOUR, "a day ahead": 24 * HOUR}
GUESSES = 10
WRONG = "no password of anybody 1"
COLLEAGUES = 3


@dataclasses.dataclass
class Cast:
    """Who is there when the clock jumps. `letters` begin their usernames."""

    letters: str
    # What may not let anybody in.
    logged_out: dict[str, str] = dataclasses.field(default_factory=dict)
    used_link: str = ""
    used_code: str = ""
    # Who waits for a mail that was asked for while the clock was wrong.
    address: str = ""

    def name(self, number: int) -> str:
        """Return a username."""
        return f"999{self.letters}{number:05}"


LOCKED, WITH_AN_APP, WITH_A_LINK, WITH_A_SESSION, ASKING, AT_WORK = range(6)


def run(rig: Rig, share: float) -> Result:
    """Let each clock make each jump; a share takes none away, for there are six."""
    if not found_library():
        sys.exit(f"Not run: {MISSING}")
    result = Result()
    with clocks.of_one_instance(rig) as clock:
        for number, (words, ahead) in enumerate(JUMPS.items()):
            jump(rig, clock, f"ONE{number}", words, ahead, result=result)
    with clocks.of_the_whole_machine(rig) as clock:
        for number, (words, ahead) in enumerate(JUMPS.items()):
            jump(rig, clock, f"ALL{number}", words, ahead, result=result, whole=True)
    return result


def one_instance(rig: Rig, jumps: dict[str, datetime.timedelta], *, within: float) -> Result:
    """Let the clock of one instance make these jumps."""
    result = Result()
    with clocks.of_one_instance(rig) as clock:
        for number, (words, ahead) in enumerate(jumps.items()):
            jump(rig, clock, f"ONE{number}", words, ahead, result=result, within=within, doctor=False)
    return result


def jump(
    rig: Rig,
    clock: FileClock,
    letters: str,
    words: str,
    ahead: datetime.timedelta,
    *,
    result: Result,
    whole: bool = False,
    within: float = faults.BACK_WITHIN,
    doctor: bool = True,
) -> None:
    """Let the clock jump, hold the portal to what must be so, and set it right again."""
    cast = _cast(rig, letters)
    what = f"{'The whole machine' if whole else 'One instance'} {words}"
    before = len(rig.mail.mails)
    clock.set(ahead)
    time.sleep(2 * LOOKED_AT_EVERY)
    _keeps_out(rig, cast, what, ahead, result)
    _lets_in(rig, cast, what, result)
    _says_so(rig, what, whole=whole, doctor=doctor, clock=clock, result=result)
    clock.set(datetime.timedelta(0))
    right = time.monotonic()
    result.must(clocks.is_ready(rig, within), f"{what}: not ready {within:.0f} s after the clock was right again")
    seconds = _is_in_within(rig, cast, right, within)
    result.must(seconds is not None, f"{what}: nobody was let in within {within:.0f} s of the right time")
    mailed = _is_mailed_within(rig, cast, before, right, within)
    result.must(mailed is not None, f"{what}: a mail that was asked for meanwhile did not come within {within:.0f} s")
    # A process that still has the wrong time takes that session for a fresh one.
    time.sleep(max(0.0, right + 2 * LOOKED_AT_EVERY - time.monotonic()))
    _session_of_the_wrong_time(rig, cast, what, result)
    shown = [f"{each:.1f} s" if each is not None else "never" for each in (seconds, mailed)]
    result.say(f"{what}: from the right time to a person in, and to the mail asked for meanwhile", ", ".join(shown))


def _cast(rig: Rig, letters: str) -> Cast:
    from accounts.models import User
    from tests.support.authenticator import PhoneApp
    from tests.support.links import link_path

    cast = Cast(letters)
    portal.make_people(letters, AT_WORK + COLLEAGUES)
    for _ in range(GUESSES):
        _told(_try(rig, cast.name(LOCKED), WRONG))
    user = User.objects.get(username=cast.name(WITH_AN_APP))
    app = PhoneApp.of(user)
    visitor = Visitor(rig)
    people.try_to_log_in(visitor, user.username, portal.PASSWORD)
    cast.used_code = app.code()
    page = visitor.open("/log-in/second-step/")
    visitor.post("/log-in/second-step/", page, code=cast.used_code, **people.about(page))
    visitor.close()
    cast.used_link = link_path(User.objects.get(username=cast.name(WITH_A_LINK)))
    visitor = Visitor(rig)
    path, page = people.open_link(visitor, cast.used_link)
    visitor.post(path, page, new_password=people.NEW_PASSWORD, **people.about(page))
    visitor.close()
    visitor = Visitor(rig)
    people.is_in(visitor, people.try_to_log_in(visitor, cast.name(WITH_A_SESSION), portal.PASSWORD))
    cast.logged_out = dict(visitor.cookies)
    people.log_out(visitor)
    visitor.close()
    cast.address = f"{letters.lower()}{ASKING}@bench.example"
    return cast


def _at_the_instance(rig: Rig) -> Browser:
    """Return a browser whose requests all reach the instance whose clock jumps."""
    return Browser(rig.servers[-1].port, "127.9.9.9")


def _try(rig: Rig, username: str, password: str, *, cookies: dict[str, str] | None = None) -> tuple[Browser, int, str]:
    """Try to log in at the instance whose clock jumps; return the browser, the status, and where it leads."""
    browser = _at_the_instance(rig)
    browser.cookies = dict(cookies or {})
    answer = browser.post("/log-in/", browser.open("/log-in/"), username=username, password=password)
    return browser, answer.status, answer.location


def _told(tried: tuple[Browser, int, str]) -> int:
    """Return the status of a try that is over."""
    browser, status, _ = tried
    browser.close()
    return status


def _keeps_out(rig: Rig, cast: Cast, what: str, ahead: datetime.timedelta, result: Result) -> None:
    from accounts.services import lockout

    status = _told(_try(rig, cast.name(AT_WORK), WRONG))
    result.must(status == 200, f"{what}: a wrong password was answered {status}")
    if ahead < lockout.DURATION:
        # A jump ahead ends each lock, and gives a guesser ten tries more: no counter can tell it from time that passed.
        status = _told(_try(rig, cast.name(LOCKED), portal.PASSWORD))
        result.must(status == 200, f"{what}: a lock that runs let in ({status})")
    browser = _at_the_instance(rig)
    page = browser.get(cast.used_link)
    page = browser.get(page.location) if page.location else page
    result.must(b'name="new_password"' not in page.body, f"{what}: a link that was used is good again")
    browser.cookies = dict(cast.logged_out)
    result.must(b"Log out" not in browser.get("/my-esr/").body, f"{what}: a session that was ended goes on")
    browser.close()
    browser, status, location = _try(rig, cast.name(WITH_AN_APP), portal.PASSWORD)
    result.must(status == 302 and "second-step" in location, f"{what}: no second step was asked for ({status})")
    page = browser.open("/log-in/second-step/")
    answer = browser.post("/log-in/second-step/", page, code=cast.used_code, **people.about(page))
    result.must(answer.status < 300, f"{what}: a code that was used was answered {answer.status} {answer.location}")
    result.must(b"Log out" not in browser.get("/my-esr/").body, f"{what}: a code that was used let in")
    browser.close()


def _lets_in(rig: Rig, cast: Cast, what: str, result: Result) -> None:
    """Let a colleague in where the clock is wrong, and have a link asked for."""
    browser, status, location = _try(rig, cast.name(AT_WORK), portal.PASSWORD)
    result.must((status, location) == (302, "/my-esr/"), f"{what}: a right password was answered {status} {location}")
    result.must(b"Log out" in browser.get("/my-esr/").body, f"{what}: who was let in is not in")
    cast.logged_out = dict(browser.cookies)
    browser.close()
    browser = _at_the_instance(rig)
    answer = browser.post("/recovery/", browser.open("/recovery/"), **people.recovery_fields(cast.address))
    result.must(answer.status == 302, f"{what}: who asked for a link was answered {answer.status}")
    browser.close()


def _says_so(rig: Rig, what: str, *, whole: bool, doctor: bool, clock: FileClock, result: Result) -> None:
    browser = _at_the_instance(rig)
    ready = browser.get("/health/ready")
    browser.close()
    if whole:
        # No clock is left that could tell.
        result.must(ready.status == 200, f"{what}: not ready, and all clocks agree: {ready.body!r}")
        return
    result.must(ready.status == 503 and b"clock" in ready.body, f"{what}: ready said {ready.status} {ready.body!r}")
    if doctor:
        found = json.loads(rig.manage("doctor", "--no-network", "--json", variables=clock.variables()))
        is_found = any(each["check"] == "clock" and each["severity"] == "failure" for each in found)
        result.must(is_found, f"{what}: the doctor does not find it")


def _is_in_within(rig: Rig, cast: Cast, since: float, within: float) -> float | None:
    """Let a colleague who was not there log in at each instance; return when that was done."""
    while time.monotonic() < since + within:
        visitor, inside = Visitor(rig), False
        # One process has the right time up to a second before another, which takes its session for one that is over.
        with contextlib.suppress(Unexpected):
            inside = people.is_in(visitor, people.try_to_log_in(visitor, cast.name(AT_WORK + 1), portal.PASSWORD))
        visitor.close()
        if inside and _told(_try(rig, cast.name(AT_WORK + 2), portal.PASSWORD)) == 302:
            return time.monotonic() - since
    return None


def _is_mailed_within(rig: Rig, cast: Cast, before: int, since: float, within: float) -> float | None:
    while not any(cast.address in mail.recipients for mail in rig.mail.mails[before:]):
        if time.monotonic() > since + within:
            return None
        time.sleep(0.1)
    return time.monotonic() - since


def _session_of_the_wrong_time(rig: Rig, cast: Cast, what: str, result: Result) -> None:
    """Look whether a session that began under the wrong clock, and could last hours longer, is over."""
    from accounts import session_limits

    visitor = Visitor(rig)
    visitor.cookies = dict(cast.logged_out)
    goes_on = b"Log out" in visitor.get("/my-esr/").body
    visitor.close()
    result.say(f"{what}: a session that began meanwhile", "goes on" if goes_on else "is over")
    if "ahead" in what:
        most = session_limits.PEOPLE.idle
        result.must(not goes_on, f"{what}: a session that began meanwhile lasts longer than {most} after it was left")


ATTACK = Attack(
    name="clock_jump",
    title="6. Clocks jump: that of one instance, and that of the whole machine",
    must_hold=(
        "while it is wrong no wrong password, used link, used code or ended session lets in, a lock that runs goes on "
        "(but for a jump ahead, which ends it), a right password lets in, nothing is answered with a fault, and where "
        "one clock alone is wrong /health/ready and the doctor say so; within 30 seconds of the right time all "
        "instances are ready, people log in, mails asked for meanwhile come, and no session outlasts its limit."
    ),
    estimate="five minutes, whatever the share",
    run=run,
)
