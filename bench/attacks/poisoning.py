"""What a request claims of the host, of who sends it, and of where a log-in is to lead: nothing may come of it."""

from __future__ import annotations

import html
import itertools
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urljoin, urlsplit

from bench import portal
from bench.attacks import people, raw
from bench.attacks.attack import Attack, Result
from bench.attacks.raw import FOREIGN
from bench.attacks.visitor import Visitor, address
from bench.browser import HOST, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks.rig import Rig

LETTERS = "POISON"
SOURCE = 600_000
# An address of a trusted network could be claimed so; events must have the address that the connection came from.
CLAIMED = "192.0.2.66"
MAILED_WITHIN = 60.0
_NEXT = re.compile(r'name="next" value="([^"]*)"')

HOSTS: list[str | None] = [
    FOREIGN,
    f"{FOREIGN}:443",
    f"{HOST}@{FOREIGN}",
    f"{HOST}:443@{FOREIGN}",
    f"{HOST}, {FOREIGN}",
    f"{HOST} {FOREIGN}",
    f"{HOST}.{FOREIGN}",
    f"{FOREIGN}/{HOST}",
    f"{FOREIGN}#{HOST}",
    f"{HOST}:{FOREIGN}",
    f"{HOST}\\.{FOREIGN}",
    f"[{FOREIGN}]",
    f"{HOST}%00.{FOREIGN}",
    f"{HOST}\t{FOREIGN}",
    f"{HOST}:99999",
    f"{HOST}.",
    HOST.upper(),
    "localhost",
    "127.0.0.1",
    "[::1]",
    "",
    None,
]
_OF_HOSTS = [
    *("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-Host", "X-HTTP-Host-Override", "X-Backend-Host"),
    *("X-Forwarded-Prefix", "X-Forwarded-Path", "X-Script-Name", "X-Original-URL", "X-Rewrite-URL", "X-Proxy-URL"),
    *("Base-Url", "Destination", "Referer", "Proxy", "Forwarded-Host", "X_Forwarded_Host", "Via"),
]
_OF_CALLERS = [
    *("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "X-Originating-IP", "X-Remote-Addr", "X-Cluster-Client-IP"),
    *("True-Client-IP", "CF-Connecting-IP", "Client-IP", "Forwarded-For", "X_Forwarded_For", "Remote-Addr"),
]


def claims() -> Iterator[list[tuple[str, str]]]:
    """Return headers that claim another host, another caller, or another way."""
    for name in _OF_HOSTS:
        for value in (FOREIGN, f"https://{FOREIGN}/", f"//{FOREIGN}", f"{FOREIGN}, {HOST}"):
            yield [(name, value)]
    for name in _OF_CALLERS:
        for value in (CLAIMED, f"{CLAIMED}, 127.0.0.1", f"127.0.0.1, {CLAIMED}", f"[::ffff:{CLAIMED}]:99", FOREIGN):
            yield [(name, value)]
    for value in (
        f"host={FOREIGN}",
        f"for={CLAIMED};host={FOREIGN};proto=http",
        f'for="{CLAIMED}";by=127.0.0.1;host="{FOREIGN}"',
        f"for=127.0.0.1, for={CLAIMED};host={FOREIGN}",
    ):
        yield [("Forwarded", value)]
    for name, value in (
        *(("X-Forwarded-Proto", each) for each in ("http", "https, http", "ftp", f"https://{FOREIGN}/")),
        *(("X-Forwarded-Port", each) for each in ("80", "@evil.example", "443, 80")),
        *((name, each) for name in ("X-Forwarded-Ssl", "Front-End-Https") for each in ("off", "on")),
        *((f"X-HTTP-Method{end}", each) for end in ("", "-Override") for each in ("DELETE", "PUT", "GET")),
    ):
        yield [(name, value)]
    # Said twice: a proxy may take one and the portal the other.
    yield [("Host", FOREIGN)]
    yield [("X-Forwarded-For", CLAIMED), ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", FOREIGN)]
    yield [("Connection", "close, X-Forwarded-For, X-Forwarded-Proto, Host"), ("X-Forwarded-For", CLAIMED)]


def nexts() -> list[str]:
    """Return a hundred addresses that would lead a log-in to the attacker, and some that only break."""
    slashes = [
        "//",
        "///",
        "////",
        "/\\",
        "\\\\",
        "\\/",
        "/\t/",
        "/\n/",
        "/\r\n/",
        "\t//",
        " //",
        "\x00//",
        "/%09/",
        "/%5c",
    ]
    plain = [f"{before}{FOREIGN}{after}" for before in slashes for after in ("", "/", f"@{HOST}/")]
    schemes = [
        *(
            f"{scheme}{rest}"
            for scheme in ("https:", "http:", "HTTPS:", "ftp:", "hTTps:\t")
            for rest in (f"//{FOREIGN}/", FOREIGN, f"/{FOREIGN}", f"\\\\{FOREIGN}")
        ),
        *(
            f"{scheme}alert(1)//{FOREIGN}"
            for scheme in ("javascript:", "JavaScript:", "java\nscript:", "vbscript:", "data:text/html,")
        ),
    ]
    ours = [
        *(
            f"https://{HOST}{rest}"
            for rest in (f"@{FOREIGN}/", f".{FOREIGN}/", f":443@{FOREIGN}/", f"%2e{FOREIGN}/", f"\\@{FOREIGN}/")
        ),
        *(
            f"//{FOREIGN}{rest}"
            for rest in (f"\\@{HOST}/", f"%23.{HOST}/", f"?{HOST}", f"#{HOST}", f"/..;/{HOST}", "%00", "%0d%0aX-Evil:1")
        ),
        *(
            f"/{dots}{FOREIGN}"
            for dots in ("..//", "/..//", ".//", "%2e%2e//", "./\\", "my-esr/..//", "my-esr/../../\\")
        ),
        *(f"/my-esr/\r\nLocation: https://{FOREIGN}/{end}" for end in ("", "\r\n\r\n<script>")),
    ]
    odd = [
        FOREIGN,
        f"@{FOREIGN}",
        f"?{FOREIGN}",
        "//[evil",
        "//\uff45vil.example",
        f"/\u2028/{FOREIGN}",
        f"／／{FOREIGN}",
        f"/\u00a0/{FOREIGN}",
        f"\u202e//{FOREIGN}",
        "/" + "x" * 3000,
        "\0",
    ]
    return [*plain, *schemes, *ours, *odd]


def is_ours(location: str, at: str) -> bool:
    """Return whether a browser that follows `location` from a page of ours stays with us.

    It takes a backslash for a slash, and leaves out tabs and ends of lines (WHATWG URL, 4.4).
    """
    seen = re.sub(r"[\t\r\n]", "", location.strip("\0 \t\r\n")).replace("\\", "/")
    try:
        parts = urlsplit(urljoin(f"https://{HOST}{at}", seen))
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        # What cannot be read is none of ours.
        return False
    return (parts.scheme, host) == ("https", HOST) and not {"\r", "\n"} & set(location)


def run(rig: Rig, share: float) -> Result:
    """Make every claim; they are few enough for any share."""
    result = Result()
    claim(rig, result)
    lead(rig, result)
    return result


def claim(rig: Rig, result: Result, *, every: int = 1) -> None:
    """Ask for a page, a redirect and a recovery with each claim, or each so many-th; look at answers, mails, events."""
    requests = [
        *(_Claim([], host=host) for host in HOSTS),
        *(_Claim(each) for each in claims()),
        *(_Claim([], target=f"{scheme}://{host}") for scheme in ("http", "https") for host in (FOREIGN, HOST)),
    ][::every]
    portal.make_people(f"{LETTERS}C", 2 * len(requests))
    wrong: list[str] = []
    statuses: dict[int, int] = {}
    for number, (door, said) in enumerate(itertools.product(("nginx", "portal"), requests)):
        for got in _send(rig, said, number, past_nginx=door == "portal"):
            statuses[got.status] = statuses.get(got.status, 0) + 1
            if got.leads_elsewhere or (got.location and not is_ours(got.location, "/")):
                wrong.append(f"{said.shown}, by {door}: leads to {got.location[:60] or 'the attacker'}")
            if got.status >= 500:
                wrong.append(f"{said.shown}, by {door}: {got.status}")
    result.say(
        "Claims, each with a page, a redirect, a log-in and a recovery", f"{len(requests)}, through nginx and past it"
    )
    result.say("Answers by status", ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items())))
    result.must(not wrong, f"{len(wrong)} answers: {wrong[:3]}")
    _look_at_mails(rig, result)
    _look_at_events(result)


