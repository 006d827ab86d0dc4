"""Threats to a person with two accounts in one browser: that one opens what it should not, or outlives its end."""

from __future__ import annotations

import datetime
import functools
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.http.cookie import SimpleCookie
from django.urls import reverse
from django.utils import timezone

from accounts.browser import about
from accounts.browser.other_accounts import Kept
from accounts.models import CareIdentity, Session, User
from accounts.models.session import stored_key
from accounts.services import care_identity_log_outs, password_policy, sessions
from tests.support.care_identity import UID, let_apps_in, link, log_in_by_care_identity, smartcard
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.freezing import not_me_path
from tests.support.links import link_path
from tests.support.steps import PortalClient, about_in, come_in
from tests.support.threads import all_at_once
from tests.support.two_accounts import SWITCH, log_in_too, make_southern, person_in, shown_to, switch

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def north() -> User:
    return make_user()


@pytest.fixture
def south() -> User:
    return make_southern()


@pytest.fixture
def both_in(client: PortalClient, north: User, south: User) -> PortalClient:
    """Return a browser that is used with the southern account and logged in to the northern one too."""
    come_in(client, north)
    log_in_too(client, south)
    assert person_in(client) == south.pk
    return client


def copy_of(client: PortalClient) -> PortalClient:
    thief = PortalClient()
    thief.cookies = SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()})
    return thief


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


def test_no_form_leads_to_a_person_whose_account_is_not_linked_nor_logged_in(
    both_in: PortalClient, south: User
) -> None:
    """Threat: an attacker sends what a form says of another person: the same name, the same mailbox, the same agent."""
    strangers = [make_user(email=south.email), link(make_user(), "555000000111"), make_user(is_staff=True)]
    for stranger in [*strangers, south]:
        assert switch(both_in, stranger)["Location"] == "/your-accounts/"
        assert person_in(both_in) == south.pk
    for nonsense in ("", "0", str(strangers[0].pk), "\ud800", "é" * 64, "x" * 10_000):
        answer = both_in.post(SWITCH, {**shown_to(both_in), "account": nonsense.encode("utf-8", "replace").decode()})
        assert answer["Location"] == "/your-accounts/"
    assert both_in.get(SWITCH)["Location"] == "/your-accounts/"
    assert person_in(both_in) == south.pk


def test_what_one_browser_has_parked_opens_nothing_in_another(
    both_in: PortalClient, other_client: PortalClient, north: User, south: User
) -> None:
    """Threat: the person's password for one account, in the attacker's browser, opens both."""
    come_in(other_client, south)
    assert switch(other_client, north)["Location"] == "/your-accounts/"
    assert person_in(other_client) == south.pk


@pytest.mark.parametrize("change", [{"is_active": False}, {"ends_on": "2020-01-01"}, {"starts_on": "2999-01-01"}])
def test_a_parked_session_ends_with_its_account(
    both_in: PortalClient, north: User, south: User, change: dict[str, object]
) -> None:
    """Threat: a dismissed person goes on in the account that was out of sight."""
    User.objects.filter(pk=north.pk).update(**change)
    assert "another" in switch(both_in, north)["Location"]
    assert person_in(both_in) == south.pk


def test_a_password_that_must_be_changed_is_changed_first(both_in: PortalClient, north: User) -> None:
    """Threat: the helpdesk asks for a new password, and a parked session goes on without one."""
    User.objects.filter(pk=north.pk).update(must_change_password=True)
    switch(both_in, north)
    assert both_in.get("/my-esr/")["Location"] == "/change-password/"


def test_a_new_password_ends_the_parked_session(both_in: PortalClient, north: User, south: User) -> None:
    """Threat: an attacker with the old password stays logged in, parked."""
    password_policy.set_password(user=north, password=NEW_PASSWORD)
    switch(both_in, north)
    assert person_in(both_in) == south.pk


def test_ending_all_sessions_ends_the_parked_one(both_in: PortalClient, north: User, south: User) -> None:
    """Threat: a session that the person or the helpdesk has ended comes back by a switch."""
    assert sessions.end_all(user=north) == 1
    switch(both_in, north)
    assert person_in(both_in) == south.pk


def test_a_parked_session_is_not_kept_warm_by_the_other(both_in: PortalClient, north: User, travel: Travel) -> None:
    """Threat: a switch to and fro makes a session last for ever."""
    for _ in range(8 * 5):
        travel(minutes=12)
        switch(both_in, north if person_in(both_in) != north.pk else User.objects.exclude(pk=north.pk).get())
    travel(minutes=3)
    assert not is_in(both_in)


def test_a_switch_proves_nothing_anew(client: PortalClient, north: User, south: User, travel: Travel) -> None:
    """Threat: at a PC left open, a switch stands for the proof that is asked for before the account is changed."""
    log_in_by_care_identity(client, link(north))
    link(south)
    log_in_too(client, third := make_user())
    travel(minutes=6)
    for there in (north, south, third, north):
        switch(client, there)
        assert person_in(client) == there.pk
        assert not sessions.is_proved_lately(session=client.session)


