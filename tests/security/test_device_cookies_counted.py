"""Threat: an attacker with old copies of a person's device cookies has ten guesses for each of them.

At most five count of a person, the newest, and all end with the password they were made with (OWASP, device cookies).
"""

from __future__ import annotations

import datetime
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.browser import device_cookies as cookies
from accounts.models import DeviceCookie
from accounts.models.device_cookie import COUNTED
from accounts.services import device_cookies, lockout, log_in, password_policy
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.steps import PortalClient, about_in
from tests.support.steps import log_in as log_in_as

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db


def let_in(client: PortalClient, user: User, password: str = PASSWORD) -> bool:
    return client.post("/log-in/", {"username": user.username, "password": password}).status_code == 302


def used_by(user: User, client: PortalClient | None = None, password: str = PASSWORD) -> PortalClient:
    """Return a browser that the person has logged in with, and out."""
    client = client or PortalClient()
    log_in_as(client, user, password)
    client.post("/log-out/")
    return client


def copy_of(client: PortalClient) -> PortalClient:
    """Return an attacker's browser with the cookies that `client` has now."""
    copy = PortalClient()
    copy.cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    return copy


def knows(client: PortalClient, user: User) -> bool:
    """Return whether the device cookie of this browser has a counter of its own."""
    name = cookies.cookie_for(user.username).name
    digest = cookies.counter_digest(
        cookies.cookie_for(user.username), value=client.cookies[f"__Host-{name}"].value if client.cookies else ""
    )
    return device_cookies.counts(username=user.username, digest=digest)


def lock_strangers_out(user: User) -> None:
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)


def test_old_copies_of_one_browsers_cookie_buy_no_guesses() -> None:
    user, client = make_user(), PortalClient()
    copies = [copy_of(used_by(user, client)) for _ in range(3)]
    lock_strangers_out(user)
    assert [let_in(copy, user) for copy in copies] == [False, False, True], "only the newest is the browser's own"
    assert not let_in(client, user), "and that log-in was in a copy: the browser that it was taken from has an old one"


def test_of_a_persons_browsers_the_five_newest_count() -> None:
    user = make_user()
    browsers = [used_by(user) for _ in range(COUNTED + 2)]
    assert [knows(browser, user) for browser in browsers] == [False] * 2 + [True] * 5
    assert DeviceCookie.objects.filter(user=user).count() == COUNTED


def test_log_ins_at_the_same_time_add_no_sixth_counter() -> None:
    """Two that are finished at once may both keep the other's fifth: it is counted when it is used."""
    user, now = make_user(), timezone.now()
    digests = [f"{number:064}" for number in range(7)]
    for number, digest in enumerate(digests):
        DeviceCookie.objects.create(
            user=user,
            digest=digest,
            password_digest=log_in.fingerprint(user),
            made_at=now + datetime.timedelta(seconds=number),
        )
    assert [device_cookies.counts(username=user.username, digest=digest) for digest in digests] == [False] * 2 + [
        True
    ] * 5


def test_a_new_password_ends_every_device_cookie_and_a_log_in_makes_room_for_new_ones() -> None:
    user = make_user()
    browsers = [used_by(user) for _ in range(3)]
    assert all(knows(browser, user) for browser in browsers)
    password_policy.set_password(user=user, password=NEW_PASSWORD)
    assert not any(knows(browser, user) for browser in browsers)
    lock_strangers_out(user)
    assert not any(let_in(browser, user, NEW_PASSWORD) for browser in browsers)
    lockout.unlock(user=user, by=None)
    used_by(user, browsers[0], NEW_PASSWORD)
    assert [knows(browser, user) for browser in browsers] == [True, False, False]
    assert DeviceCookie.objects.filter(user=user).count() == 1


def test_the_browser_in_which_a_person_changes_the_password_goes_on_knowing_them() -> None:
    """It has just shown the password and was given the new one; its former cookie, and copies of it, end."""
    user, client = make_user(), PortalClient()
    log_in_as(client, user)
    copy = copy_of(client)
    form = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, **about_in(client.get("/change-password/"))}
    assert client.post("/change-password/", form).status_code == 302
    assert knows(client, user)
    assert not knows(copy, user)


def test_a_stranger_pushes_no_device_cookie_of_a_person_out() -> None:
    """Only a finished log-in makes one: not a wrong password, and not a right one without the second step."""
    user, admin = make_user(), make_user(is_staff=True)
    client = used_by(user)
    for _ in range(COUNTED + 1):
        let_in(PortalClient(), user, "a guess")
        let_in(PortalClient(), admin)
    assert knows(client, user)
    assert DeviceCookie.objects.count() == 1


def test_a_device_cookie_counts_for_its_own_person_alone() -> None:
    mine, theirs = make_user(), make_user()
    digest = "d" * 64
    device_cookies.remember(user=mine, digest=digest)
    assert device_cookies.counts(username=f" {mine.username.lower()}", digest=digest)
    assert not device_cookies.counts(username=theirs.username, digest=digest)
    assert not device_cookies.counts(username="999NOBODY01", digest=digest)
    # A cookie of theirs that this browser says it had is not ended by another person's log-in.
    device_cookies.remember(user=theirs, digest="e" * 64, in_place_of=digest)
    assert device_cookies.counts(username=mine.username, digest=digest)


def test_what_no_browser_sends_any_more_is_deleted() -> None:
    user = make_user()
    device_cookies.remember(user=user, digest="d" * 64)
    assert device_cookies.delete_old() == 0
    DeviceCookie.objects.update(made_at=timezone.now() - device_cookies.REMEMBERED_FOR)
    assert device_cookies.delete_old() == 1
