"""Care Identity is down, slow, broken or lying for an hour of shift change, while people log in with passwords."""

from __future__ import annotations

import dataclasses
import html
import statistics
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench import portal
from bench.attacks import faults, people
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.gate import Gate
from bench.attacks.visitor import Unexpected, Visitor, address
from tests.support.openid_provider import OpenIDProvider
from tests.support.openid_server import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.attacks.rig import Rig

SECONDS = 3600
LETTERS = "CARDS"
# People who come at once: more than the four processes have threads, in the whole.
BY_CARD, BY_PASSWORD = 300, 4
# Seconds: 4.5 for all that is asked of Care Identity (care_identity/services/http.py), and what a page takes beside.
ANSWERED_WITHIN = 10.0
# How much slower a log-in with a password may be than while Care Identity is well. A machine under load is not quieter.
MOST_SLOWER = 1.5
BETWEEN = 0.2
DISCOVERY = "/.well-known/openid-configuration"
REFUSED, START, CALLBACK = "/care-identity/refused/", "/care-identity/log-in/", "/care-identity/callback/"


class CareIdentity:
    """A provider whose door can be shut."""

    def __init__(self) -> None:
        self.provider = OpenIDProvider()
        self.provider.start()
        inside = self.provider.issuer
        self.gate = Gate(int(inside.rpartition(":")[2]))
        self.provider.issuer = f"http://127.0.0.1:{self.gate.port}"
        for name, value in self.provider.discovery.items():
            self.provider.discovery[name] = value.replace(inside, self.provider.issuer)

    @property
    def variables(self) -> dict[str, str]:
        """What bench/attacks/settings.py makes the portal's settings of."""
        return {"ATTACKS_CARE_IDENTITY": f"{self.provider.issuer}{DISCOVERY}"}

    def be_well(self) -> None:
        """Behave."""
        self.gate.open()
        self.provider.answers.clear()
        self.provider.claims.clear()

    def stop(self) -> None:
        """End."""
        self.gate.shut()
        self.provider.stop()


@contextmanager
def care_identity() -> Iterator[CareIdentity]:
    """Have a Care Identity until the block ends."""
    provider = CareIdentity()
    try:
        yield provider
    finally:
        provider.stop()


def _all(provider: CareIdentity, answer: Answer) -> None:
    for path in (DISCOVERY, "/keys", "/token", "/userinfo"):
        provider.provider.answers[path] = answer


WAYS: dict[str, Callable[[CareIdentity], None]] = {
    "down": lambda each: each.gate.shut(),
    "silent": lambda each: _all(each, Answer(is_silent=True)),
    "a byte at a time": lambda each: _all(each, Answer(b" " * 10_000, drips="body")),
    "failing": lambda each: _all(each, Answer(status=500)),
    "lying of itself": lambda each: _all(each, Answer(b'{"issuer": "https://evil.example"}')),
    "slow with tokens": lambda each: each.provider.answers.update({"/token": Answer(is_silent=True)}),
    "lying of the person": lambda each: each.provider.claims.update({"nonce": "made up", "aud": "evil.example"}),
}


@dataclasses.dataclass
class Phase:
    """What happened while Care Identity was of one kind."""

    over: threading.Event = dataclasses.field(default_factory=threading.Event)
    by_password: list[float] = dataclasses.field(default_factory=list)
    refused_passwords: list[str] = dataclasses.field(default_factory=list)
    by_card: list[float] = dataclasses.field(default_factory=list)
    ends: dict[str, int] = dataclasses.field(default_factory=dict)

    def note(self, end: str, seconds: float) -> None:
        """Count how a try by card ended, and after how long."""
        self.ends[end] = self.ends.get(end, 0) + 1
        self.by_card.append(seconds)


def run(rig: Rig, share: float) -> Result:
    """Let each way last its part of a share of an hour."""
    seconds = scaled(SECONDS, share, least=24) / (len(WAYS) + 1)
    return be_away(rig, seconds=seconds, by_card=scaled(BY_CARD, share, least=40))


def be_away(rig: Rig, *, seconds: float, by_card: int, most_slower: float = MOST_SLOWER) -> Result:
    """Let Care Identity be well, and then of each kind for so long, with so many people who come by card at once."""
    from accounts.models import User
    from tests.support.care_identity import link

    if rig.care_identity is None:
        msg = "this rig has no Care Identity"
        raise RuntimeError(msg)
    result, provider = Result(), rig.care_identity
    portal.make_people(LETTERS, BY_PASSWORD + 1)
    link(User.objects.get(username=f"999{LETTERS}{BY_PASSWORD:05}"))
    well = _phase(rig, provider, seconds, by_card)
    usual = statistics.median(well.by_password)
    _say(result, "well", well)
    result.must(well.ends.get("in", 0) > 0, f"no person got in by card while Care Identity was well: {well.ends}")
    for name, spoil in WAYS.items():
        provider.be_well()
        spoil(provider)
        phase = _phase(rig, provider, seconds, by_card)
        _say(result, name, phase)
        slower = statistics.median(phase.by_password or [999.0]) / usual
        result.must(slower <= most_slower, f"{name}: log-ins with a password took {slower:.1f} × as long")
        result.must(not phase.refused_passwords, f"{name}: {phase.refused_passwords[:2]} for right passwords")
        odd = sorted(end for end in phase.ends if end not in {"plain page", "in", "busy"})
        result.must(not odd, f"{name}: tries by card ended with {odd}")
        result.must("in" not in phase.ends or not name.startswith("lying"), f"{name}: a lie was believed")
        longest = max(phase.by_card, default=0.0)
        result.must(longest <= ANSWERED_WITHIN, f"{name}: a try by card took {longest:.0f} s")
    provider.be_well()
    result.say("From its return to the first person in by card", f"{_back(rig, provider, result):.1f} s")
    return result


