"""Check-ups: one worker of many makes them, each hour and when an operator asks, also where one died over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts import jobs
from accounts.models import CheckUp
from helpdesk.doctor import checking_up, checks
from helpdesk.doctor.checking_up import CheckingUp
from helpdesk.doctor.findings import Check, Found, advice, failure, warning
from helpdesk.services import check_ups
from people.services import rights
from tests.support.database import is_sqlite
from tests.support.helpdesk import make_lead, make_operator
from tests.support.threads import all_at_once

if TYPE_CHECKING:
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def test_the_first_is_due_at_once_and_the_next_after_an_hour(travel: Travel) -> None:
    assert check_ups.begin()
    assert not check_ups.begin()
    check_ups.end(findings=[])
    travel(minutes=59)
    assert not check_ups.begin()
    travel(minutes=2)
    assert check_ups.begin()


def test_what_failed_is_looked_at_again_after_five_minutes(travel: Travel) -> None:
    """When a machine starts, a worker is there before the portal that it asks for at BASE_URL."""
    check_ups.begin()
    check_ups.end(findings=[Found("proxy", failure("Nothing can be asked.", "Look at it.")).as_json()])
    travel(minutes=4)
    assert not check_ups.begin()
    travel(minutes=2)
    assert check_ups.begin()
    check_ups.end(findings=[Found("proxy", warning("It is slow.", "Look at it.")).as_json()])
    travel(minutes=6)
    assert not check_ups.begin()


def test_an_operator_who_asks_need_not_wait_for_the_hour(travel: Travel) -> None:
    assert check_ups.begin()
    check_ups.end(findings=[])
    travel(seconds=1)
    check_ups.ask(by=make_operator())
    assert check_ups.is_under_way(check_up=check_ups.newest())
    travel(seconds=1)
    assert check_ups.begin()
    assert not check_ups.begin()
    check_ups.end(findings=[])
    assert not check_ups.is_under_way(check_up=check_ups.newest())


def test_who_is_no_operator_may_not_ask() -> None:
    with pytest.raises(rights.NotAllowed):
        check_ups.ask(by=make_lead())
    assert not CheckUp.objects.exists()


def test_where_a_worker_died_over_it_another_makes_it(travel: Travel) -> None:
    assert check_ups.begin()
    travel(minutes=4)
    assert not check_ups.begin()
    travel(minutes=2)
    assert check_ups.begin()


def test_a_clock_that_was_ahead_does_not_put_it_off_for_ever(travel: Travel) -> None:
    travel(days=30)
    check_ups.begin()
    check_ups.end(findings=[])
    travel.back()
    assert check_ups.begin()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(is_sqlite(), reason="SQLite has one writer at a time")
def test_of_many_workers_one_makes_it() -> None:
    assert sorted(all_at_once([check_ups.begin] * 8)) == [*[False] * 7, True]


@pytest.mark.django_db(transaction=True)
def test_a_worker_keeps_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs.beside_the_mails()["checking up"] is CheckingUp
    monkeypatch.setattr(checks, "SLOW", (Check("proxy", lambda: [advice("It could be better.", "Look.")]),))
    CheckingUp().do_what_is_due()
    found = CheckUp.objects.get()
    assert found.findings == [{"check": "proxy", "severity": "advice", "what": "It could be better.", "mend": "Look."}]
    assert found.machine
    assert found.ended_at is not None
    assert checking_up.BETWEEN_LOOKS <= 10


def test_every_slow_check_ends_within_the_lease() -> None:
    """Those to other servers end sooner by themselves, so that they do not add up to this."""
    from helpdesk.doctor import examining

    assert examining.DEADLINE * len(checks.SLOW) <= check_ups.LEASE.total_seconds()
