"""Requests that hide another: nginx and the portal must agree on where each ends, and on whose answer is whose.

Source: Kettle, HTTP Desync Attacks (2019), and RFC 9112, 11.2.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from bench.attacks import downgrade, raw, witness
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.visitor import Visitor, address
from bench.browser import HOST

if TYPE_CHECKING:
    from collections.abc import Collection

    from bench.attacks.rig import Rig

# Each try hides another address below it.
HIDDEN = "/smuggled/"
ROUNDS = 20
# Pages of victims, each with words that no other has.
VICTIMS = {"/help/": b"<h1", "/cookies/": b"cookies", "/recovery/": b"date_of_birth", "/log-in/": b'name="password"'}
_TITLE = re.compile(rb"<title>([^<]*)</title>")


def payloads(hidden: str) -> dict[str, bytes]:
    """Return what is sent, by the name of the trick; `hidden` is the address that is hidden in it."""
    inner = f"GET {hidden} HTTP/1.1\r\nHost: {HOST}\r\nX-Ignore: "
    return _of_lengths(inner) | _of_chunks(inner) | _of_encodings(f"0\r\n\r\n{inner}x\r\n\r\n")


def _of_lengths(inner: str) -> dict[str, bytes]:
    chunks = f"0\r\n\r\n{inner}x\r\n\r\n"
    # A chunk that holds the hidden request, as one who reads lengths alone sees it.
    in_a_chunk = f"{len(inner) + 5:x}\r\n{inner}x\r\n\r\n\r\n0\r\n\r\n"
    return {
        "CL.TE": _sent(["Content-Length: {length}", "Transfer-Encoding: chunked"], chunks),
        "TE.CL": _sent(["Content-Length: 4", "Transfer-Encoding: chunked"], in_a_chunk),
        "CL.0": _sent(["Content-Length: {length}"], f"{inner}x\r\n\r\n", method="GET"),
        "two lengths": _sent(["Content-Length: 0", "Content-Length: {length}"], f"{inner}x\r\n\r\n"),
        "two lengths, long first": _sent(["Content-Length: {length}", "Content-Length: 0"], f"{inner}x\r\n\r\n"),
        "a list of lengths": _sent(["Content-Length: 0, {length}"], f"{inner}x\r\n\r\n"),
        "a length with a sign": _sent(["Content-Length: +{length}"], f"{inner}x\r\n\r\n"),
        "a length with a blank": _sent(["Content-Length : {length}"], f"{inner}x\r\n\r\n"),
        "a length with an underscore": _sent(["Content_Length: {length}"], f"{inner}x\r\n\r\n"),
        "a length on a folded line": _sent(["X-Ignore: x\r\n Content-Length: {length}"], f"{inner}x\r\n\r\n"),
        "a folded length": _sent(["Content-Length:\r\n {length}"], f"{inner}x\r\n\r\n"),
        "a length after a bare LF": _sent(["X-Ignore: x\nContent-Length: {length}"], f"{inner}x\r\n\r\n"),
        "a length after a bare CR": _sent(["X-Ignore: x\rContent-Length: {length}"], f"{inner}x\r\n\r\n"),
        "bare LF all through": _sent(["Content-Length: {length}"], f"{inner}x\r\n\r\n").replace(b"\r\n", b"\n", 3),
        "HTTP/1.0 that stays": _sent(["Connection: keep-alive"], chunks, version="1.0"),
        "HTTP/1.0 in chunks": _sent(["Connection: keep-alive", "Transfer-Encoding: chunked"], chunks, version="1.0"),
        "a length said to be of the connection": _sent(
            ["Connection: keep-alive, Content-Length", "Content-Length: {length}"], f"{inner}x\r\n\r\n"
        ),
        "Expect": _sent(["Content-Length: {length}", "Expect: 100-continue"], f"{inner}x\r\n\r\n"),
        "an upgrade to h2c": _sent(
            [
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQAAP__",
                "Content-Length: 0",
            ],
            f"{inner}x\r\n\r\n",
        ),
        "NUL in a header": _sent(["X-Ignore: a\0b", "Content-Length: {length}"], f"{inner}x\r\n\r\n"),
    }


def _of_chunks(inner: str) -> dict[str, bytes]:
    return {
        "chunk with an extension": _chunked(f"0;x={inner}x\r\n\r\n"),
        "chunk extension with a bare LF": _chunked(f"2;\nxx\r\n{len(inner):x}\r\n0\r\n\r\n{inner}x\r\n\r\n"),
        "chunk with a size too large": _chunked(f"fffffffffffffffff\r\n{inner}x\r\n\r\n"),
        "chunk with a sign": _chunked(f"+0\r\n\r\n{inner}x\r\n\r\n"),
        "chunk with 0x": _chunked(f"0x0\r\n\r\n{inner}x\r\n\r\n"),
        "chunks that end with a bare LF": _chunked(f"0\n\n{inner}x\r\n\r\n"),
        "trailers": _chunked(f"0\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n{inner}x\r\n\r\n"),
    }


def _of_encodings(chunks: str) -> dict[str, bytes]:
    spelt = {
        "xchunked": "Transfer-Encoding: xchunked",
        "a blank before the colon": "Transfer-Encoding : chunked",
        "a tab": "Transfer-Encoding:\tchunked",
        "a blank before the name": " Transfer-Encoding: chunked",
        "a vertical tab": "Transfer-Encoding: \x0bchunked",
        "identity, chunked": "Transfer-Encoding: identity, chunked",
        "chunked, identity": "Transfer-Encoding: chunked, identity",
        "chunked twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "in quotation marks": 'Transfer-Encoding: "chunked"',
        "in capitals": "TRANSFER-ENCODING: CHUNKED",
        "an underscore": "Transfer_Encoding: chunked",
        "a folded line": "Transfer-Encoding:\r\n chunked",
        "a bare LF": "X-Ignore: x\nTransfer-Encoding: chunked",
        "a bare CR": "X-Ignore: x\rTransfer-Encoding: chunked",
    }
    both = {f"TE.TE, {how}": _sent(["Content-Length: {length}", line], chunks) for how, line in spelt.items()}
    return both | {f"TE alone, {how}": _sent([line], chunks) for how, line in spelt.items()}


def _sent(lines: list[str], body: str, *, method: str = "POST", version: str = "1.1") -> bytes:
    head = "\r\n".join([f"{method} /log-in/ HTTP/{version}", f"Host: {HOST}", *lines])
    return (head.replace("{length}", str(len(body))) + "\r\n\r\n" + body).encode("latin-1")


def _chunked(body: str) -> bytes:
    return _sent(["Transfer-Encoding: chunked"], body)


def run(rig: Rig, share: float) -> Result:
    """Send each trick a share of twenty times."""
    return smuggle(rig, rounds=scaled(ROUNDS, share))


def smuggle(rig: Rig, *, rounds: int, past_nginx: bool = False, only: Collection[str] = ()) -> Result:
    """Send each trick so often, in HTTP/1.1 and in HTTP/2, with victims behind it.

    `past_nginx` goes to the portal itself, what is for HTTP/2 in the way in which a proxy sends it on that looks at
    nothing: what nginx has not seen arrives then, and has to be found. `only` are the names of some, or none for all.
    """
    result, tries = Result(), _Tries(rig, past_nginx=past_nginx)
    in_http_1, in_http_2 = (
        [n for n in named if n in (only or named)] for named in (payloads(""), downgrade.tricks(""))
    )
    for _ in range(rounds):
        for version, names in ((1, in_http_1), (2, in_http_2)):
            for name in names:
                tries.send(name, version)
    count = f"{len(in_http_1)} in HTTP/1.1, {len(in_http_2)} in HTTP/2; {tries.sent:,} times in all"
    result.say("Tricks", count)
    for version, answers in sorted(tries.answers.items()):
        said = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
        result.say(f"Answers in HTTP/{version} by status (0: hung up, or waits for more)", said)
    log, arrivals = rig.proxy.logs, witness.lines(rig.witness)
    # What nginx took for a request of its own begins with the hidden address in its log.
    known = {each: log.count(f'"GET {each}"') for each in tries.hidden}
    arrived = {each: sum(each in line for line in arrivals) for each in tries.hidden}
    unseen = [tries.hidden[each] for each, count in arrived.items() if count > known[each]]
    result.say("Hidden requests that nginx took for a request of their own", sum(known.values()))
    result.say("Hidden requests that reached the portal", sum(arrived.values()))
    result.say("Victims who were answered what they had not asked for", len(tries.swapped))
    result.must(not unseen, f"{len(unseen)} hidden requests reached the portal that nginx has not seen: {unseen[:5]}")
    result.must(not tries.swapped, f"answers went to the wrong person after {tries.swapped[:3]}")
    return result


class _Tries:
    """What was sent, each with an address of its own that is hidden in it, and what came of it."""

    def __init__(self, rig: Rig, *, past_nginx: bool) -> None:
        self._rig, self._past_nginx = rig, past_nginx
        self._titles = {path: _title(rig, path) for path in VICTIMS}
        self.hidden: dict[str, str] = {}
        self.answers: dict[int, dict[int, int]] = {1: {}, 2: {}}
        self.swapped: list[str] = []

    @property
    def sent(self) -> int:
        """How many tries there were."""
        return len(self.hidden)

    def send(self, name: str, version: int) -> None:
        """Send a trick, and then let somebody else open a page."""
        hidden, source = f"{HIDDEN}{uuid.uuid4().hex}/", address(500_000 + self.sent)
        self.hidden[hidden] = f"{name} (HTTP/{version})"
        trick = downgrade.tricks(hidden)[name] if version == 2 else None
        if trick and not self._past_nginx:
            status = downgrade.send(self._rig, trick, source)
        else:
            sent = trick.in_http_1() if trick else payloads(hidden)[name]
            door = raw.to_the_portal(self._rig) if self._past_nginx else raw.through_nginx(self._rig, source)
            status = raw.exchange(door, sent, patience=0.3, many=True).status
        self.answers[version][status] = self.answers[version].get(status, 0) + 1
        path = list(VICTIMS)[self.sent % len(VICTIMS)]
        if _title(self._rig, path) != self._titles[path]:
            self.swapped.append(self.hidden[hidden])


def _title(rig: Rig, path: str) -> bytes:
    visitor = Visitor(rig, address=address(77))
    body = visitor.get(path).body
    visitor.close()
    found = _TITLE.search(body)
    return found[1] if found and VICTIMS[path] in body else body[:200]


ATTACK = Attack(
    name="smuggling",
    title="7. Requests that hide another, through nginx",
    must_hold=(
        "no request reaches the portal but those that nginx has seen, and logged, as requests of their own; each "
        "person is answered what they asked for."
    ),
    estimate="a quarter of an hour",
    run=run,
    witnessed=True,
)