class _Claim:
    def __init__(self, headers: list[tuple[str, str]], *, host: str | None = HOST, target: str = "") -> None:
        self.headers, self.host, self.target = headers, host, target

    @property
    def shown(self) -> str:
        return f"{self.headers or self.target or [('Host', self.host)]}"


def _send(rig: Rig, said: _Claim, number: int, *, past_nginx: bool) -> Iterator[raw.Received]:
    source = address(SOURCE + number)

    def ask(method: str, path: str, headers: list[tuple[str, str]], body: bytes = b"") -> raw.Received:
        sent = raw.request(method, f"{said.target}{path}", [*said.headers, *headers], body, host=said.host)
        # Past nginx from another address than nginx's, which the portal does not trust.
        return raw.exchange(raw.to_the_portal(rig, source) if past_nginx else raw.through_nginx(rig, source), sent)

    yield ask("GET", "/log-in/", [])
    yield ask("GET", "/my-esr/", [])
    visitor = Visitor(rig, address=source)
    for path, fields in (
        ("/log-in/", {"username": f"999{LETTERS}C{number:05}", "password": "a wrong one"}),
        ("/recovery/", people.recovery_fields(f"{LETTERS.lower()}c{number}@bench.example")),
    ):
        form = visitor.open(path)
        body = urlencode({"csrfmiddlewaretoken": token_of(form), **fields}).encode()
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        kind = "application/x-www-form-urlencoded"
        yield ask("POST", path, [("Cookie", cookies), ("Content-Type", kind), ("Origin", f"https://{HOST}")], body)
    visitor.close()


