"""Threats: what belongs to one account is found by a name, and the name is another account's by now (2026's flaws).

A username is for good, but an operator can correct one in the database, or delete a person whose name is given again.
"""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY

from accounts.browser import about, device_cookies
from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import device_cookies as counted
from accounts.services import lockout, second_step
from accounts.services.second_step import passkeys
from tests.support.authenticator import PhoneApp
from tests.support.factories import PASSWORD, make_user
from tests.support.passkeys import log_in_with, registered
from tests.support.remembered_browsers import CHALLENGE, log_in_with_tick
from tests.support.steps import PortalClient, about_in, come_in, log_in
from tests.support.two_accounts import ask_to_stay, log_in_too, make_southern, person_in, switch

pytestmark = pytest.mark.django_db

SPELLINGS = ("999zoe01", " 999ZOE01\u00a0", "９９９ｚｏｅ０１", "999-Zoë 01", "999zo\u00ad\u200be01")


@pytest.fixture
def attacker() -> User:
    """Return a person with an account of their own, who wants another's."""
    user = make_user(username="999ATTACK01")
    PhoneApp.of(user)
    return user


@pytest.fixture
def victim() -> User:
    """Return a person with a second step, and with the same password, which is the most that can be known of it."""
    user = make_user(username="999VICTIM01")
    PhoneApp.of(user)
    return user


def swap_names(one: User, other: User) -> None:
    """Give each of two people the other's username."""
    for user, name in ((one, "999NOBODY01"), (other, one.username), (one, other.username)):
        row = User.objects.get(pk=user.pk)
        row.username = name
        row.save()
    for user in (one, other):
        user.refresh_from_db()


def delete_and_give_the_name_again(user: User) -> User:
    """Delete a person; return a new one with their username and password."""
    name = user.username
    user.delete()
    return make_user(username=name)


def enters(client: PortalClient, user: User) -> str:
    """Log in with the password alone; return where that leads."""
    page: str = client.post("/log-in/", {"username": user.username, "password": PASSWORD})["Location"]
    return page


def test_a_remembered_browser_stays_with_its_account(client: PortalClient, attacker: User, victim: User) -> None:
    """Threat: with the other's name the attacker's browser is not asked for the other's second step."""
    log_in_with_tick(client, attacker)
    swap_names(attacker, victim)
    for user in (victim, attacker):
        assert enters(client, user) == CHALLENGE, user.username


def test_a_device_cookie_stays_with_its_account(client: PortalClient, attacker: User, victim: User) -> None:
    """Threat: with the other's name the attacker's browser has a counter of wrong passwords of its own for it."""
    log_in_with_tick(client, attacker)
    cookie = device_cookies.cookie_for(attacker.username)
    digest = device_cookies.counter_digest(cookie, value=client.cookies[f"__Host-{cookie.name}"].value)
    assert counted.counts(username=attacker.username, digest=digest)
    swap_names(attacker, victim)
    assert not counted.counts(username=victim.username, digest=digest)


def test_a_log_in_under_way_stays_with_its_account(client: PortalClient, attacker: User, victim: User) -> None:
    """Threat: a log-in that waits at its second step goes on as the person who has the name by then."""
    log_in(client, attacker)
    swap_names(attacker, victim)
    page = client.get(CHALLENGE)
    assert victim.username not in page.text
    client.post(CHALLENGE, {**about_in(page), "code": PhoneApp.of(attacker).code()})
    assert person_in(client) == attacker.pk


def test_a_session_and_a_parked_one_stay_with_their_accounts(client: PortalClient, victim: User) -> None:
    """Threat: the session of the account that had a name is the session of the one that has it now."""
    one, other = make_user(), make_southern()
    come_in(client, one)
    log_in_too(client, other)
    swap_names(one, victim)
    assert switch(client, victim)["Location"] == "/your-accounts/"
    switch(client, one)
    assert person_in(client) == one.pk


def test_a_passkey_stays_with_its_account(client: PortalClient, attacker: User, victim: User) -> None:
    """Threat: the attacker's passkey opens the account that has the name under which the passkey was made."""
    authenticator, passkey = registered(attacker)
    swap_names(attacker, victim)
    log_in_with(client, authenticator)
    assert person_in(client) == attacker.pk
    client.post("/log-out/")
    # Nor is it the other's second step.
    assert enters(client, victim) == CHALLENGE
    form = about_in(client.get(CHALLENGE))
    assert client.post("/passkeys/second-step/begin/", form).status_code == 403
    assert list(passkeys.theirs(user=victim)) == []
    assert passkey.user_id == attacker.pk


