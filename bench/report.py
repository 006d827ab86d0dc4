"""What `make bench` prints, and docs/benchmarks.md."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from bench import portal
from esr_portal import version

FILE = portal.ROOT / "docs" / "benchmarks.md"
WORDS_BEFORE = """# Benchmarks of version {version}

Written by `make bench` on {day}: do not edit. It measures server, database and load on one machine, in one run, so
that only the ratios travel to another.

{lines}

The anchor is bare argon2id with the portal's parameters (m=47104 KiB, t=1, p=1) on all cores, with memory that is
kept between hashes: with malloc as it comes a hash takes half as long again, and flatters what is compared with it.
A log-in is three requests: form, post, and the page that follows. django-allauth and Django's LoginView run in a
project with nothing else in it (`bench/stock/`), with the same hash, in the same server: a process a core with 32
threads each, which serves them better than the portal's one for two cores.

**What cannot be compared.** The stock log-ins count no wrong tries for longer than a cache lives (their limits are
off here), ask for no second step, record no event, tell of no new browser, and their page after the log-in is a
sentence; the portal's is My ESR. They have no passkeys, no line before the hash and no design. Any answer that was
not expected stops the run: there were no errors. Goals of a log-in: share of the hash 0.85 in one process and 0.80
in the server, 0.80 of the bare rate, form and front page at four times the rate of allauth's form, 256 MiB with 50
at once, every answer within two seconds with 600.
"""


class Report:
    """Lines and tables, printed as they come, and kept."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._body: list[str] = []

    def add(self, line: str) -> None:
        """Say something about the machine or the run."""
        print(line, flush=True)
        self._lines.append(line)

    def section(self, title: str) -> None:
        """Begin what is measured next."""
        print(f"\n{title}", flush=True)
        self._body += [f"## {title}", ""]

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Show rows, of which the first is the head."""
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
            print("  ".join(["", row[0].ljust(widths[0]), *cells]), flush=True)
        head, *others = rows
        self._body += [_row(head), _row(["---", *["--:"] * (len(head) - 1)]), *map(_row, others), ""]

    def text(self, text: str) -> None:
        """Show what a measurement has printed itself."""
        print(text, flush=True)
        self._body += ["```", text.strip(), "```", ""]

    def write(self) -> None:
        """Write the file."""
        day = f"{datetime.datetime.now(datetime.UTC):%-d %B %Y}"
        before = WORDS_BEFORE.format(version=version.read(), day=day, lines="\n".join(self._lines))
        FILE.write_text("\n".join([before, *self._body]).rstrip() + "\n", encoding="utf-8")
        print(f"\nWritten to {FILE.relative_to(portal.ROOT)}")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
