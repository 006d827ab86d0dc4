"""docs/journeys.md says of each situation what its story shows: how it ends, and what it takes of a person."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.support import stories

ROOT = Path(__file__).resolve().parents[2]
STORIES = ROOT / "tests" / "journeys" / "stories"
CALLS = ROOT / "tests" / "journeys" / "calls"
_ROW = re.compile(
    r"^\| (?P<situation>[^|]+) \| (?P<ends>\w+) \| (?P<presses>\d+) \| (?P<fields>\d+) \| `(?P<test>[^`|]+)` \|$"
)
_CALL = re.compile(r"^\| (?P<says>[^|]+) \| (?P<presses>\d+) \| `(?P<test>[^`|]+)` \|$")


def _listed() -> list[stories.Told]:
    lines = (ROOT / "docs" / "journeys.md").read_text(encoding="utf-8").splitlines()
    rows = [row for line in lines if (row := _ROW.match(line))]
    return [
        stories.Told(row["situation"], row["ends"], int(row["presses"]), int(row["fields"]), row["test"])
        for row in rows
    ]


def _by_name(told: list[stories.Told]) -> list[stories.Told]:
    return sorted(told, key=lambda story: story.situation)


def test_every_row_has_its_story_and_every_story_its_row_with_the_same_ending_and_counts() -> None:
    assert _by_name(_listed()) == _by_name(list(stories.told_in(STORIES)))


def test_every_test_there_tells_one_story_and_has_its_name() -> None:
    told = list(stories.told_in(STORIES))
    assert [story.test.partition("::")[2] for story in told] == [
        stories.name_of_test(story.situation) for story in told
    ]
    tests = sum(len(re.findall(r"^def test_", file.read_text(), re.MULTILINE)) for file in STORIES.glob("test_*.py"))
    assert tests == len(told)


def test_of_31_situations_at_least_24_end_without_a_call() -> None:
    """How many did so when this was written: fewer would be a step back."""
    told = list(stories.told_in(STORIES))
    assert len({story.situation for story in told}) == len(told) == 31
    assert Counter(story.ends for story in told)["alone"] >= 24


def test_every_call_to_the_helpdesk_has_its_row_with_the_same_presses() -> None:
    lines = (ROOT / "docs" / "journeys.md").read_text(encoding="utf-8").splitlines()
    listed = [
        stories.Call(row["says"], int(row["presses"]), row["test"]) for line in lines if (row := _CALL.match(line))
    ]
    told = list(stories.calls_in(CALLS))
    assert sorted(listed, key=lambda call: call.test) == sorted(told, key=lambda call: call.test)
    assert [call.test.partition("::")[2] for call in told] == [stories.name_of_test(call.says) for call in told]
    assert len({call.says for call in told}) == len(told) >= 10
