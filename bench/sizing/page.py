"""The block of docs/scaling.md that says what was measured, and what is reckoned from it."""

from __future__ import annotations

import dataclasses
import datetime
import os
import platform
import textwrap
from typing import TYPE_CHECKING

from bench import between_marks
from bench.portal import ROOT
from bench.sizing import reckoning
from bench.sizing.actions import HEADINGS, IMPORTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.sizing.meter import Cost
    from bench.sizing.reckoning import Needs

FILE = ROOT / "docs" / "scaling.md"
BEGIN = "<!-- sizing: written by python -m bench.sizing -->"
END = "<!-- /sizing -->"
FACTORS = (1, 10, 100)


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """What each action takes; `server` is what a log-in takes in the web server, in milliseconds."""

    costs: Mapping[str, Cost]
    server: float
    version: str
    times: int
    load: float


def write(block: str, file: Path = FILE) -> bool:
    """Put the block into the document; return whether its marks are there."""
    text = between_marks.replace(file.read_text(encoding="utf-8"), begin=BEGIN, end=END, block=block)
    if text is not None:
        file.write_text(text, encoding="utf-8")
    return text is not None


def block(measured: Measured, needs: Sequence[Needs]) -> str:
    """Return what stands between the marks."""
    costs = measured.costs
    return "\n".join(
        [
            "",
            "### Measured: what each action takes",
            "",
            _how(measured),
            "",
            "| | web server, ms | worker, ms | PostgreSQL, ms | statements | transactions that write | mails |",
            "| --- | --: | --: | --: | --: | --: | --: |",
            *(_processor(HEADINGS[name], cost) for name, cost in costs.items()),
            "",
            "| | rows added, changed, deleted | tables and indexes grow by | log | of whole pages at most |",
            "| --- | --- | --: | --: | --: |",
            *(_storage(HEADINGS[name], cost) for name, cost in costs.items()),
            "",
            _read_so(measured),
            "",
            "### Reckoned: what so many people need",
            "",
            _assumed(),
            "",
            "| | today | 10 × | 100 × |",
            "| --- | --: | --: | --: |",
            *(f"| {what} | {' | '.join(values)} |" for what, values in _rows(needs)),
            "",
        ]
    )


def _how(measured: Measured) -> str:
    day = f"{datetime.datetime.now(datetime.UTC):%-d %B %Y}"
    machine = f"{os.cpu_count()} cores, {platform.machine()}, load before {measured.load:.1f}"
    return _wrapped(
        f"{day}, PostgreSQL {measured.version} of its own with production's settings (`fsync`, `synchronous_commit` ",
        f"and `full_page_writes` on); {machine}; each {measured.times} times, imports 3 times, as a mean. ",
        "Milliseconds are of processor time, the web server's in one process without network, proxy or load beside it.",
    )


def _read_so(measured: Measured) -> str:
    costs = measured.costs
    return "\n\n".join(
        [
            _wrapped(
                "Events are filed for the search too, on the worker's account. The log is the write-ahead log of the ",
                "changes alone. Whole pages come to it where a page is changed for the first time after a checkpoint: ",
                "“at most” is with a checkpoint before each action, and the more people act between two of them, the ",
                "less it is.",
            ),
            _wrapped(
                f"In the web server's processes a log-in with a password takes {measured.server:.0f} ms, against ",
                f"{costs['log_in'].web:.0f} in the table: below, all that it does is reckoned with the same ratio. A ",
                f"person on record takes {reckoning.of_a_person(costs) / 1000:.1f} kB with former passwords and ",
                f"browsers. An event takes {reckoning.EVENT:.0f} bytes with its indexes, what is filed of it and its ",
                "seals, as `python -m bench.events 20000000` measured: a table of a few rows is mostly room for more.",
            ),
        ]
    )


def _wrapped(*pieces: str) -> str:
    return textwrap.fill("".join(pieces), width=118, break_long_words=False, break_on_hyphens=False)


