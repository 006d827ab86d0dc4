"""Threat: the daily tidying or an import comes while people get in, and one of the two ends in an error."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Lockout, User
from accounts.services import lockout
from tests.support import people_files
from tests.support.factories import make_organisation, make_user
from tests.support.portal import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def is_waited_for() -> bool:
    """Return whether another connection waits for this one. On SQLite, which has one lock for all, it will."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


def run(work: Callable[[], object], failed: list[BaseException]) -> threading.Thread:
    """Start `work` in a thread of its own, which notes what it raises."""

    def work_and_tell() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told to the test.
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work_and_tell)
    thread.start()
    return thread


@pytest.mark.parametrize("other", ["the tidying", "the helpdesk"])
def test_who_recovers_meanwhile_gets_in(other: str) -> None:
    """A recovery holds its person when it comes to their counters, so the others take the two in the same order."""
    user = make_user()
    lockout.record_failure(username=user.username)
    Lockout.objects.update(last_failure_at=timezone.now() - datetime.timedelta(hours=1))
    failed: list[BaseException] = []
    works = {"the tidying": lockout.delete_forgotten, "the helpdesk": lambda: lockout.unlock(user=user, by=None)}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        thread = run(works[other], failed)
        wait_until(is_waited_for)
        lockout.unlock(user=user, by=None)
    thread.join()
    assert failed == []
    assert not Lockout.objects.exists()


def test_an_import_takes_people_in_the_order_of_the_tidying_whatever_the_order_of_its_lines() -> None:
    organisation = make_organisation(code="999")
    numbers = ("10000001", "10000002")
    first, second = (make_user(organisation=organisation, employee_number=number) for number in numbers)
    failed: list[BaseException] = []
    lines = [people_files.jo(employee_number=user.employee_number, given_name="Ann") for user in (second, first)]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=first.pk)
        thread = run(lambda: people_files.run(*lines), failed)
        wait_until(is_waited_for)
        lockout.unlock(user=second, by=None)
    thread.join()
    assert failed == []
    assert set(User.objects.values_list("given_name", flat=True)) == {"Ann"}
