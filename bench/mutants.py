"""Change the rules one expression at a time and see whether a test notices: `python -m bench.mutants [PART …]`.

A PART is a folder or a file, like people/services/usernames.py; without one it is everything that `[tool.mutmut]` in
pyproject.toml names. mutmut makes and tries the mutants, in mutants/; this prints, file by file, how many were killed.
What it knows of earlier runs it keeps: only functions that changed are tried anew.
"""

from __future__ import annotations

import argparse
import json
import os
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


def main() -> None:
    """Try the mutants of the chosen parts, and print what came of them."""
    arguments = argparse.ArgumentParser(prog="python -m bench.mutants")
    arguments.add_argument("parts", nargs="*", help="folders or files (all that is configured)")
    arguments.add_argument("--report", action="store_true", help="only print what is known of earlier runs")
    arguments.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="tries at a time (one a core)")
    chosen = arguments.parse_args()
    modules = [part.removesuffix(".py").strip("/").replace("/", ".") for part in chosen.parts]
    if not chosen.report:
        names = [f"{module}.*" for module in modules]
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(chosen.processes), *names]
        # SQLite, because each try makes a database of its own.
        subprocess.run(command, cwd=ROOT, env={**os.environ, "TEST_DATABASE_URL": "sqlite"}, check=True)
    report(modules)


def report(modules: list[str]) -> None:
    """Print the score of each file and of all, and the mutants that survived."""
    total: Counter[str] = Counter()
    survivors: list[str] = []
    print(f"\n{'':<50}{'mutants':>9}{'killed':>9}{'score':>9}")
    for path, outcomes in _outcomes(modules):
        count = Counter(map(_outcome, outcomes.values()))
        total += count
        survivors += [name for name, code in outcomes.items() if _outcome(code) == "survived"]
        _print_score(path, count)
    _print_score("all of these", total)
    print(f"\n{len(survivors)} survived; `.venv/bin/mutmut show NAME` shows one:")
    for name in survivors:
        print(f"  {name}")


def _outcomes(modules: list[str]) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each file with the exit codes of its mutants that were tried, by their names."""
    for kept in sorted(KEPT_IN.rglob("*.py.meta")):
        path = kept.relative_to(KEPT_IN).as_posix().removesuffix(".meta")
        module = path.removesuffix(".py").replace("/", ".")
        codes = json.loads(kept.read_text(encoding="utf-8"))["exit_code_by_key"]
        tried = {name: code for name, code in codes.items() if _outcome(code)}
        if tried and (not modules or any(f"{module}.".startswith(f"{wanted}.") for wanted in modules)):
            yield path, tried


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
