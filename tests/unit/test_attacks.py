"""What attacks on the portal measure by, and that they attack nothing else."""

from __future__ import annotations

import datetime
import random
from typing import TYPE_CHECKING

import pytest

from bench.attacks import raw, table, timing
from bench.attacks.attack import Attack, Result
from bench.attacks.listing import ATTACKS
from bench.attacks.statistics import AUC, auc
from bench.attacks.stuffing import most_within_a_lock
from bench.attacks.visitor import NotThisMachine, address, this_machine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ([2.0, 3.0], [0.0, 1.0], 1.0),
        ([0.0], [1.0, 2.0], 0.0),
        ([1.0, 1.0], [1.0], 0.5),
        ([1.0, 3.0], [2.0, 1.0], 0.625),
    ],
)
def test_the_auc_is_how_often_one_is_longer_and_a_tie_is_half(
    one: list[float], other: list[float], value: float
) -> None:
    assert auc(one, other).value == value


def times(chance: random.Random, *, later: float = 0.0) -> list[float]:
    """Return as many times as the whole attack takes, of answers that take some 45 ms."""
    return [0.045 + later + chance.gammavariate(2, 0.003) for _ in range(timing.TRIES)]


def test_the_whole_attack_finds_three_milliseconds_and_takes_nothing_for_something() -> None:
    chance = random.Random(1)  # noqa: S311 - times, no secret.
    unknown = times(chance)
    assert all(timing.alike(auc(times(chance), unknown)) for _ in range(20))
    planted = auc(times(chance, later=timing.PLANTED), unknown)
    assert timing.is_found(planted)
    assert not timing.alike(planted)


def test_with_few_tries_what_is_far_out_is_found_and_what_is_not_is_let_pass() -> None:
    few = AUC(0.6, 0.06)
    assert timing.alike(few)
    assert not timing.is_found(few)
    assert not timing.alike(AUC(0.9, 0.06))
    assert not timing.alike(AUC(0.1, 0.06))
    assert not timing.alike(AUC(0.525, 0.0058))


def test_guesses_are_counted_within_the_time_of_a_lock() -> None:
    noon = datetime.datetime(2026, 6, 3, 12, tzinfo=datetime.UTC)
    minutes = (0, 1, 2, 15, 16, 40)
    assert most_within_a_lock([noon + datetime.timedelta(minutes=n) for n in minutes]) == 3
    assert most_within_a_lock([]) == 0


@pytest.mark.parametrize("elsewhere", ["192.0.2.1", "10.0.0.1", "0.0.0.0", "2001:db8::1", "169.254.1.1"])  # noqa: S104
def test_nothing_but_this_machine_is_attacked(elsewhere: str) -> None:
    with pytest.raises(NotThisMachine):
        this_machine(elsewhere)


def test_every_visitor_is_on_this_machine() -> None:
    assert len({this_machine(address(number)) for number in range(0, 200_000, 7)}) == len(range(0, 200_000, 7))


@pytest.mark.parametrize(
    ("answer", "leads_elsewhere"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\nlocation: //evil.example\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\nLocation: /log-in/?next=/my-esr/%3Fnext%3Dhttps%253A//evil.example/\r\n\r\n", False),
        (b'HTTP/1.1 200 OK\r\n\r\n<a href="https://evil.example/">', True),
        (b"HTTP/1.1 200 OK\r\n\r\n<form action='//evil.example/?a'>", True),
        (b'HTTP/1.1 200 OK\r\n\r\n<a href="/log-in/?next=evil.example">', False),
        (b"HTTP/1.1 200 OK\r\n\r\nNo page evil.example here", False),
    ],
)
def test_where_an_answer_leads_is_told_by_its_links_and_its_location(answer: bytes, leads_elsewhere: bool) -> None:
    assert raw.Received(answer).leads_elsewhere is leads_elsewhere


def attack(name: str) -> Attack:
    return Attack(name, f"What {name} does", "all.", "a minute", lambda *_: Result())


def test_a_run_replaces_what_the_file_says_of_that_attack_alone(tmp_path: Path) -> None:
    file = tmp_path / "attacks.md"
    file.write_text("# Attacks\n\n<!-- end of the attacks -->\n", encoding="utf-8")
    first, second = Result(), Result()
    first.say("Guesses", 1234)
    second.must(False, "a guess let the stranger in")
    table.write(attack("one"), first, share=0.01, seconds=2, file=file)
    table.write(attack("two"), second, share=1, seconds=3, file=file)
    assert "| Guesses | 1,234 |" in file.read_text()
    table.write(attack("one"), Result(), share=1, seconds=2, file=file)
    text = file.read_text()
    assert "1,234" not in text
    assert text.count("## What one does") == text.count("## What two does") == 1
    assert "**Did not hold:** a guess let the stranger in." in text
    assert text.endswith("<!-- end of the attacks -->\n")


def test_each_attack_says_what_must_hold_and_how_long_it_takes() -> None:
    assert all(each.must_hold.endswith(".") and each.estimate for each in ATTACKS.values())
