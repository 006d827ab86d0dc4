"""Threats to sessions that began with Care Identity: left open, or out of its reach."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup

from accounts.models import CareIdentityLogOut, Session, User
from accounts.services import care_identity_log_outs
from tests.support.care_identity import UID, link, log_in_by_care_identity, smartcard
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.steps import PortalClient, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def is_in(client: PortalClient, path: str = "/my-esr/") -> bool:
    return client.get(path).status_code == 200


def end_there() -> int:
    """Have Care Identity end its session there-1."""
    return care_identity_log_outs.end(uid="", session="there-1", at=datetime.datetime.now(datetime.UTC))


@pytest.fixture
def inside(client: PortalClient, user: User) -> PortalClient:
    return log_in_by_care_identity(client, user, smartcard(session="there-1"))


def test_fifteen_idle_minutes_end_it(inside: PortalClient, travel: Travel) -> None:
    """Threat: a PC left open on the ward, with or without the card in it."""
    travel(minutes=14)
    assert is_in(inside)
    travel(minutes=15, seconds=1)
    assert not is_in(inside)


def test_twelve_hours_end_it_whatever_happens(inside: PortalClient, travel: Travel) -> None:
    """Threat: a stolen cookie that is kept warm for ever. A shift is twelve hours long."""
    for _ in range(12 * 5):
        assert is_in(inside)
        travel(minutes=12)
    travel(seconds=1)
    assert not is_in(inside)


def test_an_admin_is_out_sooner_however_they_came(travel: Travel) -> None:
    """Threat: a PC left open at the helpdesk. Care Identity's own limits are longer."""
    admin = link(make_user(is_staff=True, is_superuser=True))
    desk = log_in_by_care_identity(PortalClient(), admin, smartcard(session="there-1"))
    for _ in range(4 * 6):
        assert is_in(desk, "/admin/")
        travel(minutes=9, seconds=55)
    travel(minutes=3)
    assert not is_in(desk, "/admin/")
    desk = log_in_by_care_identity(PortalClient(), admin, smartcard(session="there-2"))
    travel(minutes=10, seconds=1)
    assert not is_in(desk, "/admin/")


def test_people_are_warned_before_it_ends(inside: PortalClient) -> None:
    """WCAG 2.2.1."""
    warning = BeautifulSoup(inside.get("/my-esr/").content, "html.parser").select_one("#session-warning")
    assert warning is not None
    assert warning["data-warn-after-seconds"] == str(15 * 60 - 30 - 120)
    assert warning["data-warning-seconds"] == "120"


def test_care_identity_still_reaches_it_after_a_change_of_password(inside: PortalClient, user: User) -> None:
    """Threat: the new key that a change of password gives the session loses what Care Identity ends it by."""
    before = inside.cookies["__Host-session"].value
    form = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert send(inside, "/change-password/", form).status_code == 302
    assert inside.cookies["__Host-session"].value != before
    row = Session.objects.get()
    assert (row.user_id, row.care_identity_uid, row.care_identity_session) == (user.pk, UID, "there-1")
    assert is_in(inside)
    assert end_there() == 1
    assert not is_in(inside)


def test_a_change_of_password_ends_it_elsewhere(inside: PortalClient, other_client: PortalClient, user: User) -> None:
    """Threat: the attacker at the other PC stays in. A password is changed because something went wrong."""
    log_in(other_client, user)
    send(other_client, "/change-password/", {"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    assert not is_in(inside)
    assert is_in(other_client)


def test_a_log_in_with_a_password_after_it_is_out_of_care_identitys_hands(inside: PortalClient, user: User) -> None:
    """Threat: the name of the session before is left in the next one, which another person's log-out then ends."""
    log_in(inside, user)
    row = Session.objects.get()
    assert (row.care_identity_uid, row.care_identity_session) == ("", "")
    assert end_there() == 0
    assert is_in(inside)


def test_it_takes_no_other_persons_session_along(inside: PortalClient, other_client: PortalClient) -> None:
    """Threat: one person's log-out ends another's session."""
    log_in_by_care_identity(other_client, link(make_user(), "555000000998"), smartcard(uid="555000000998", session="2"))
    assert end_there() == 1
    assert is_in(other_client)
    assert not is_in(inside)


def test_a_log_out_here_is_none_there(inside: PortalClient) -> None:
    """Care Identity's own session goes on: logging in anew in it is no log-in that it has ended."""
    inside.post("/log-out/")
    assert not CareIdentityLogOut.objects.exists()
