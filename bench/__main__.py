"""Measure this machine and print what came out. Takes about two minutes; talks to nothing but this machine."""

from __future__ import annotations

import logging
import os
import platform
import statistics

from bench import hashing, load, portal, processes, queries, timing
from bench.browser import Browser

CORES = os.cpu_count() or 1
# Enough that the server always has something to do, on any core.
BROWSERS = 8 * CORES
LOG_IN_SECONDS = 20.0
PAGE_SECONDS = 6.0
AT_ONCE = 50
AT_ONCE_SECONDS = 8.0
PASSWORDS_OF_EACH_KIND = 40


def main() -> None:
    """Measure one thing after the other, on an otherwise quiet machine."""
    print(f"{platform.machine()}, {CORES} cores, Python {platform.python_version()}, PostgreSQL, granian\n")
    with portal.database():
        with portal.server() as server:
            _log_ins(server)
            _pages(server)
            _memory(server)
            _timing(server)
        # From here on the portal runs in this process; what it logs is no result.
        logging.disable(logging.INFO)
        print("\nDatabase queries a page, and statements that begin or end a transaction")
        for cost in queries.count():
            _print(cost.page, f"{cost.queries:<4}{cost.transactions}")
        _policy()


def _log_ins(server: portal.Server) -> None:
    def visit(browser: Browser, number: int) -> None:
        browser.log_in(portal.username(number), portal.PASSWORD)

    # Each thread of the server makes its connection to the database, and every template is read once.
    load.run(port=server.port, browsers=BROWSERS, seconds=3, visit=visit)
    hashes_before = hashing.per_second()
    before = processes.cpu_seconds(server.pid)
    done = load.run(port=server.port, browsers=BROWSERS, seconds=LOG_IN_SECONDS, visit=visit)
    cpu = processes.cpu_seconds(server.pid) - before
    # Before and after: the machine may have had other things to do meanwhile.
    hashes = statistics.fmean([hashes_before.per_second, hashing.per_second().per_second])
    _print("bare argon2id hashes a second, all cores", f"{hashes:.1f}")
    _print("log-ins a second: form, post, My ESR", f"{done.per_second:.1f}")
    _print("  of the bare hashes", f"{done.per_second / hashes:.0%}")
    _print(
        f"  with {BROWSERS} browsers: middle, slowest twentieth", f"{_ms(done.median)}, {_ms(done.slowest_twentieth)}"
    )
    _print("  processor time of the server for one log-in", _ms(cpu / done.done))


def _pages(server: portal.Server) -> None:
    for name, path in {"hub": "/", "log-in page": "/log-in/"}.items():

        def visit(browser: Browser, number: int, path: str = path) -> None:
            browser.cookies = {}
            browser.open(path)

        done = load.run(port=server.port, browsers=BROWSERS, seconds=PAGE_SECONDS, visit=visit)
        _print(f"requests a second: {name}", f"{done.per_second:.0f}")


def _memory(server: portal.Server) -> None:
    def visit(browser: Browser, number: int) -> None:
        browser.log_in(portal.username(number), portal.PASSWORD)

    with processes.Peak(server.pid) as peak:
        done = load.run(port=server.port, browsers=AT_ONCE, seconds=AT_ONCE_SECONDS, visit=visit)
    _print(f"{AT_ONCE} log-ins at once: memory of the server", f"{peak.bytes / 2**20:.0f} MiB")
    _print("  middle, slowest twentieth", f"{_ms(done.median)}, {_ms(done.slowest_twentieth)}")


def _timing(server: portal.Server) -> None:
    print(f"\nRefused log-ins: middle of {timing.TRIES}, and p of being the same as for an unknown username")
    for refusal in timing.measure(port=server.port):
        p = "" if refusal.kind == timing.UNKNOWN else f"   p = {refusal.p:.2f}"
        _print(refusal.kind, f"{refusal.median * 1000:.2f} ms{p}")


def _policy() -> None:
    """Print how long the password policy takes for one password of each kind of the corpus, many times over."""
    import common_passwords
    from bench.password_corpus.measure import measure
    from bench.password_corpus.split import Half

    common_passwords.read_lists()
    seconds = sorted(
        took
        for dressed_up in (True, False)
        for tally in measure(half=Half.HELD_OUT, each=PASSWORDS_OF_EACH_KIND, dressed_up=dressed_up)
        for took in tally.seconds
    )
    print(f"\nPassword policy, {len(seconds)} passwords as people choose them")
    _print(
        "processor time: middle, slowest hundredth, slowest",
        " ".join(
            f"{took * 1000:.2f} ms"
            for took in (statistics.median(seconds), seconds[len(seconds) * 99 // 100], seconds[-1])
        ),
    )


def _print(what: str, value: str) -> None:
    print(f"  {what:<55}{value}", flush=True)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()
