"""Malformed requests to each form and with each header, made by Hypothesis: nothing fails, and memory stays flat.

Half go through nginx, half to the portal itself, as from nginx: what nginx refuses is no test of the portal.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import hypothesis
from hypothesis import strategies as st

from bench import portal
from bench.attacks import people, raw
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.raw import FOREIGN
from bench.attacks.visitor import Visitor, address
from bench.browser import HOST, token_of
from bench.processes import memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks.rig import Rig

REQUESTS = 50_000
SEED = 20261127
LETTERS = "FUZZ"
# After so many requests the browsers come anew: a request may have logged them out, or locked a name.
COMES_ANEW_AFTER = 400
# Memory counts from the first fifth on, by when every thread has served, and where so many came after it.
WARM_AFTER, FEWEST_FOR_MEMORY = 0.2, 5000
MOST_GROWTH = 1.10
# A status of the 5xx that says that the request was none which a server has to understand (RFC 9110, 15.6.2, 15.6.6).
NOT_UNDERSTOOD = {501, 505}
# Not pressed: what ends the session of the browser that sends, or deletes what the others need.
LEFT_OUT = re.compile(r"log-out/|/delete/|session/over/")
_FIELD = re.compile(rb'<(?:input|select|textarea|button)[^>]*\bname="([^"]+)"')
HEADERS = [
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection", "Cookie", "Date"),
    *("Content-Encoding", "Content-Type", "Expect", "Forwarded", "If-Match", "If-Modified-Since", "If-None-Match"),
    *(
        "If-Range",
        "If-Unmodified-Since",
        "Keep-Alive",
        "Origin",
        "Range",
        "Referer",
        "Sec-Fetch-Mode",
        "Sec-Fetch-Site",
    ),
    *(
        "Sec-CH-UA",
        "TE",
        "Trailer",
        "Upgrade",
        "User-Agent",
        "Via",
        "X-CSRFToken",
        "X-Forwarded-For",
        "X-Forwarded-Host",
    ),
    *("X-Forwarded-Proto", "X-Request-ID", "X-Requested-With", "Traceparent", "Priority", "HX-Request"),
]
_ODD = [
    *(
        "",
        "\0",
        "%00",
        "\r",
        "\n",
        "\ufeff",
        "\u202e",
        "\ud800",
        "０１",
        "-1",
        "0",
        "1e999",
        "NaN",
        "9" * 400,
        "1" * 5000,
    ),
    *(
        "' OR 1=1--",
        "{{7*7}}",
        "${7*7}",
        "%s%n",
        "<script>",
        "../../etc/passwd",
        "\\",
        '"',
        "[]",
        "{}",
        "null",
        "a" * 20_000,
    ),
    *(f"https://{FOREIGN}/", f"//{FOREIGN}", f'"><a href="https://{FOREIGN}/">', "Thu, 01 Jan 1970 00:00:00 GMT"),
    *(
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "text/plain; charset=\udc80",
        "application/json",
        "gzip, br",
    ),
    *("bytes=0-,1-,2-", "W/", "31", "02", "1899", "2999", "٣", "é" * 200, "sessionid=; csrftoken=", "a=b; a=c; ;=;"),
]
_WORDS = st.one_of(
    st.sampled_from(_ODD), st.text(max_size=80), st.text(alphabet="\0\r\n\t %&=;/\\\"'<>é\ud800", max_size=30)
)
_METHODS = st.sampled_from(
    ["POST"] * 12 + ["GET"] * 6 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "P\xd6ST"]
)


@dataclasses.dataclass
class Form:
    """A page: its address, and the names of what it asks for."""

    path: str
    fields: list[str]


@dataclasses.dataclass
class Seen:
    """What came back."""

    statuses: dict[int, int] = dataclasses.field(default_factory=dict)
    failed: list[str] = dataclasses.field(default_factory=list)
    elsewhere: list[str] = dataclasses.field(default_factory=list)
    silent: int = 0


class Fuzzer:
    """Browsers of a stranger, a person who is logged in, and an agent at work, and what they send."""

    def __init__(self, rig: Rig) -> None:
        self.seen, self._rig, self._count = Seen(), rig, 0
        portal.make_people(LETTERS, 200)
        self._lines = itertools.count()
        self._browsers: list[tuple[dict[str, str], str]] = []
        self._come_anew()
        self.forms = self._forms()

    def _come_anew(self) -> None:
        from tests.support.helpdesk import at_work, make_lead

        number = next(self._lines)
        browsers = [Visitor(self._rig, address=address(700_000 + number * 3 + n)) for n in range(3)]
        people.try_to_log_in(browsers[1], f"999{LETTERS}{number % 200:05}", portal.PASSWORD)
        desk = at_work(make_lead())
        browsers[2].cookies = {name: morsel.value for name, morsel in desk.cookies.items()}
        # Any form of a browser gives the token that all of its forms take.
        opened = zip(browsers, ("/log-in/", "/my-esr/", "/admin/desk/"), strict=True)
        tokens = [token_of(browser.open(path)) for browser, path in opened]
        for browser in browsers:
            browser.close()
        self._browsers = [(browser.cookies, token) for browser, token in zip(browsers, tokens, strict=True)]

    def _forms(self) -> list[Form]:
        """Open each address as each browser; return all, with the fields that they have."""
        found: dict[str, set[str]] = {path: set() for path in addresses()}
        for cookies, _ in self._browsers:
            visitor = Visitor(self._rig, address=address(699_999))
            for path in found:
                visitor.cookies = dict(cookies)
                body = visitor.get(path).body
                found[path] |= {name.decode() for name in _FIELD.findall(body)}
            visitor.close()
        return [Form(path, sorted(fields)) for path, fields in found.items()]

    def send(self, data: Any) -> None:
        """Send one request that Hypothesis has made up, and look at what comes back."""
        self._count += 1
        if self._count % COMES_ANEW_AFTER == 0:
            self._come_anew()
        form = data.draw(st.sampled_from(self.forms))
        who, token = data.draw(st.sampled_from(self._browsers))
        method = data.draw(_METHODS)
        path = form.path + data.draw(st.sampled_from(["", "", "", "?next=", "?", "?q=", "//", "%00", "?%ff=%fe&"]))
        path += quote(data.draw(_WORDS).encode("utf-8", "surrogatepass"))[:4000] if "?" in path else ""
        headers = self._headers(data, who)
        body = self._body(data, form, token, headers) if method not in {"GET", "HEAD"} else b""
        direct = data.draw(st.booleans())
        if direct:
            headers += [("X-Forwarded-Proto", "https"), ("X-Forwarded-For", address(self._count))]
        sent = raw.request(method, path, headers, body)
        door = raw.to_the_portal(self._rig) if direct else raw.through_nginx(self._rig)
        self._look(f"{method} {path[:80]}", raw.exchange(door, sent))

    def _headers(self, data: Any, who: dict[str, str]) -> list[tuple[str, str]]:
        odd = data.draw(st.lists(st.tuples(st.sampled_from(HEADERS), _WORDS), max_size=3))
        # A line of a header ends where its line does: what is behind it would be another request's.
        pairs = [(name, re.sub(r"[\r\n]", " ", value)[:7000]) for name, value in odd]
        own = [("Cookie", "; ".join(f"{name}={value}" for name, value in who.items())), ("Origin", f"https://{HOST}")]
        return [*own, *pairs] if data.draw(st.integers(0, 9)) else pairs

    def _body(self, data: Any, form: Form, token: str, headers: list[tuple[str, str]]) -> bytes:
        if not data.draw(st.integers(0, 5)):
            headers.append(("Content-Type", data.draw(st.sampled_from(["multipart/form-data; boundary=x", "text/x"]))))
            return bytes(data.draw(st.binary(max_size=300)))
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        names = data.draw(st.lists(st.sampled_from([*form.fields, "next", "about"]), max_size=8))
        typed = [(name, data.draw(_WORDS)) for name in names if name != "csrfmiddlewaretoken"]
        pairs = [
            (name, value.encode("utf-8", "surrogatepass")) for name, value in [("csrfmiddlewaretoken", token), *typed]
        ]
        return urlencode(pairs).encode()

    def _look(self, what: str, got: raw.Received) -> None:
        self.seen.statuses[got.status] = self.seen.statuses.get(got.status, 0) + 1
        if got.status >= 500 and got.status not in NOT_UNDERSTOOD and not got.is_the_portals_busy:
            self.seen.failed.append(f"{got.status} for {what}")
        if got.leads_elsewhere:
            self.seen.elsewhere.append(what)


def addresses() -> list[str]:
    """Return every address of the portal, with a made-up value for each part that varies."""
    from django.urls import URLPattern, get_resolver

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for pattern in patterns:
            route = str(pattern.pattern)
            if route.startswith("^"):
                continue
            if isinstance(pattern, URLPattern):
                yield re.sub(r"<[^>]+>", "1", before + route)
            else:
                yield from walk(pattern.url_patterns, before + route)

    return sorted({path for path in walk(get_resolver().url_patterns, "/") if not LEFT_OUT.search(path)})


def run(rig: Rig, share: float) -> Result:
    """Send a share of 50,000 requests."""
    return fuzz(rig, requests=scaled(REQUESTS, share, least=200), seed=SEED)


def fuzz(rig: Rig, *, requests: int, seed: int) -> Result:
    """Send so many requests, always the same ones for a seed."""
    result, fuzzer = Result(), Fuzzer(rig)
    result.say(
        "Addresses, and fields of their forms", f"{len(fuzzer.forms)}, {sum(len(f.fields) for f in fuzzer.forms)}"
    )
    result.say("Seed", str(seed))
    warm = round(requests * WARM_AFTER)
    _send(fuzzer, warm, seed)
    before = _memory(rig)
    _send(fuzzer, requests - warm, seed + 1)
    after = _memory(rig)
    seen = fuzzer.seen
    result.say("Requests", sum(seen.statuses.values()))
    result.say("Answers by status (0: hung up)", ", ".join(f"{s}: {n}" for s, n in sorted(seen.statuses.items())))
    result.say(
        "Memory of the web servers", f"{before / 2**20:.0f} MiB after {warm:,}, {after / 2**20:.0f} MiB at the end"
    )
    result.must(not seen.failed, f"{len(seen.failed)} requests failed: {sorted(set(seen.failed))[:3]}")
    result.must(not seen.elsewhere, f"{len(seen.elsewhere)} answers lead elsewhere: {seen.elsewhere[:3]}")
    grown = after / before if requests - warm >= FEWEST_FOR_MEMORY else 1.0
    result.must(grown <= MOST_GROWTH, f"memory has grown by {grown - 1:.0%}")
    mails = [mail for mail in rig.mail.mails if FOREIGN.encode() in mail.content]
    result.must(not mails, f"{len(mails)} mails lead elsewhere")
    return result


def _memory(rig: Rig) -> int:
    return sum(memory(server.pid) for server in rig.servers)


def _send(fuzzer: Fuzzer, count: int, seed: int) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.data())
    def one(data: st.DataObject) -> None:
        fuzzer.send(data)

    one()


ATTACK = Attack(
    name="fuzzing",
    title="7. Malformed requests to each form and with each header",
    must_hold=(
        "nothing is answered with 5xx but “busy” by the portal itself, no answer and no mail leads elsewhere, and the "
        "memory of the web servers grows by no more than a tenth."
    ),
    estimate="half an hour",
    run=run,
)
