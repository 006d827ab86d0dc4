"""How the code is laid out, in numbers: `python -m bench.layout`, or `--root DIR` for another checkout.

Prints the files and lines of each folder, the circles of imports, and the functions that are too complex or too long.
tests/site/test_code_layout.py holds the same figures to their limits.
"""

from __future__ import annotations

import argparse
import ast
import functools
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What is no part of the product: it measures or tests the product, or installs what the product needs.
NOT_THE_PRODUCT = {"bench", "tests"}
MOST_COMPLEX = 10
LONGEST_FUNCTION = 50

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Function:
    """A function as it is measured: where it stands, its lines, and its complexity."""

    path: str
    name: str
    lines: int
    complexity: int


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(prog="python -m bench.layout")
    arguments.add_argument("--root", type=Path, default=ROOT, help="the checkout to measure (this one)")
    root: Path = arguments.parse_args().root.resolve()
    files = code(root)
    folders = sorted({path.relative_to(root).parts[0] for path in files if len(path.relative_to(root).parts) > 1})
    product = [folder for folder in folders if folder not in NOT_THE_PRODUCT]
    _print_folders(root, files, product=product, others=[folder for folder in folders if folder not in product])
    found = circles(import_graph(root, files, folders=product))
    print(f"\nCircles of imports in the product: {len(found)}")
    for circle in found:
        print(f"  {len(circle)} files: {', '.join(sorted(circle))}")
    every = [function for path in files if _folder(root, path) in product for function in functions(root, path)]
    _print_functions(
        f"Functions of the product with a complexity over {MOST_COMPLEX}",
        [f for f in every if f.complexity > MOST_COMPLEX],
    )
    _print_functions(
        f"Functions of the product longer than {LONGEST_FUNCTION} lines",
        [f for f in every if f.lines > LONGEST_FUNCTION],
    )


def _print_folders(root: Path, files: list[Path], *, product: list[str], others: list[str]) -> None:
    print("Python files and lines a folder, migrations left out")
    total = sum(lines(path) for path in files if _folder(root, path) in product)
    for folder in (*product, *others):
        of_it = [path for path in files if _folder(root, path) == folder]
        count = sum(map(lines, of_it))
        share = f"{count / total:5.0%} of the product" if folder in product else ""
        print(f"  {folder:<20}{len(of_it):>5} files {count:>7,} lines {share}".rstrip())
    number = sum(_folder(root, path) in product for path in files)
    print(f"  {'the product':<20}{number:>5} files {total:>7,} lines")


def _print_functions(heading: str, found: list[Function]) -> None:
    print(f"\n{heading}: {len(found)}")
    for function in sorted(found, key=lambda f: (-f.complexity, -f.lines, f.path)):
        print(f"  complexity {function.complexity:>2}, {function.lines:>2} lines: {function.path} {function.name}")


def _folder(root: Path, path: Path) -> str:
    parts = path.relative_to(root).parts
    return parts[0] if len(parts) > 1 else ""


# Files ----------------------------------------------------------------------------------------------------------------


def tracked(root: Path, *patterns: str) -> list[Path]:
    """Return the files of a checkout that git knows or would add, by git's patterns."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [root / line for line in listed.stdout.splitlines() if (root / line).exists()]


def code(root: Path) -> list[Path]:
    """Return the Python files of a checkout, migrations left out: Django writes those."""
    return [path for path in tracked(root, "*.py") if "migrations" not in path.parts]


def lines(path: Path) -> int:
    """Return the number of lines of a text file."""
    return len(path.read_text(encoding="utf-8").splitlines())


# Imports --------------------------------------------------------------------------------------------------------------


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports, wherever in it."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def import_graph(root: Path, files: Iterable[Path], *, folders: Iterable[str]) -> dict[str, set[str]]:
    """Return for each module in `folders` those of them that it imports. Imports for types alone count too."""
    names = {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in files}
    ours = {name for name in names if name.split(".")[0] in set(folders)}
    return {name: _files_imported(names[name], ours) - {name} for name in ours}


def _files_imported(path: Path, ours: set[str]) -> set[str]:
    """Return which of the modules `ours` a file imports; of a folder, the files that it names and not the folder."""
    named = {module for module in imports(path) if module in ours}
    return {module for module in named if not any(other.startswith(f"{module}.") for other in named)}


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of files that lead to each other by their imports, the largest first."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for module in graph[waiting.pop()] - seen:
                seen.add(module)
                waiting.append(module)
        reached[start] = seen
    found = {frozenset(b for b in reached[a] if a in reached[b]) for a in graph if a in reached[a]}
    return sorted(map(set, found), key=len, reverse=True)


# Functions ------------------------------------------------------------------------------------------------------------


def functions(root: Path, path: Path) -> Iterator[Function]:
    """Yield the functions of a file, methods and those in other functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, AnyFunction):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(path.relative_to(root).as_posix(), node.name, length, complexity(node))


def complexity(function: AnyFunction) -> int:
    """Return the cyclomatic complexity of a function (McCabe 1976): one, and one more for each way that may be taken.

    Each `and` and `or` is a way, as McCabe counts conditions; ruff's C901 leaves them out. So are the `for` and the
    `if` of a comprehension. Functions and classes inside are counted for themselves.
    """
    count = 1
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.If | ast.For | ast.While | ast.ExceptHandler | ast.IfExp | ast.match_case):
            count += 1
        elif isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            count += 1 + len(node.ifs)
        waiting += ast.iter_child_nodes(node)
    return count


if __name__ == "__main__":
    main()
