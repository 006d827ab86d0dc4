"""The books of the week in accelerated time (`python -m bench.week`), which say whether anything was lost."""

from __future__ import annotations

import datetime
import os

import pytest

from bench.week.books import Books
from bench.week.clock import Clock


def test_what_did_not_hold_is_a_loss_with_its_day_and_what_there_was_instead() -> None:
    books = Books()
    books.begin("day 3, 7:00")

    books.hold("one mail for each that was asked for", False, "1 of 2")
    books.hold("one mail for each that was asked for", True, "2 of 2")

    assert books.losses == ["day 3, 7:00: one mail for each that was asked for: 1 of 2"]
    assert "| one mail for each that was asked for | 1 |" in books.summary()
    assert "Lost or wrong: 1" in books.summary()


def test_the_clock_goes_ahead_to_an_hour_of_a_day_and_never_back() -> None:
    clock = Clock()
    begun = clock.now()

    clock.set(day=3, hour=7)

    assert clock.now().hour == 7
    assert clock.now().date() == begun.date() + datetime.timedelta(days=3)
    clock.set(day=2, hour=22)
    assert clock.now().date() == begun.date() + datetime.timedelta(days=3)


def test_the_clock_of_children_is_set_within_the_block_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("bench.week.clock.library", lambda: "/libfaketime.so.1")
    monkeypatch.setenv("FAKETIME", "as it was")
    clock.set(day=1, hour=7)

    with clock.for_children():
        assert os.environ["FAKETIME"].startswith("+")

    assert os.environ["FAKETIME"] == "as it was"
    assert "LD_PRELOAD" not in os.environ
