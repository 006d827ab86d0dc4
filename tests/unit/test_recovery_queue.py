"""services/recovery/queueing.py: a burst from one network does not delay the requests of others."""

from __future__ import annotations

import pytest

from accounts.models import OutboxMessage, RecoveryRequest
from accounts.models.outbox import Kind
from accounts.services import events, outbox, recovery
from accounts.services.recovery import queueing
from tests.support.factories import DATE_OF_BIRTH
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

ATTACKERS, HOSPITALS, OWNERS = "203.0.113.7", "198.51.100.7", "192.0.2.7"


def ask(address: str, name: str) -> None:
    with events.coming_from(events.Origin(address=address)):
        recovery.ask(email=f"{name}@nhs.net", date_of_birth=DATE_OF_BIRTH)


def in_order() -> list[str]:
    """Return who is decided, in the order in which workers take the requests."""
    names = []
    while (row := outbox.claim(kinds={Kind.DECIDE_RECOVERY})) is not None:
        request = RecoveryRequest.objects.get(pk=row.about["request"])
        names.append(request.email.partition("@")[0])
        recovery.decide(request_id=request.pk)
        outbox.finish(message=row)
    return names


def test_a_request_behind_a_burst_from_another_network_is_next_but_one() -> None:
    """Threat: made-up requests from one machine delay the real ones."""
    for _ in range(30):
        ask(ATTACKERS, "burst")
    ask(OWNERS, "owner")
    assert in_order().index("owner") == 1


def test_a_burst_is_taken_as_it_came_where_no_other_network_waits() -> None:
    names = [f"person{number}" for number in range(8)]
    for name in names:
        ask(HOSPITALS, name)
    assert in_order() == names


def test_two_networks_with_many_requests_take_turns() -> None:
    """A hospital at shift change and an attacker: the hospital gets half."""
    for _ in range(20):
        ask(ATTACKERS, "burst")
    for number in range(5):
        ask(HOSPITALS, f"person{number}")
    assert [name for name in in_order()[:10] if name != "burst"] == [f"person{number}" for number in range(5)]


def test_a_network_has_no_debt_once_its_requests_are_decided() -> None:
    for _ in range(20):
        ask(HOSPITALS, "morning")
    in_order()
    ask(ATTACKERS, "burst")
    ask(HOSPITALS, "late")
    ask(ATTACKERS, "burst")
    assert in_order().index("late") == 1


def test_what_waits_for_another_reason_holds_nothing_back(travel: Travel) -> None:
    """A slowed request, or a row that failed, waits for hours. What its network sends meanwhile is on time."""
    ask(HOSPITALS, "slowed")
    travel(hours=1)
    row = outbox.claim(kinds={Kind.DECIDE_RECOVERY})
    assert row is not None
    outbox.fail(message=row, error="the database was away")
    ask(HOSPITALS, "late")
    assert in_order() == ["late"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.250", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("203.0.113.7", "::ffff:203.0.113.8", True),
        ("2001:db8:1:2::7", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::7", "2001:db8:2::7", False),
        ("", "not an address", True),
        ("", "0.0.0.7", False),
    ],
)
def test_what_one_network_is(one: str, other: str, same: bool) -> None:
    assert (queueing.network_digest(address=one) == queueing.network_digest(address=other)) is same


def test_the_address_is_not_kept_and_its_network_no_longer_than_the_request_waits() -> None:
    ask(OWNERS, "owner")
    request = RecoveryRequest.objects.get()
    assert OWNERS.rpartition(".")[0] not in str([*RecoveryRequest.objects.values(), *OutboxMessage.objects.values()])
    assert len(request.network) == 64
    recovery.decide(request_id=request.pk)
    request.refresh_from_db()
    assert request.network == ""
