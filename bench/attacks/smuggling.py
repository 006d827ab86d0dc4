"""Requests that hide another: nginx and the portal must agree on where each ends, and on whose answer is whose.

Source: Kettle, HTTP Desync Attacks (2019), and RFC 9112, 11.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.attacks import raw, witness
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.visitor import Visitor, address
from bench.browser import HOST

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

HIDDEN = "/smuggled/"
ROUNDS = 20
_INNER = f"GET {HIDDEN} HTTP/1.1\r\nHost: {HOST}\r\nX-Ignore: "
_CHUNKS = f"0\r\n\r\n{_INNER}x\r\n\r\n"
# A chunk that holds the hidden request, as one who reads lengths alone sees it.
_IN_A_CHUNK = f"{len(_INNER) + 5:x}\r\n{_INNER}x\r\n\r\n\r\n0\r\n\r\n"
# Pages of victims, each with words that no other has.
VICTIMS = {"/help/": b"<h1", "/cookies/": b"cookies", "/recovery/": b"date_of_birth", "/log-in/": b'name="password"'}
_TITLE = re.compile(rb"<title>([^<]*)</title>")


def payloads() -> dict[str, bytes]:
    """Return what is sent, by the name of the trick."""
    both = {
        "CL.TE": _sent(["Content-Length: {length}", "Transfer-Encoding: chunked"], _CHUNKS),
        "TE.CL": _sent(["Content-Length: 4", "Transfer-Encoding: chunked"], _IN_A_CHUNK),
        "CL.0": _sent(["Content-Length: {length}"], f"{_INNER}x\r\n\r\n", method="GET"),
        "two lengths": _sent(["Content-Length: 0", "Content-Length: {length}"], f"{_INNER}x\r\n\r\n"),
        "two lengths, long first": _sent(["Content-Length: {length}", "Content-Length: 0"], f"{_INNER}x\r\n\r\n"),
        "a list of lengths": _sent(["Content-Length: 0, {length}"], f"{_INNER}x\r\n\r\n"),
        "a length with a sign": _sent(["Content-Length: +{length}"], f"{_INNER}x\r\n\r\n"),
        "a length with a blank": _sent(["Content-Length : {length}"], f"{_INNER}x\r\n\r\n"),
        "a length with an underscore": _sent(["Content_Length: {length}"], f"{_INNER}x\r\n\r\n"),
        "a length on a folded line": _sent(["X-Ignore: x\r\n Content-Length: {length}"], f"{_INNER}x\r\n\r\n"),
        "a folded length": _sent(["Content-Length:\r\n {length}"], f"{_INNER}x\r\n\r\n"),
        "a length after a bare LF": _sent(["X-Ignore: x\nContent-Length: {length}"], f"{_INNER}x\r\n\r\n"),
        "a length after a bare CR": _sent(["X-Ignore: x\rContent-Length: {length}"], f"{_INNER}x\r\n\r\n"),
        "bare LF all through": _sent(["Content-Length: {length}"], f"{_INNER}x\r\n\r\n").replace(b"\r\n", b"\n", 3),
        "HTTP/1.0 that stays": _sent(["Connection: keep-alive"], _CHUNKS, version="1.0"),
        "HTTP/1.0 in chunks": _sent(["Connection: keep-alive", "Transfer-Encoding: chunked"], _CHUNKS, version="1.0"),
        "a length said to be of the connection": _sent(
            ["Connection: keep-alive, Content-Length", "Content-Length: {length}"], f"{_INNER}x\r\n\r\n"
        ),
        "Expect": _sent(["Content-Length: {length}", "Expect: 100-continue"], f"{_INNER}x\r\n\r\n"),
        "an upgrade to h2c": _sent(
            [
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQAAP__",
                "Content-Length: 0",
            ],
            f"{_INNER}x\r\n\r\n",
        ),
        "NUL in a header": _sent(["X-Ignore: a\0b", "Content-Length: {length}"], f"{_INNER}x\r\n\r\n"),
        "chunk with an extension": _chunked(f"0;x={_INNER}x\r\n\r\n"),
        "chunk extension with a bare LF": _chunked(f"2;\nxx\r\n{len(_INNER):x}\r\n0\r\n\r\n{_INNER}x\r\n\r\n"),
        "chunk with a size too large": _chunked(f"fffffffffffffffff\r\n{_INNER}x\r\n\r\n"),
        "chunk with a sign": _chunked(f"+0\r\n\r\n{_INNER}x\r\n\r\n"),
        "chunk with 0x": _chunked(f"0x0\r\n\r\n{_INNER}x\r\n\r\n"),
        "chunks that end with a bare LF": _chunked(f"0\n\n{_INNER}x\r\n\r\n"),
        "trailers": _chunked(f"0\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n{_INNER}x\r\n\r\n"),
    }
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
    for how, line in spelt.items():
        both[f"TE.TE, {how}"] = _sent(["Content-Length: {length}", line], _CHUNKS)
        both[f"TE alone, {how}"] = _sent([line], _CHUNKS)
    return both


def _sent(lines: list[str], body: str, *, method: str = "POST", version: str = "1.1") -> bytes:
    head = "\r\n".join([f"{method} /log-in/ HTTP/{version}", f"Host: {HOST}", *lines])
    return (head.replace("{length}", str(len(body))) + "\r\n\r\n" + body).encode("latin-1")


def _chunked(body: str) -> bytes:
    return _sent(["Transfer-Encoding: chunked"], body)


def run(rig: Rig, share: float) -> Result:
    """Send each trick a share of twenty times."""
    return smuggle(rig, rounds=scaled(ROUNDS, share))


def smuggle(rig: Rig, *, rounds: int, past_nginx: bool = False) -> Result:
    """Send each trick so often, with victims behind it.

    `past_nginx` goes to the portal itself: what nginx has not seen arrives then, and has to be found.
    """
    result = Result()
    titles = {path: _title(rig, path) for path in VICTIMS}
    answers: dict[int, int] = {}
    swapped, sent = [], 0
    for number in range(rounds):
        for name, payload in payloads().items():
            door = raw.to_the_portal(rig) if past_nginx else raw.through_nginx(rig, address(500_000 + sent))
            got = raw.exchange(door, payload, patience=0.3, many=True)
            answers[got.status] = answers.get(got.status, 0) + 1
            sent += 1
            path = list(VICTIMS)[sent % len(VICTIMS)]
            if _title(rig, path) != titles[path]:
                swapped.append(f"{name}, round {number}")
    arrived, known = witness.seen(rig.witness, HIDDEN), rig.proxy.logs.count(HIDDEN)
    result.say("Tricks", f"{len(payloads())}, {sent} times in all")
    result.say(
        "Answers by status (0: hung up, or waits for more)", ", ".join(f"{s}: {n}" for s, n in sorted(answers.items()))
    )
    result.say("Hidden requests that nginx took for a request of their own", known)
    result.say("Hidden requests that reached the portal", arrived)
    result.say("Victims who were answered what they had not asked for", len(swapped))
    result.must(arrived <= known, f"{arrived - known} hidden requests reached the portal that nginx has not seen")
    result.must(not swapped, f"answers went to the wrong person after {swapped[:3]}")
    return result


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
