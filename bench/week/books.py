"""The books of the week: what was done, how often, and whether it held."""

from __future__ import annotations

import collections


class Books:
    """Counts what was done, and notes what should have held and did not."""

    def __init__(self) -> None:
        self.done: collections.Counter[str] = collections.Counter()
        self.held: collections.Counter[str] = collections.Counter()
        self.losses: list[str] = []
        self._when = ""

    def begin(self, when: str) -> None:
        """Go on to another part of the week, and say so."""
        self._when = when
        print(when, flush=True)

    def note(self, what: str, times: int = 1) -> None:
        """Note that something was done."""
        self.done[what] += times

    def hold(self, rule: str, is_so: bool, but: object = "") -> None:
        """Note whether a rule held; `but` says what there was instead."""
        if is_so:
            self.held[rule] += 1
            return
        self.losses.append(f"{self._when}: {rule}: {but}")
        print(f"  NOT SO: {rule}: {but}", flush=True)

    def summary(self) -> str:
        """Return the week as tables."""
        lines = ["| done | times |", "| --- | --: |"]
        lines += [f"| {what} | {times:,} |" for what, times in self.done.items()]
        lines += ["", "| held | times |", "| --- | --: |"]
        lines += [f"| {rule} | {times:,} |" for rule, times in self.held.items()]
        lines += ["", f"Lost or wrong: {len(self.losses)}", *self.losses]
        return "\n".join(lines)