def _phase(rig: Rig, provider: CareIdentity, seconds: float, by_card: int) -> Phase:
    phase = Phase()
    threads = [threading.Thread(target=_by_password, args=(rig, phase, n)) for n in range(BY_PASSWORD)]
    threads += [threading.Thread(target=_by_card, args=(rig, provider, phase, n)) for n in range(by_card)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    phase.over.set()
    for thread in threads:
        thread.join()
    return phase


def _say(result: Result, name: str, phase: Phase) -> None:
    took = sorted(phase.by_password) or [0.0]
    ends = ", ".join(f"{end}: {count}" for end, count in sorted(phase.ends.items()))
    result.say(
        f"Care Identity {name}",
        f"{len(took)} log-ins with a password, middle {took[len(took) // 2]:.2f} s, most {took[-1]:.2f} s; by card: "
        f"{ends}, most {max(phase.by_card, default=0.0):.1f} s",
    )


def _by_password(rig: Rig, phase: Phase, number: int) -> None:
    while not phase.over.wait(BETWEEN):
        began = time.monotonic()
        try:
            visitor = Visitor(rig, address=address(800_000 + number))
            answer = people.try_to_log_in(visitor, f"999{LETTERS}{number:05}", portal.PASSWORD)
            if people.is_in(visitor, answer):
                phase.by_password.append(time.monotonic() - began)
            else:
                phase.refused_passwords.append(f"{answer.status} {answer.location}")
            visitor.close()
        except (OSError, Unexpected) as problem:
            phase.refused_passwords.append(str(problem) or type(problem).__name__)


def _by_card(rig: Rig, provider: CareIdentity, phase: Phase, number: int) -> None:
    # People do not press all in one moment.
    phase.over.wait(number % 40 / 20)
    while not phase.over.is_set():
        began = time.monotonic()
        try:
            visitor = Visitor(rig, address=address(810_000 + number))
            end, longest = try_by_card(visitor, provider)
            visitor.close()
        except (OSError, Unexpected) as problem:
            end, longest = str(problem) or type(problem).__name__, time.monotonic() - began
        phase.note(end, longest)
        phase.over.wait(BETWEEN * 10)


def try_by_card(visitor: Visitor, provider: CareIdentity) -> tuple[str, float]:
    """Press the button, log in there, come back; return how it ended, and the longest that an answer took."""
    form = visitor.open("/log-in/")
    began = time.monotonic()
    answer = visitor.post(START, form)
    longest = time.monotonic() - began
    going = visitor.refresh
    if answer.status == 200 and going:
        parameters = provider.provider.visit(html.unescape(going))
        began = time.monotonic()
        answer = visitor.get(f"{CALLBACK}?{urlencode(parameters)}")
        longest = max(longest, time.monotonic() - began)
    if answer.status == 503 and answer.retry_after:
        return "busy", longest
    if answer.location == REFUSED:
        page = visitor.open(REFUSED)
        return (
            "plain page" if b"<h1" in page.body and b"evil" not in page.body else "a page that is not plain"
        ), longest
    return ("in" if people.is_in(visitor, answer) else f"{answer.status} {answer.location}"), longest


def _back(rig: Rig, provider: CareIdentity, result: Result) -> float:
    began = time.monotonic()
    while time.monotonic() < began + faults.BACK_WITHIN:
        visitor = Visitor(rig, address=address(820_000))
        end, _ = try_by_card(visitor, provider)
        visitor.close()
        if end == "in":
            return time.monotonic() - began
        time.sleep(0.5)
    result.must(False, "no person got in by card within 30 s after Care Identity was well again")
    return faults.BACK_WITHIN


ATTACK = Attack(
    name="care_identity",
    title="9. Care Identity down, slow and lying for an hour of shift change",
    must_hold=(
        "log-ins with a password take no more than half as long again as while Care Identity is well, each try by card "
        "ends with a plain page within ten seconds, no lie is believed, and people get in by card again within 30 "
        "seconds of its return."
    ),
    estimate="an hour and a quarter",
    run=run,
    care_identity=True,
)
