"""Who may use a username and password outside, and what must be shown to change that."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from accounts.log_in_under_way import LogInUnderWay
from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, internet_access, last_check, log_in
from accounts.services.internet_access import Missing, Status
from tests.support.care_identity import INSIDE, OUTSIDE, link, smartcard, trust
from tests.support.factories import PASSWORD, make_organisation, make_user

pytestmark = pytest.mark.django_db

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
ON: dict[str, Any] = {"internet_access_since": LONG_AGO}
WITHDRAWN: dict[str, Any] = {"internet_access_withdrawn_at": LONG_AGO}


def somebody(*, asks: bool = True, **facts: Any) -> User:
    """Return a person at an organisation with one network, which asks for internet access or not."""
    organisation = make_organisation(requires_internet_access=asks)
    trust(organisation)
    return make_user(organisation=organisation, **facts)


def reasons() -> list[str]:
    return list(SecurityEvent.objects.filter(event=Event.LOG_IN_FAILED).values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("asks", "facts", "status", "works"),
    [
        (True, {}, Status.NOT_REQUESTED, False),
        (False, {}, Status.NOT_REQUESTED, True),
        (True, ON, Status.ON, True),
        (False, ON, Status.ON, True),
        (True, WITHDRAWN, Status.WITHDRAWN, False),
        (False, WITHDRAWN, Status.WITHDRAWN, False),
    ],
)
def test_a_password_works_outside_for_those_who_may(
    asks: bool, facts: dict[str, Any], status: Status, works: bool
) -> None:
    user = somebody(asks=asks, **facts)
    assert internet_access.status(user=user) is status
    assert internet_access.works_outside(user=user) is works
    for address in (OUTSIDE, "", "no address"):
        outside = log_in.check_password(username=user.username, password=PASSWORD, address=address)
        assert (outside.user is not None) is works
    assert set(reasons()) == (set() if works else {"outside_network"})
    inside = log_in.check_password(username=user.username, password=PASSWORD, address=INSIDE)
    assert inside.user == user
    assert log_in.check_password(username=user.username, password=PASSWORD).user == user


def test_a_wrong_password_outside_is_written_down_as_wrong() -> None:
    user = somebody()
    log_in.check_password(username=user.username, password="not the right one", address=OUTSIDE)
    assert reasons() == ["wrong_password"]


def test_djangos_own_way_to_authenticate_asks_where_from() -> None:
    user = somebody()
    with events.coming_from(events.Origin(address=INSIDE)):
        assert authenticate(None, username=user.username, password=PASSWORD) == user
    with events.coming_from(events.Origin(address=OUTSIDE)):
        assert authenticate(None, username=user.username, password=PASSWORD) is None
    assert authenticate(None, username=user.username, password=PASSWORD) is None


@pytest.mark.parametrize(("address", "finishes"), [(INSIDE, True), (OUTSIDE, False), (None, True)])
def test_the_last_look_asks_where_from_too(address: str | None, finishes: bool) -> None:
    """Internet access withdrawn while the person is logging in takes effect at once."""
    user = somebody(**WITHDRAWN)
    under_way = LogInUnderWay(password_fingerprint=log_in.fingerprint(user))
    assert finishes is last_check.may_finish(user=user, under_way=under_way, address=address)


@pytest.mark.parametrize(
    ("given", "address", "missing"),
    [
        ({}, INSIDE, []),
        ({}, OUTSIDE, [Missing.NETWORK]),
        ({}, "", [Missing.NETWORK]),
        (None, INSIDE, [Missing.CARE_IDENTITY]),
        (None, OUTSIDE, [Missing.CARE_IDENTITY, Missing.NETWORK]),
        ({"level": 2, "methods": ("TOTP",)}, INSIDE, [Missing.SMARTCARD]),
        ({"level": 2}, INSIDE, [Missing.SMARTCARD]),
        ({"methods": ()}, INSIDE, [Missing.SMARTCARD]),
        ({"minutes_ago": 16}, INSIDE, [Missing.FRESH]),
        ({"minutes_ago": -5}, INSIDE, [Missing.FRESH]),
        ({"level": 2, "minutes_ago": 16}, OUTSIDE, [Missing.SMARTCARD, Missing.FRESH, Missing.NETWORK]),
        ({"uid": "555000000998"}, INSIDE, [Missing.CARE_IDENTITY]),
    ],
)
def test_what_is_missing_is_told_exactly(given: dict[str, Any] | None, address: str, missing: list[Missing]) -> None:
    user = link(somebody())
    proof = None if given is None else smartcard(**given)
    assert internet_access.what_is_missing(user=user, proof=proof, address=address) == missing


def test_where_no_network_is_known_nobody_can_be_in_one() -> None:
    user = link(make_user())
    trust(make_organisation(code="998", name="Southern Care"))
    missing = internet_access.what_is_missing(user=user, proof=smartcard(), address=INSIDE)
    assert missing == [Missing.ANY_NETWORK]


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("jo.smith@nhs.net", "j•••••@nhs.net"),
        ("j@nhs.net", "•••••@nhs.net"),
        ("jo@hospital.nhs.uk", "j•••••@hospital.nhs.uk"),
    ],
)
def test_the_email_address_is_masked(email: str, masked: str) -> None:
    assert internet_access.masked_email(user=make_user(email=email)) == masked


def test_the_helpdesk_gives_it_without_a_password() -> None:
    user, agent = make_user(password=None, care_identity_only=True, **WITHDRAWN), make_user()
    assert internet_access.grant_by_helpdesk(user=user, by=agent)
    user.refresh_from_db()
    assert internet_access.status(user=user) is Status.ON
    assert not user.has_usable_password()
    event = SecurityEvent.objects.get()
    assert (event.event, event.user_id, event.by_id) == (Event.INTERNET_ACCESS_GRANTED, user.pk, agent.pk)
    message = OutboxMessage.objects.get()
    assert (message.kind, message.about) == (
        Kind.INTERNET_ACCESS_GRANTED,
        {"users": [user.pk], "event": event.pk, "by_helpdesk": True},
    )


def test_the_helpdesk_gives_it_once() -> None:
    user = make_user(internet_access_since=LONG_AGO)
    assert not internet_access.grant_by_helpdesk(user=user, by=make_user())
    user.refresh_from_db()
    assert user.internet_access_since == LONG_AGO
    assert not SecurityEvent.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_the_helpdesk_withdraws_it() -> None:
    user, agent = make_user(internet_access_since=timezone.now()), make_user()
    assert internet_access.withdraw(user=user, by=agent)
    assert not internet_access.withdraw(user=user, by=agent)
    user.refresh_from_db()
    assert internet_access.status(user=user) is Status.WITHDRAWN
    event = SecurityEvent.objects.get()
    assert (event.event, event.user_id, event.by_id) == (Event.INTERNET_ACCESS_WITHDRAWN, user.pk, agent.pk)
    assert OutboxMessage.objects.get().kind == Kind.INTERNET_ACCESS_WITHDRAWN
