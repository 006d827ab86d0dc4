"""Change the rules one expression at a time and see whether a test notices: `python -m bench.mutants [PART …]`.

A PART is a folder or a file, like people/services/usernames.py; without one it is everything that `[tool.mutmut]` in
pyproject.toml names. mutmut makes and tries the mutants, in mutants/; this prints, file by file, how many were killed.
What it knows of earlier runs it keeps: only functions that changed are tried anew.

All of them take hours, so `--sample 300` tries that many, drawn at random, and says how far the score may be off.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT_IN = ROOT / "mutants"
# By mutmut's exit codes. A mutant that makes a test run without end has been noticed.
KILLED = {1, 3, 36, 24, -24, 152, 255}
SURVIVED = {0, 5, 33}
# Draws the same mutants again from the same code.
SEED = 7
# mutmut cannot make mutants without trying any: the first of each function of a small file.
A_FEW = "people.services.usernames.*_1"
# Of a normal distribution, 95 in 100 lie within so many standard deviations.
DEVIATIONS = 1.96


def main() -> None:
    """Try the mutants of the chosen parts, and print what came of them."""
    arguments = argparse.ArgumentParser(prog="python -m bench.mutants")
    arguments.add_argument("parts", nargs="*", help="folders or files (all that is configured)")
    arguments.add_argument("--report", action="store_true", help="only print what is known of earlier runs")
    arguments.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="tries at a time (one a core)")
    arguments.add_argument("--sample", type=int, default=0, help="how many mutants to draw (all)")
    chosen = arguments.parse_args()
    modules = [part.removesuffix(".py").strip("/").replace("/", ".") for part in chosen.parts]
    patterns = [f"{module}.*" for module in modules]
    drawn: set[str] = set()
    if chosen.sample:
        _try(A_FEW, processes=chosen.processes)
        names = sorted(name for _, codes in _tries(modules) for name in codes)
        drawn = set(random.Random(SEED).sample(names, min(chosen.sample, len(names))))  # noqa: S311 - no secret
        patterns = sorted(drawn)
    if not chosen.report:
        _try(*patterns, processes=chosen.processes)
    report(modules, drawn=drawn)


def _try(*patterns: str, processes: int) -> None:
    """Let mutmut make all mutants and try those whose names fit; all, where none is given."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes), *patterns]
    # SQLite, because each try makes a database of its own.
    subprocess.run(command, cwd=ROOT, env={**os.environ, "TEST_DATABASE_URL": "sqlite"}, check=True)


def report(modules: list[str], *, drawn: set[str]) -> None:
    """Print the score of each file and of all, or of those `drawn`, and the mutants that survived."""
    total: Counter[str] = Counter()
    survivors: list[str] = []
    print(f"\n{'':<50}{'mutants':>9}{'killed':>9}{'score':>9}")
    for path, codes in _tries(modules):
        outcomes = {name: what for name, code in codes.items() if (what := _outcome(code))}
        if drawn:
            outcomes = {name: what for name, what in outcomes.items() if name in drawn}
        count = Counter(outcomes.values())
        total += count
        survivors += [name for name, what in outcomes.items() if what == "survived"]
        if count:
            _print_score(path, count)
    _print_score("all of these", total)
    if drawn:
        share = total["killed"] / total.total()
        error = DEVIATIONS * math.sqrt(share * (1 - share) / total.total())
        print(f"Drawn at random: the score of all is {share:.1%} ± {error:.1%} with 95 % confidence.")
    print(f"\n{len(survivors)} survived; `.venv/bin/mutmut show NAME` shows one:")
    for name in survivors:
        print(f"  {name}")


def _tries(modules: list[str]) -> Iterator[tuple[str, dict[str, int | None]]]:
    """Yield each file with the exit codes of its mutants by their names; None where one was not tried."""
    for kept in sorted(KEPT_IN.rglob("*.py.meta")):
        path = kept.relative_to(KEPT_IN).as_posix().removesuffix(".meta")
        module = path.removesuffix(".py").replace("/", ".")
        if not modules or any(f"{module}.".startswith(f"{wanted}.") for wanted in modules):
            yield path, json.loads(kept.read_text(encoding="utf-8"))["exit_code_by_key"]


def _outcome(code: int | None) -> str:
    if code in KILLED:
        return "killed"
    return "survived" if code in SURVIVED else ""


def _print_score(what: str, count: Counter[str]) -> None:
    number = count.total()
    score = f"{count['killed'] / number:.1%}" if number else "-"
    print(f"{what:<50}{number:>9}{count['killed']:>9}{score:>9}")


if __name__ == "__main__":
    main()
