"""What the doctor finds wrong with a database: each fault is made in a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from helpdesk.doctor.checks import append_only, clock, database, database_rights, migrations
from helpdesk.doctor.findings import Severity
from tests.support.database import is_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from helpdesk.doctor.findings import Finding
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(is_sqlite(), reason="SQLite has neither users nor a network")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def wrong(check: Callable[[], Iterable[Finding]]) -> list[tuple[Severity, str]]:
    """Return what a check says that is not good; each has a mend."""
    found = [each for each in check() if each.severity is not Severity.GOOD]
    assert all(each.mend for each in found)
    return [(each.severity, each.what) for each in found]


@pytest.fixture
def user() -> Iterator[str]:
    """Return a user of PostgreSQL's that may do what the portal needs, which this test's connection is from now on."""
    name = "doctor_test"
    for statement in (
        f"CREATE ROLE {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"SET LOCAL ROLE {name}",
    ):
        execute(statement)
    yield name
    execute("RESET ROLE")


@on_postgresql
def test_a_user_that_may_do_what_is_needed_and_no_more_is_good(user: str) -> None:
    assert wrong(database_rights.check) == []


@on_postgresql
def test_a_superuser_may_do_too_much() -> None:
    """The tests' own user is one."""
    found = wrong(database_rights.check)
    assert (Severity.WARNING, found[0][1]) == found[0]
    assert found[0][1].startswith("The database's user is a superuser")


@on_postgresql
def test_a_right_that_is_missing_is_named_with_its_table(user: str) -> None:
    execute("RESET ROLE")
    execute(f"REVOKE UPDATE, DELETE ON accounts_user FROM {user}")
    execute(f"REVOKE USAGE ON SEQUENCE accounts_securityevent_id_seq FROM {user}")
    execute(f"SET LOCAL ROLE {user}")
    assert wrong(database_rights.check) == [
        (Severity.FAILURE, "The database's user may not DELETE, UPDATE in accounts_user."),
        (Severity.FAILURE, "The database's user may not use accounts_securityevent_id_seq."),
    ]


@on_postgresql
def test_a_member_of_a_dangerous_role_is_found(user: str) -> None:
    execute("RESET ROLE")
    execute(f"GRANT pg_execute_server_program TO {user}")
    execute(f"SET LOCAL ROLE {user}")
    ((severity, what),) = wrong(database_rights.check)
    assert (severity, what) == (Severity.WARNING, "The database's user is a member of pg_execute_server_program.")


@on_postgresql
def test_tables_and_a_schema_that_are_open_to_every_user_are_found(user: str) -> None:
    execute("RESET ROLE")
    execute("GRANT SELECT ON accounts_user TO PUBLIC")
    execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    execute(f"SET LOCAL ROLE {user}")
    severities = [severity for severity, _ in wrong(database_rights.check)]
    assert severities == [Severity.FAILURE, Severity.ADVICE]


def test_events_that_can_only_be_added_are_good() -> None:
    assert wrong(append_only.check) == []


def test_a_trigger_that_was_taken_away_is_found() -> None:
    """Threat: who has the database's password changes what the security events say."""
    execute(
        "DROP TRIGGER securityevent_append_only"
        if is_sqlite()
        else "DROP TRIGGER securityevent_append_only ON accounts_securityevent"
    )
    ((severity, what),) = wrong(append_only.check)
    assert severity is Severity.FAILURE
    assert "securityevent_append_only of accounts_securityevent" in what


@on_postgresql
def test_a_trigger_that_is_switched_off_is_found() -> None:
    execute("ALTER TABLE accounts_eventseal DISABLE TRIGGER eventseal_append_only")
    ((_, what),) = wrong(append_only.check)
    assert "eventseal_append_only" in what


@on_postgresql
def test_a_user_for_whom_no_trigger_fires_is_found() -> None:
    execute("SET LOCAL session_replication_role = replica")
    ((_, what),) = wrong(append_only.check)
    assert "session_replication_role" in what


@on_postgresql
def test_a_database_that_takes_no_writing_is_found() -> None:
    execute("SET LOCAL transaction_read_only = on")
    ((severity, what),) = wrong(database.check)
    assert severity is Severity.FAILURE
    assert what.startswith("The database takes no writing")


def test_a_database_that_answers_is_good_or_is_one_file() -> None:
    assert [severity for severity, _ in wrong(database.check)] in ([], [Severity.ADVICE])


@on_postgresql
def test_a_clock_that_is_wrong_is_found(travel: Travel) -> None:
    travel(minutes=5)
    ((severity, what),) = wrong(clock.check)
    assert severity is Severity.FAILURE
    assert what.startswith("This server's clock says")


def test_a_migration_that_was_not_applied_is_found() -> None:
    assert wrong(migrations.check) == []
    MigrationRecorder(connection).record_unapplied("hub", "0001_initial")
    assert wrong(migrations.check) == [(Severity.FAILURE, "Migrations have not been applied: 1.")]


def test_a_database_of_a_newer_version_is_found() -> None:
    MigrationRecorder(connection).record_applied("hub", "9999_of_the_future")
    ((severity, what),) = wrong(migrations.check)
    assert (severity, what) == (
        Severity.ADVICE,
        "The database was migrated by a newer version, by 1 migrations.",
    )