def test_what_proves_one_account_proves_not_the_other(
    client: PortalClient, north: User, south: User, travel: Travel
) -> None:
    """Threat: who knows the password of the one account types it there, and changes the ways into the other."""
    log_in_by_care_identity(client, link(north))
    link(south)
    travel(minutes=6)
    client.post(reverse("security_confirm"), {**shown_to(client), "current_password": PASSWORD})
    assert sessions.is_proved_lately(session=client.session)
    switch(client, south)
    assert person_in(client) == south.pk
    assert not sessions.is_proved_lately(session=client.session)


@pytest.mark.parametrize("change", ["unlinked", "level", "logged out there", "deactivated"])
def test_what_care_identity_opens_no_more_is_not_opened_by_a_switch(
    client: PortalClient, north: User, south: User, change: str
) -> None:
    """Threat: the proof of hours ago opens what a log-in with it would not open now."""
    log_in_by_care_identity(client, let_apps_in(link(north)), smartcard(level=2, methods=("TOTP",)))
    let_apps_in(link(south))
    page = shown_to(client)
    if change == "unlinked":
        CareIdentity.objects.filter(user=south).delete()
    elif change == "level":
        south.organisation.care_identity_level = 3
        south.organisation.save()
    elif change == "deactivated":
        User.objects.filter(pk=south.pk).update(is_active=False)
    else:
        care_identity_log_outs.end(uid=UID, session="", at=timezone.now() + datetime.timedelta(seconds=1))
    client.post(SWITCH, {**page, "account": about.person(south)})
    assert person_in(client) == (0 if change == "logged out there" else north.pk)


def test_a_thief_of_the_database_opens_no_parked_session(both_in: PortalClient, settings: Settings) -> None:
    """Threat: a copy of the database holds what a browser would send."""
    mine, parked = both_in.session, Kept(*both_in.session["other_accounts"][0])
    assert stored_key(parked.key) in Session.objects.values_list("pk", flat=True)
    # What the row of the session in use says, whose signature hides nothing.
    assert parked.key not in json.dumps(dict(mine.items()))
    rows = [str(value) for row in Session.objects.values_list() for value in row]
    for value in [parked.sealed, parked.sealed[:32], parked.sealed[-32:], *rows]:
        thief = PortalClient()
        thief.cookies[COOKIE] = value.replace("\n", "")
        assert not is_in(thief)
    # Neither with another secret key nor as another person's does it open.
    assert Kept(parked.user_id + 1, parked.sealed).key == ""
    settings.SECRET_KEY = "another " * 8
    assert parked.key == ""


def test_a_cookie_copied_before_a_switch_is_worth_nothing_after(client: PortalClient, north: User, south: User) -> None:
    """Threat, session fixation: an attacker who has seen a cookie waits for the next account to be opened under it."""
    come_in(client, north)
    thieves = [copy_of(client)]
    log_in_too(client, south)
    thieves.append(copy_of(client))
    switch(client, north)
    assert person_in(client) == north.pk
    assert [is_in(thief) for thief in thieves] == [False, False]
    switch(client, south)
    assert is_in(client)


@pytest.mark.parametrize("end", ["log-out", "time-out", "another log-in", "recovery", "this was not me", "its mail"])
def test_what_ends_the_session_in_use_ends_those_that_it_holds(
    both_in: PortalClient, north: User, south: User, end: str, travel: Travel
) -> None:
    """Threat: the next person at the same PC finds an account that the person before had parked."""
    if end == "log-out":
        both_in.post("/log-out/")
    elif end == "time-out":
        travel(minutes=15, seconds=1)
        both_in.get("/my-esr/")
    elif end == "another log-in":
        both_in.post("/log-in/", {"username": make_user().username, "password": PASSWORD})
    elif end == "this was not me":
        both_in.post("/my-esr/security/this-was-not-me/", shown_to(both_in))
    elif end == "its mail":
        page = both_in.get(not_me_path(south))["Location"]
        both_in.post(page, about_in(both_in.get(page)))
    else:
        page = both_in.get(link_path(make_user()))["Location"]
        both_in.post(page.replace("/new-password/", "/log-out/"), about_in(both_in.get(page)))
    assert not Session.objects.filter(user_id=north.pk).exists()
    assert "other_accounts" not in both_in.session


def test_a_half_finished_log_in_hands_the_first_account_to_no_other_log_in(
    client: PortalClient, north: User, south: User
) -> None:
    """Threat: the next person logs in over a log-in to a second account that was not finished, and gets the first."""
    User.objects.filter(pk=south.pk).update(must_change_password=True)
    come_in(client, north)
    assert log_in_too(client, south)["Location"] == "/log-in/change-password/"
    next_person = make_user()
    client.post("/log-in/", {"username": next_person.username, "password": PASSWORD})
    assert person_in(client) == next_person.pk
    assert "other_accounts" not in client.session
    assert not Session.objects.filter(user_id=north.pk).exists()


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_switches_at_once_one_session_of_each_account_is_left(both_in: PortalClient, north: User) -> None:
    """Threat: two presses at the same moment make two sessions of one, one of which no log-out ends."""
    sent: dict[str, Any] = {**shown_to(both_in), "account": about.person(north)}
    browsers = [copy_of(both_in) for _ in range(4)]
    all_at_once([functools.partial(browser.post, SWITCH, sent) for browser in browsers])
    assert Session.objects.filter(user_id=north.pk).count() == 1
    assert [is_in(browser) for browser in browsers].count(True) == 1
