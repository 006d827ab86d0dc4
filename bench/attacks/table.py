"""docs/attacks.md: a block for each attack between two marks, of which a run replaces those that it ran."""

from __future__ import annotations

import datetime
import os
import platform
from typing import TYPE_CHECKING

from bench import between_marks
from esr_portal import version
from tests.support.portal import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from bench.attacks.attack import Attack, Result

FILE = ROOT / "docs" / "attacks.md"
_END = "<!-- end of the attacks -->"


def write(attack: Attack, result: Result, *, share: float, seconds: float, file: Path = FILE) -> None:
    """Put what came of an attack into the file, in the place of what stands there of it."""
    text = file.read_text(encoding="utf-8")
    begin, end = f"<!-- attack: {attack.name} -->", "<!-- /attack -->"
    block = _block(attack, result, share, seconds)
    written = between_marks.replace(text, begin=begin, end=end, block=block)
    if written is None:
        written = text.replace(_END, f"{begin}\n{block}{end}\n\n{_END}")
    file.write_text(written, encoding="utf-8")


def _block(attack: Attack, result: Result, share: float, seconds: float) -> str:
    day = f"{datetime.datetime.now(datetime.UTC):%-d %B %Y}"
    run = "the whole" if share == 1 else f"a share of {share:g}"
    machine = f"{os.cpu_count()} cores, {platform.machine()}, load before {os.getloadavg()[2]:.1f}"
    hashes = "a cheap hash" if attack.cheap_hash else "the real hash"
    held = "**Held.**" if share == 1 else "**Held as far as a share can show.**"
    if result.broken:
        held = f"**Did not hold:** {'; '.join(result.broken)}."
    return "\n".join(
        [
            f"## {attack.title}",
            "",
            f"Must hold: {attack.must_hold}",
            "",
            f"{held} Run: {run}, {hashes}, {seconds:.0f} s, version {version.read()}, {day}; {machine}.",
            "",
            "| | |",
            "| --- | --- |",
            *(f"| {what} | {value} |" for what, value in result.figures),
            "",
        ]
    )
