"""A week of operation in some minutes: `python -m bench.week [--from COMMIT]`.

A hundred days before the week people come on record, get in, and guess wrongly. In the week each day begins at seven
and ends at night: people log in and recover, files of people come in, `tidy_up` runs. Mail is down for a night (day 1);
SECRET_KEY is replaced (days 2 and 3), and a key of second steps (day 3); the portal is upgraded from the version before
(day 4); a back-up is restored (day 5). On the last day all that people were told is compared with what there is.

Everything is a process as operators start it, with a clock that libfaketime sets ahead; nothing but this machine is
talked to. What came of it is written into docs/week.md. `--from` is the version that the week begins with: a commit, or
else the one before the newest migration.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.portal import ROOT
from bench.week.clock import Clock
from bench.week.days import Week
from bench.week.machines import Failed, machines
from bench.week.version_before import newest_before_the_last_migration, unpacked

HEAD = """# A week of operation

Written by `python -m bench.week`: real processes on PostgreSQL, whose clocks are set ahead from one hour to the next.
`bench/week/__main__.py` says what happens on which day.
"""


def main() -> int:
    """Live through the week and print what came of it; return 1 where something was lost."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--from", dest="commit", default="", help="the version that the week begins with")
    commit = arguments.parse_args().commit or newest_before_the_last_migration()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="esr-week-") as folder:
        # PostgreSQL runs as a user of its own where this one is root.
        Path(folder).chmod(0o755)
        try:
            with machines(Path(folder), Clock()) as there:
                before = unpacked(commit, into=Path(folder) / "before") if commit else None
                week = Week(there, before=before)
                week.live()
        except Failed as failed:
            print(f"\nThe week ended early: {failed}", flush=True)
            return 1
    took = f"It took {time.monotonic() - began:.0f} s on {os.cpu_count()} cores."
    print(f"\n{week.books.summary()}\n{took}")
    (ROOT / "docs" / "week.md").write_text(f"{HEAD}\n{took}\n\n{week.books.summary()}\n", encoding="utf-8")
    return 1 if week.books.losses else 0


if __name__ == "__main__":
    sys.exit(main())
