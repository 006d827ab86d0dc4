"""The doctor itself: no check can hang it, none that fails ends it, and it says no secret."""

from __future__ import annotations

import io
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from helpdesk.doctor import checks, examining, findings
from helpdesk.doctor.checks import database
from helpdesk.doctor.findings import Check, Finding, Found, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.one_database


def works() -> Iterator[Finding]:
    yield findings.good("It works.")


def fails() -> Iterator[Finding]:
    raise ValueError("user:password@host")


def test_a_check_that_hangs_is_left_behind_and_the_others_are_made() -> None:
    let_go = threading.Event()

    def hangs() -> Iterator[Finding]:
        let_go.wait()
        yield findings.good("Too late.")

    try:
        found = list(examining.examine([Check("hangs", hangs), Check("works", works)], deadline=0.2))
    finally:
        let_go.set()
    assert [each.finding.severity for each in found] == [Severity.WARNING, Severity.GOOD]
    assert found[0].finding.what == "This could not be checked: it took more than 0.2 seconds."


def test_a_check_that_fails_says_so_and_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    (failed, worked) = examining.examine_here([Check("fails", fails), Check("works", works)])
    assert failed.finding.what.startswith("This could not be checked: ValueError")
    assert "password" not in failed.finding.what
    assert worked.finding.severity is Severity.GOOD


def test_a_check_that_has_nothing_to_do_says_nothing() -> None:
    """Care Identity, where it is not offered."""
    assert list(examining.examine([Check("nothing", lambda: ())])) == []


@pytest.mark.django_db(transaction=True)
def test_where_the_database_is_away_its_checks_are_not_tried_one_after_the_other() -> None:
    """Each would wait for it anew: the first says what is wrong."""
    tries: list[int] = []

    def count() -> Iterator[Finding]:
        tries.append(1)
        yield findings.good("It answers.")

    def away(*_: object) -> None:
        raise OperationalError

    def look() -> list[Finding]:
        with connection.execute_wrapper(away):
            return list(database.check())

    needs = [Check("database", look, needs_database=True), Check("mails", count, needs_database=True)]
    found = list(examining.examine([*needs, Check("disk", works)]))
    assert tries == []
    assert [each.finding.severity for each in found] == [Severity.FAILURE, Severity.WARNING, Severity.GOOD]
    assert found[0].finding.what == database.AWAY


def test_a_database_that_hangs_is_one_that_does_not_answer() -> None:
    let_go = threading.Event()

    def hangs() -> Iterator[Finding]:
        let_go.wait()
        yield findings.good("Too late.")

    try:
        (found,) = examining.examine([Check("database", hangs, needs_database=True)], deadline=0.2)
    finally:
        let_go.set()
    assert (found.finding.severity, found.finding.what) == (Severity.FAILURE, database.AWAY)


@pytest.mark.parametrize(
    ("severities", "code"),
    [
        ([], 0),
        ([Severity.GOOD, Severity.ADVICE], 0),
        ([Severity.GOOD, Severity.WARNING, Severity.ADVICE], 1),
        ([Severity.FAILURE, Severity.WARNING], 2),
    ],
)
def test_the_command_ends_with_the_worst(severities: list[Severity], code: int) -> None:
    assert findings.exit_code(Found("", Finding(each, "")) for each in severities) == code


def test_a_finding_comes_back_from_the_database_as_it_was() -> None:
    found = Found("proxy", findings.warning("It is slow.", "Look."))
    assert Found.from_json(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.django_db(transaction=True)
def test_the_command_says_each_finding_as_json_and_none_of_the_secrets(settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = ["an-old-key-that-is-believed-still"]
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", json=True, no_network=True, stdout=said)
    found = json.loads(said.getvalue())
    assert {each["check"] for each in found} >= {"settings", "keys", "worker", "database", "disk"}
    assert all(set(each) == {"check", "severity", "what", "mend"} for each in found)
    # No worker runs.
    assert ended.value.code == 2
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, *settings.SECOND_STEP_KEYS):
        assert secret not in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_person_reads_what_is_wrong_and_below_it_how_to_mend_it() -> None:
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", no_network=True, stdout=said)
    lines = said.getvalue().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("failure  worker: No worker"))
    assert lines[at + 1].startswith("         Start it: manage.py work")
    assert lines[-1].startswith("good: ")


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.name)
def test_each_check_is_in_the_documents(check: Check, settings: Any) -> None:
    document = (settings.BASE_DIR / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert f"| {check.name} |" in document
