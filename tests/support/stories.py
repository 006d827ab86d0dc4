"""The situations in which people cannot get in, as journeys tell them, and what each takes of a person."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import re
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.support.browser import Walker

# Without a call; a part of it without a call; with a call or an email to the person's organisation or the operator.
Ending = Literal["alone", "partly", "call"]


@dataclasses.dataclass(slots=True)
class Tally:
    """What a person has done in a browser, all of its tabs together."""

    presses: int = 0
    fields: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A story as its test tells it; `test` is the test's name, after the name of its file."""

    situation: str
    ends: str
    presses: int
    fields: int
    test: str


@contextlib.contextmanager
def story(situation: str, *people: Walker, ends: Ending, presses: int, fields: int) -> Iterator[None]:
    """Tell how a person gets out of a situation, and count what they do until the block ends.

    `people` are the same person at several browsers, where there are several. docs/journeys.md says what counts.
    Raises AssertionError where the person did more or less than `presses` and `fields` say.
    """
    assert ends in get_args(Ending)
    before = _together(people)
    yield
    after = _together(people)
    done = Tally(after.presses - before.presses, after.fields - before.fields)
    assert done == Tally(presses, fields), f"{situation}: {done.presses} presses and {done.fields} fields"


@contextlib.contextmanager
def aside(person: Walker) -> Iterator[None]:
    """Count nothing that the person does until the block ends: what they need not do to get out of the situation."""
    presses, fields = dataclasses.astuple(person.tally)
    yield
    person.tally.presses, person.tally.fields = presses, fields


def told_in(folder: Path) -> Iterator[Told]:
    """Yield the stories of the tests in a folder, as they are written: none of them is run or imported."""
    for file in sorted(folder.rglob("test_*.py")):
        for test in ast.parse(file.read_text(encoding="utf-8")).body:
            for call in (node for node in ast.walk(test) if _is_story(node)):
                assert isinstance(call, ast.Call)
                assert isinstance(test, ast.FunctionDef)
                facts = {told.arg: ast.literal_eval(told.value) for told in call.keywords if told.arg}
                yield Told(ast.literal_eval(call.args[0]), test=f"{file.name}::{test.name}", **facts)


def name_of_test(situation: str) -> str:
    """Return what the test of a situation is called: the same words."""
    return "test_" + re.sub(r"[^a-z0-9]+", "_", situation.lower().replace("’", "")).strip("_")


def _together(people: Iterable[Walker]) -> Tally:
    tallies = [person.tally for person in people]
    return Tally(sum(tally.presses for tally in tallies), sum(tally.fields for tally in tallies))


def _is_story(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == story.__name__