@pytest.mark.parametrize("change", ["deactivated", "ended", "removed", "deleted, and the name given again"])
def test_no_passkey_outlives_what_it_should_not(client: PortalClient, attacker: User, change: str) -> None:
    """Threat: a leaver, or the holder of a phone that was taken off the account, still gets in by their passkey."""
    authenticator, passkey = registered(attacker)
    asked = client.post("/passkeys/log-in/begin/").json()
    heir = None
    if change == "deactivated":
        User.objects.filter(pk=attacker.pk).update(is_active=False)
    elif change == "ended":
        User.objects.filter(pk=attacker.pk).update(ends_on="2020-01-01")
    elif change == "removed":
        passkeys.remove(user=attacker, pk=passkey.pk)
    else:
        heir = delete_and_give_the_name_again(attacker)
    # By the page that was open before, and by one that is opened now.
    client.post("/passkeys/log-in/", {"credential": authenticator.use(asked)})
    assert person_in(client) == 0
    log_in_with(client, authenticator)
    assert person_in(client) == 0
    if heir:
        assert not second_step.is_set_up(user=heir)
        assert not SecurityEvent.objects.filter(user=heir).exists()


def test_nothing_of_a_deleted_person_is_the_next_ones_who_has_the_name(
    client: PortalClient, other_client: PortalClient, attacker: User
) -> None:
    """Threat: a name that was given again brings its first owner's browsers, sessions and log-ins under way with it."""
    log_in_with_tick(client, attacker)
    log_in(other_client, attacker)
    heir = delete_and_give_the_name_again(attacker)
    assert other_client.get(CHALLENGE)["Location"] == "/log-in/"
    PhoneApp.of(heir)
    assert enters(client, heir) == CHALLENGE
    assert not client.session.get(SESSION_KEY)


def test_a_name_is_the_same_however_it_is_spelt_on_every_way(client: PortalClient) -> None:
    """Threat: a spelling that one path folds and another does not has counters and browsers of its own."""
    user = make_user(username="999ZOE01")
    PhoneApp.of(user)
    log_in_with_tick(client, user)
    for spelling in SPELLINGS:
        answer = client.post("/log-in/", {"username": spelling, "password": PASSWORD})
        assert answer["Location"] == "/my-esr/", f"{spelling!r} is not asked for a code here"
        client.post("/log-out/")
    # The form for another account is a second path to the same counter.
    log_in(client, make_user())
    ask_to_stay(client)
    for n in range(lockout.LIMIT):
        client.post("/log-in/", {"username": SPELLINGS[n % len(SPELLINGS)], "password": "not the password at all"})
    assert SecurityEvent.objects.filter(user=user, event=Event.LOCKED).count() == 1
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 200


def test_the_second_step_of_one_log_in_is_not_passed_in_another(
    client: PortalClient, attacker: User, victim: User
) -> None:
    """Threat: two log-ins in two tabs of one browser, and the code or passkey of the first lets in the second."""
    authenticator, _ = registered(attacker)
    log_in(client, attacker)
    mine = about_in(client.get(CHALLENGE))
    begun = client.post("/passkeys/second-step/begin/", mine).json()
    log_in(client, victim)
    theirs = about_in(client.get(CHALLENGE))
    code, credential = PhoneApp.of(attacker).code(), authenticator.use(begun)
    assert client.post(CHALLENGE, {**mine, "code": code}).status_code == 409
    assert client.post("/passkeys/second-step/", {**mine, "credential": credential}).status_code == 409
    client.post("/passkeys/second-step/", {**theirs, "credential": credential})
    client.post(CHALLENGE, {**theirs, "code": code})
    assert person_in(client) == 0
    assert not SecurityEvent.objects.filter(user=victim, event=Event.SECOND_STEP_PASSED).exists()
    # The second log-in goes on.
    assert client.get(CHALLENGE).status_code == 200


def test_a_wish_to_stay_logged_in_is_its_own_sessions(client: PortalClient, attacker: User) -> None:
    """Threat: a person asks to stay, another logs in in the next tab, and the first tab's form parks that person."""
    una, ola = make_user(), make_user()
    log_in(client, una)
    ask_to_stay(client)
    client.post("/log-out/")
    log_in(client, ola)
    client.post("/log-in/", {"username": una.username, "password": PASSWORD})
    assert person_in(client) == una.pk
    assert "other_accounts" not in client.session
    assert about.person(ola) not in client.get("/your-accounts/").text