def _look_at_mails(rig: Rig, result: Result) -> None:
    from accounts.models import RecoveryRequest

    until = time.monotonic() + MAILED_WITHIN
    while RecoveryRequest.objects.filter(decided_at__isnull=True).exists() and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(1)
    mails = [mail for mail in rig.mail.mails if any(LETTERS.lower() in each for each in mail.recipients)]
    elsewhere = [link for mail in mails for link in mail.links if urlsplit(link).netloc != HOST]
    poisoned = [mail for mail in mails if FOREIGN.encode() in mail.content]
    result.say("Mails that came of it, and links of them that lead elsewhere", f"{len(mails)}, {len(elsewhere)}")
    result.must(bool(mails), "no mail came: nothing was looked at")
    result.must(not elsewhere and not poisoned, f"mails lead elsewhere: {elsewhere[:2]}")


def _look_at_events(result: Result) -> None:
    from accounts.models import SecurityEvent

    events = SecurityEvent.objects.filter(user__username__startswith=f"999{LETTERS}C")
    claimed = events.filter(address=CLAIMED).count()
    ours = events.exclude(address__startswith="127.").exclude(address__isnull=True).count()
    result.say("Events of it, and those with the address that was claimed", f"{events.count()}, {claimed}")
    result.must(events.exists(), "no event was recorded: nothing was looked at")
    result.must(claimed == 0 and ours == 0, f"{claimed + ours} events have an address that was claimed")


def lead(rig: Rig, result: Result, *, every: int = 1) -> None:
    """Log in with each address to go on to, or each so many-th, by the page and by the form, and while logged in."""
    wanted = nexts()[::every]
    portal.make_people(LETTERS, 1)
    username = f"999{LETTERS}00000"
    inside = Visitor(rig, address=address(SOURCE - 1))
    people.try_to_log_in(inside, username, portal.PASSWORD)
    wrong, fresh = [], Visitor(rig, address=address(SOURCE - 2))
    for payload in wanted:
        query = f"?next={quote(payload.encode('utf-8', 'surrogatepass'))}"
        fresh.cookies = {}
        page = fresh.get(f"/log-in/{query}")
        carried = [
            value for value in _NEXT.findall(page.body.decode()) if not is_ours(html.unescape(value), "/log-in/")
        ]
        form = page if page.status == 200 else fresh.open("/log-in/")
        let_in = fresh.wait_and_post(
            f"/log-in/{query}", form, username=username, password=portal.PASSWORD, next=payload
        )[0]
        already = inside.get(f"/log-in/{query}")
        out = fresh.post(f"/log-out/{query}", fresh.open("/log-out/"), next=payload) if let_in.status == 302 else let_in
        for answer in (page, let_in, already, out):
            led_away = answer.status in {301, 302, 303, 307, 308} and not is_ours(answer.location, "/log-in/")
            if led_away or carried or answer.status >= 500:
                wrong.append(f"{payload[:60]!r} ({answer.status} {answer.location[:60]})")
    result.say("Addresses to go on to", f"{len(wanted)}, each in the page, the form, a log-in and a log-out")
    result.must(not wrong, f"{len(wrong)} led elsewhere or failed: {wrong[:3]}")
    inside.close()
    fresh.close()


ATTACK = Attack(
    name="poisoning",
    title="7. Claims of another host, caller or address to go on to",
    must_hold="no answer and no mail leads elsewhere, no event has an address that was claimed, and nothing fails.",
    estimate="ten minutes",
    run=run,
    witnessed=True,
)
