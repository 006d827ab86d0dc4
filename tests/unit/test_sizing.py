"""What a year takes, reckoned from what an action takes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from bench import between_marks
from bench.sizing import page, reckoning
from bench.sizing.actions import HEADINGS, IMPORTED
from bench.sizing.meter import Cost

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = Cost(
    statements=0,
    commits=0,
    rows={},
    sizes={},
    events={},
    log=0,
    images=0,
    web=0,
    worker=0,
    database=0,
    in_statements=0,
    mails=0,
)
# A log-in of 60 ms that writes an event; an import that writes people of 1,000 bytes.
COSTS = dict.fromkeys(HEADINGS, NOTHING) | {
    "log_in": dataclasses.replace(
        NOTHING,
        web=60,
        database=3,
        in_statements=10,
        statements=20,
        commits=4,
        log=2000,
        images=8000,
        events={"logged_in": 1},
        rows={"accounts_securityevent": 1, "accounts_filedevent": 1},
        sizes={"accounts_securityevent": 300, "accounts_filedevent": 200},
    ),
    "import": dataclasses.replace(NOTHING, sizes={"accounts_user": 1000 * IMPORTED}),
}
LOG_INS_A_DAY = reckoning.PEOPLE * reckoning.A_YEAR["log_in"] / 365


def test_the_busiest_ten_minutes_set_how_many_processors_are_needed() -> None:
    found = reckoning.needs(COSTS, server=1.5)
    a_second = LOG_INS_A_DAY * reckoning.PAY_DAY * reckoning.BUSIEST / reckoning.TEN_MINUTES
    assert found.web_cores == pytest.approx(a_second * 0.060 * 1.5 / reckoning.USED)
    assert found.database_cores == pytest.approx(a_second * 0.003 / reckoning.USED)
    assert found.commits_a_second == pytest.approx(4 * a_second)
    assert found.log_a_second == pytest.approx(2000 * a_second)
    assert (found.processes - 1) * reckoning.CORES_OF_A_PROCESS < found.web_cores
    assert found.processes * reckoning.CORES_OF_A_PROCESS >= found.web_cores


def test_events_are_kept_for_as_long_as_their_kind_is() -> None:
    found = reckoning.needs(COSTS, server=1)
    assert found.events == pytest.approx(LOG_INS_A_DAY * 400)
    assert found.disk_of_events == pytest.approx(LOG_INS_A_DAY * 400 * reckoning.EVENT)
    assert found.growth == pytest.approx(LOG_INS_A_DAY * 365 * reckoning.EVENT)
    assert found.disk_of_people == pytest.approx(reckoning.PEOPLE * 1000)
    refused = dataclasses.replace(COSTS["log_in"], events={"log_in_failed": 1})
    assert reckoning.needs({**COSTS, "log_in": refused}, server=1).events == pytest.approx(LOG_INS_A_DAY * 90)


def test_what_a_mail_takes_counts_for_as_long_as_it_is_kept_and_waits_for_a_worker() -> None:
    mailed = dataclasses.replace(COSTS["log_in"], mails=1, worker=50, sizes={"accounts_outboxmessage": 400})
    found = reckoning.needs({**COSTS, "log_in": mailed}, server=1)
    assert found.disk_of_others == pytest.approx(LOG_INS_A_DAY * 30 * 400)
    busy = found.mails_a_second * (0.050 + reckoning.MAIL_SERVER) / reckoning.USED
    assert found.workers - 1 < busy <= found.workers


def test_ten_times_the_people_take_ten_times_as_much() -> None:
    one, ten = (reckoning.needs(COSTS, server=1.5, factor=factor) for factor in (1, 10))
    for field in ("log_ins_a_second", "web_cores", "database_cores", "log_a_second", "disk", "growth", "events_a_day"):
        assert getattr(ten, field) == pytest.approx(10 * getattr(one, field))


def test_every_action_is_in_the_year() -> None:
    assert set(reckoning.A_YEAR) == set(HEADINGS)
    assert sum(reckoning.A_YEAR[name] for name in reckoning.LOG_INS) == 115


def test_the_block_stands_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    measured = page.Measured(COSTS, server=82.0, version="16.1", times=1, load=0.1)
    block = page.block(measured, [reckoning.needs(COSTS, server=1.4, factor=factor) for factor in page.FACTORS])
    document = tmp_path / "scaling.md"
    document.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    assert page.write(block, document)
    assert document.read_text(encoding="utf-8") == f"before\n{page.BEGIN}\n{block}{page.END}\nafter\n"
    assert "82 ms" in block
    document.write_text("no marks\n", encoding="utf-8")
    assert not page.write(block, document)
    assert document.read_text(encoding="utf-8") == "no marks\n"


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (225e9, "225 GB"), (3.2e12, "3.2 TB")]
)
def test_sizes_are_said_in_words(number: float, words: str) -> None:
    assert page.size(number) == words


def test_a_block_has_its_marks_and_may_have_backslashes() -> None:
    assert between_marks.replace("a\n<b>\nold\n<e>\nz\n", begin="<b>", end="<e>", block="\\1\n") == (
        "a\n<b>\n\\1\n<e>\nz\n"
    )
