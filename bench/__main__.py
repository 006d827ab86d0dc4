"""Measure this machine, print what came out, and write docs/benchmarks.md: `make bench`, on an otherwise quiet machine.

It takes about a quarter of an hour, and talks to nothing but this machine.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import statistics
import subprocess
import sys
from typing import Any

from bench import portal, queries, report, timing

CORES = os.cpu_count() or 1
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PASSWORDS_OF_EACH_KIND = 40


def main() -> None:
    """Measure one thing after the other."""
    found = report.Report()
    before = os.getloadavg()[0]
    found.add(
        f"{platform.machine()}, {CORES} cores, Python {platform.python_version()}, granian; load before: {before:.1f}"
    )
    for kind, name in KINDS.items():
        found.section(f"Side by side on {name}")
        found.table(_in_a_process("bench.side_by_side", kind, "table"))
        found.section(f"Beyond the hash on {name}, in one process")
        found.table(_in_a_process("bench.in_process", kind, "table"))
        found.section(f"Many at once on {name}")
        found.text(_output("bench.crowd", kind))
    with portal.database():
        with portal.server() as server:
            found.section("Refused log-ins")
            found.table(_timing(server))
        # From here on the portal runs in this process; what it logs is no result.
        logging.disable(logging.INFO)
        found.section("Statements a page")
        found.table(_queries())
        found.section("Password policy")
        found.table(_policy())
    found.write()


def _output(module: str, *arguments: str) -> str:
    """Return what a measurement prints. It has a process of its own: each kind of database has settings of its own."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=portal.ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def _in_a_process(module: str, *arguments: str) -> list[list[str]]:
    rows: list[list[str]] = json.loads(_output(module, *arguments).splitlines()[-1])
    return rows


def _timing(server: portal.Server) -> list[list[str]]:
    rows = [["", f"middle of {timing.TRIES}", "p of being the same as for an unknown username"]]
    for refusal in timing.measure(port=server.port):
        p = "" if refusal.kind == timing.UNKNOWN else f"{refusal.p:.2f}"
        rows.append([refusal.kind, f"{refusal.median * 1000:.2f} ms", p])
    return rows


def _queries() -> list[list[str]]:
    costs = queries.count()
    return [["", "queries", "begin or end a transaction"]] + [
        [cost.page, str(cost.queries), str(cost.transactions)] for cost in costs
    ]


def _policy() -> list[list[str]]:
    """Return how long the password policy takes for one password of each kind of the corpus, many times over."""
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
    figures: dict[str, Any] = {
        "middle": statistics.median(seconds),
        "slowest hundredth": seconds[len(seconds) * 99 // 100],
        "slowest": seconds[-1],
    }
    rows = [[name, f"{took * 1000:.2f} ms"] for name, took in figures.items()]
    return [[f"{len(seconds)} passwords as people choose them", "processor time"], *rows]


if __name__ == "__main__":
    main()
