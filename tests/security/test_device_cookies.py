"""Threat: a stranger types ten wrong passwords for a person's username, again and again, to keep them from their work.

A browser that has logged in with a username before keeps a counter of its own (OWASP, device cookies).
"""

from __future__ import annotations

import pytest

from accounts.browser import device_cookies
from accounts.services import lockout
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def attempt(client: PortalClient, username: str, password: str = PASSWORD) -> bool:
    """Return whether the log-in form lets in."""
    return client.post("/log-in/", {"username": username, "password": password}).status_code == 302


def lock_from_elsewhere(username: str) -> None:
    """Do what a stranger's ten guesses in the form do: tests/security/test_log_in_tells_nothing.py sends them."""
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=username)
    assert lockout.is_locked(username=username)


def sent_by(client: PortalClient) -> dict[str, str]:
    """Return the device cookies that a browser holds."""
    names = {name: name.removeprefix("__Host-") for name in client.cookies}
    return {full: client.cookies[full].value for full, name in names.items() if device_cookies.is_device_cookie(name)}


def test_a_stranger_cannot_lock_the_owner_out_of_a_browser_they_use(client: PortalClient) -> None:
    user = make_user()
    log_in(client, user)
    client.post("/log-out/")
    lock_from_elsewhere(user.username)
    assert attempt(client, user.username)


def test_the_owner_is_locked_out_of_a_browser_that_does_not_know_them(other_client: PortalClient) -> None:
    """That is the price: recovery and the helpdesk open it again."""
    user = make_user()
    lock_from_elsewhere(user.username)
    assert not attempt(other_client, user.username)


def test_a_known_browser_may_guess_ten_times_too_and_no_more(client: PortalClient) -> None:
    """A stolen device cookie buys ten guesses, not a way round the limit."""
    user = make_user()
    log_in(client, user)
    client.post("/log-out/")
    for _ in range(lockout.LIMIT):
        assert not attempt(client, user.username, "a guess")
    assert not attempt(client, user.username)
    assert attempt(PortalClient(), user.username), "its guesses do not count against others"


def test_a_device_cookie_is_of_use_for_its_own_username_alone(client: PortalClient) -> None:
    """Each person who works here has one; it must not buy guesses at a colleague's password."""
    mine, theirs = make_user(), make_user()
    log_in(client, mine)
    client.post("/log-out/")
    (value,) = sent_by(client).values()
    client.cookies[f"__Host-{device_cookies.cookie_for(theirs.username).name}"] = value
    lock_from_elsewhere(theirs.username)
    assert not attempt(client, theirs.username)


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "nonce:1w0000:" + "A" * 43, "é" * 50, "x" * 4000])
def test_a_forged_device_cookie_is_none(client: PortalClient, forged: str) -> None:
    user = make_user()
    client.cookies[f"__Host-{device_cookies.cookie_for(user.username).name}"] = forged
    lock_from_elsewhere(user.username)
    assert not attempt(client, user.username)


def test_a_device_cookie_tells_neither_whose_it_is_nor_who_works_here(client: PortalClient) -> None:
    """A ward PC's cookies are read by the next person."""
    user = make_user()
    log_in(client, user)
    ((name, value),) = sent_by(client).items()
    for kept in (name, value):
        assert user.username.lower() not in kept.lower()
        assert user.email not in kept
        assert str(user.pk) != kept


def test_a_device_cookie_is_not_set_before_the_person_is_in(client: PortalClient) -> None:
    """Else asking would tell whether a name is real, and the second step could be gone round."""
    admin = make_user(is_staff=True)
    assert attempt(client, admin.username)
    assert not sent_by(client)
    attempt(client, "999NOBODY01")
    assert not sent_by(client)


def test_a_device_cookie_lasts_longer_than_the_longest_leave_and_not_for_ever(
    client: PortalClient, travel: Travel
) -> None:
    user = make_user()
    log_in(client, user)
    client.post("/log-out/")
    travel(days=device_cookies.REMEMBERED_FOR.days - 1)
    lock_from_elsewhere(user.username)
    assert attempt(client, user.username)
    travel(days=device_cookies.REMEMBERED_FOR.days + 1)
    lock_from_elsewhere(user.username)
    assert not attempt(client, user.username)


def test_a_ward_pc_keeps_the_newest_device_cookies_and_never_too_many(client: PortalClient) -> None:
    """Each device cookie travels with each request: hundreds would be refused by every proxy."""
    people = [make_user() for _ in range(device_cookies.MOST + 3)]
    for user in people:
        log_in(client, user)
        client.post("/log-out/")
    kept = {name for name, value in sent_by(client).items() if value}
    assert len(kept) <= device_cookies.MOST
    assert f"__Host-{device_cookies.cookie_for(people[-1].username).name}" in kept