def _processor(heading: str, cost: Cost) -> str:
    return (
        f"| {heading} | {cost.web:,.1f} | {cost.worker:,.1f} | {cost.database:,.1f} | "
        f"{cost.statements:,.0f} | {cost.commits:,.1f} | {cost.mails:,.1f} |"
    )


def _storage(heading: str, cost: Cost) -> str:
    rows = ", ".join(
        f"{table.removeprefix('accounts_')} {number:,.4g}"
        for table, number in sorted(cost.rows.items(), key=lambda item: -item[1])
        if number >= 0.05
    )
    return f"| {heading} | {rows} | {size(sum(cost.sizes.values()))} | {size(cost.log)} | {size(cost.images)} |"


def _assumed() -> str:
    often = "; ".join(f"{HEADINGS[name]} {times:g}" for name, times in reckoning.A_YEAR.items() if name != "import")
    new = 1 / (reckoning.A_YEAR["import"] * IMPORTED)
    return _wrapped(
        f"**Assumed**, all in `bench/sizing/reckoning.py`: {reckoning.PEOPLE:,} people; each in a year: {often}. ",
        f"One in {new:.0f} is new. The busiest ten minutes are a twentieth of a pay day, on which ",
        f"{reckoning.PAY_DAY:g} times as many log in as in the mean. Processors are used for {reckoning.USED:.0%} ",
        f"then. A mail takes the mail server {reckoning.MAIL_SERVER:g} s. A process of the web server is for ",
        f"{reckoning.CORES_OF_A_PROCESS} cores, with {reckoning.THREADS} threads and {reckoning.MEMORY // 2**20} MiB ",
        "([capacity](capacity.md)). Events have the ages of `esr_portal/event_ages.py`, other rows those of ",
        "[data](data.md).",
    )


def _rows(needs: Sequence[Needs]) -> list[tuple[str, list[str]]]:
    return [
        ("people", [f"{need.people:,.0f}" for need in needs]),
        ("log-ins a day, in the mean", [f"{need.log_ins_a_day:,.0f}" for need in needs]),
        ("log-ins a second in the busiest ten minutes", [f"{need.log_ins_a_second:,.0f}" for need in needs]),
        ("cores of application machines", [f"{need.web_cores:,.0f}" for need in needs]),
        (
            "processes of the web server on them, and their memory",
            [f"{need.processes:,}, {size(need.memory)}" for need in needs],
        ),
        ("connections without a pooler", [f"{need.connections:,}" for need in needs]),
        ("connections with pgbouncer", [f"{need.pooled:,}" for need in needs]),
        ("cores of PostgreSQL", [f"{need.database_cores:,.1f}" for need in needs]),
        ("statements a second then", [f"{need.statements_a_second:,.0f}" for need in needs]),
        ("transactions that write a second then", [f"{need.commits_a_second:,.0f}" for need in needs]),
        ("write-ahead log a second then, without whole pages", [size(need.log_a_second) for need in needs]),
        (
            "write-ahead log a day, without whole pages and at most",
            [f"{size(need.log_a_day[0])}, {size(need.log_a_day[1])}" for need in needs],
        ),
        ("events a day", [f"{need.events_a_day:,.0f}" for need in needs]),
        ("events, once each kind has reached its age", [f"{need.events:,.0f}" for need in needs]),
        ("disk of them", [size(need.disk_of_events) for need in needs]),
        ("disk of people and what they keep", [size(need.disk_of_people) for need in needs]),
        ("disk of mails, requests, links and sessions", [size(need.disk_of_others) for need in needs]),
        ("growth in the first year", [size(need.growth) for need in needs]),
        ("the database, once it grows no more", [size(need.disk) for need in needs]),
        ("mails a second in the busiest ten minutes", [f"{need.mails_a_second:,.1f}" for need in needs]),
        ("workers", [f"{need.workers:,}" for need in needs]),
    ]


def size(number: float) -> str:
    """Return a number of bytes in words."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(number) < 1000:
            return f"{number:,.0f} {unit}" if number >= 10 or unit == "B" else f"{number:,.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} TB"
