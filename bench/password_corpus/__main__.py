"""Prints the table of docs/passwords.md: `python -m bench.password_corpus`. With `--tuning`, that of the other half.

With `--leaked`, the figures on leaked passwords and on memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

# Nothing is stored.
os.environ["TEST_DATABASE_URL"] = "sqlite"

import django

from tests import environment as _environment  # noqa: F401  (sets the portal's variables)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
django.setup()

import common_passwords  # noqa: E402
from bench.password_corpus.awkward import awkward_input  # noqa: E402
from bench.password_corpus.leaked import print_measures  # noqa: E402
from bench.password_corpus.measure import OTHERS, Tally, measure, processor_time, share  # noqa: E402
from bench.password_corpus.split import Half  # noqa: E402


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(prog="python -m bench.password_corpus")
    arguments.add_argument("--tuning", action="store_true", help="measure the half that the recogniser was tuned on")
    arguments.add_argument("--each", type=int, default=1_000, help="passwords of each kind (1,000)")
    arguments.add_argument("--others", type=int, default=100, help="how many of them Django and zxcvbn are asked (100)")
    arguments.add_argument("--surprises", type=int, default=0, help="print so many that were judged wrongly, by kind")
    arguments.add_argument("--leaked", action="store_true", help="measure the lists and the filter instead")
    chosen = arguments.parse_args()
    if chosen.leaked:
        print_measures()
        return
    began = time.perf_counter()
    common_passwords.read_lists()
    print(f"The lists were read in {time.perf_counter() - began:.2f} s.\n")
    half = Half.TUNING if chosen.tuning else Half.HELD_OUT
    tallies: list[Tally] = []
    for heading, dressed_up in (("Dressed-up common passwords", True), ("Good passwords", False)):
        of_kind = measure(half=half, each=chosen.each, dressed_up=dressed_up, others=chosen.others)
        _print_table(heading, of_kind)
        tallies += of_kind
    _print_times("the corpus", [seconds for tally in tallies for seconds in tally.seconds])
    _print_times("awkward input", [processor_time(text, None) for text in awkward_input().values()])
    for tally in tallies:
        for password in tally.surprises[: chosen.surprises]:
            print(f"{tally.kind}: {password}")


def _print_table(heading: str, tallies: list[Tally]) -> None:
    print(f"| {heading}, {tallies[0].number:,} of each kind | refused | {' | '.join(OTHERS)} |")
    print(f"|---|---{'|---' * len(OTHERS)}|")
    for tally in tallies:
        others = " | ".join(f"{tally.share_of(other):.0f} %" for other in tally.others)
        print(f"| {tally.kind} | {tally.share():.1f} % | {others} |")
    everything = " | ".join(
        f"**{statistics.fmean(tally.share_of(other) for tally in tallies):.0f} %**" for other in tallies[0].others
    )
    print(f"| **all** | **{share(tallies):.2f} %** | {everything} |\n")


def _print_times(what: str, seconds: list[float]) -> None:
    milliseconds = sorted(1000 * s for s in seconds)
    print(
        f"Processor time for {what}: median {statistics.median(milliseconds):.2f} ms, "
        f"99th percentile {milliseconds[int(len(milliseconds) * 0.99)]:.2f} ms, at most {milliseconds[-1]:.2f} ms."
    )


if __name__ == "__main__":
    main()
