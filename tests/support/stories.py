"""The situations in which people cannot get in, as journeys tell them, and what each takes of a person."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import re
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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


# From the search to mended, of a call to the helpdesk.
MOST_PRESSES_OF_A_CALL = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """A call to the helpdesk as its test tells it; `test` is the test's name, after the name of its file."""

    says: str
    presses: int
    test: str


@contextlib.contextmanager
def call(says: str, agent: Walker, *, presses: int) -> Iterator[None]:
    """Tell how an agent mends what a caller says, and count the presses from the search until the block ends.

    Raises AssertionError where there are more or fewer than `presses`, or more than MOST_PRESSES_OF_A_CALL.
    """
    assert presses <= MOST_PRESSES_OF_A_CALL
    before = agent.tally.presses
    yield
    done = agent.tally.presses - before
    assert done == presses, f"{says}: {done} presses"


@contextlib.contextmanager
def aside(person: Walker) -> Iterator[None]:
    """Count nothing that the person does until the block ends: what they need not do to get out of the situation."""
    presses, fields = dataclasses.astuple(person.tally)
    yield
    person.tally.presses, person.tally.fields = presses, fields


def told_in(folder: Path) -> Iterator[Told]:
    """Yield the stories of the tests in a folder, as they are written: none of them is run or imported."""
    for words, test, facts in _calls_of(story, folder):
        yield Told(words, test=test, **facts)


def calls_in(folder: Path) -> Iterator[Call]:
    """Yield the calls to the helpdesk of the tests in a folder, as they are written."""
    for words, test, facts in _calls_of(call, folder):
        yield Call(words, test=test, **facts)


def name_of_test(situation: str) -> str:
    """Return what the test of a situation is called: the same words."""
    return "test_" + re.sub(r"[^a-z0-9]+", "_", situation.lower().replace("’", "")).strip("_")


def _together(people: Iterable[Walker]) -> Tally:
    tallies = [person.tally for person in people]
    return Tally(sum(tally.presses for tally in tallies), sum(tally.fields for tally in tallies))


def _calls_of(function: Callable[..., object], folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the first argument of each call of `function`, the test that it is in, and its other arguments by name."""
    for file in sorted(folder.rglob("test_*.py")):
        for test in ast.parse(file.read_text(encoding="utf-8")).body:
            for node in ast.walk(test):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.__name__:
                    assert isinstance(test, ast.FunctionDef)
                    facts = {told.arg: ast.literal_eval(told.value) for told in node.keywords if told.arg}
                    yield ast.literal_eval(node.args[0]), f"{file.name}::{test.name}", facts
