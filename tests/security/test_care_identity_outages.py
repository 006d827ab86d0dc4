"""Threat: Care Identity is down, slow or changes its keys, and the portal goes down with it.

A page comes within 5 seconds, says what to do, and meanwhile people with a password get in. The times measured are
whole seconds: the machine may be doing other things.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import Lockout, SecondStepRecord, SecurityEvent, User
from accounts.models.security_event import Event
from care_identity.services import http
from tests.support import threads
from tests.support.at_care_identity import REFUSED, START, bring_back, come_by, press
from tests.support.factories import make_user
from tests.support.openid_provider import OpenIDProvider, key_named
from tests.support.openid_server import Answer
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

DISCOVERY = "/.well-known/openid-configuration"
# Seconds in which a page has to come, and those that a busy machine may take for what the test does besides.
SOON, OWN_WORK = 5, 5
SLOW = {
    "silent": Answer(is_silent=True),
    "dripping": Answer(b" " * 1000, drips="body"),
}
BROKEN = {
    "failing": Answer(status=500),
    "elsewhere": Answer(status=302, headers={"Location": "https://evil.example/"}),
    "a page": Answer(b"<!DOCTYPE html><title>Sorry</title>"),
    "empty": Answer(b""),
    "half": Answer(b'{"issuer": ', headers={"Content-Length": "1000"}),
    "another document": Answer(b'{"error": "not here"}'),
    "a list": Answer(b"[]"),
}


@pytest.fixture
def in_time() -> Iterator[None]:
    """Fail where the test's page did not come in time."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON + OWN_WORK


def assert_explained(client: PortalClient, answer: Any) -> None:
    """Assert that an answer leads to the page that says what to do while Care Identity is away."""
    assert (answer.status_code, answer.headers["Location"]) == (302, REFUSED)
    page = client.get(REFUSED)
    assert page.status_code == 200
    assert "Care Identity is not answering" in page.text
    assert "log in with your username and password" in page.text
    assert "evil" not in page.text
    assert client.get("/my-esr/").status_code == 302
    assert SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_REFUSED).count() == 1
    # An outage that is not the person's counts as no wrong try of theirs.
    assert not Lockout.objects.exists()
    assert not SecondStepRecord.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize("how", [*SLOW, *BROKEN])
def test_at_the_start(client: PortalClient, openid_provider: OpenIDProvider, how: str) -> None:
    openid_provider.answers[DISCOVERY] = {**SLOW, **BROKEN}[how]
    assert_explained(client, client.post(START))


@pytest.mark.django_db
def test_at_the_start_where_nobody_listens(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    openid_provider.stop()
    assert_explained(client, client.post(START))


@pytest.mark.django_db
@pytest.mark.parametrize("how", [*BROKEN])
@pytest.mark.parametrize("path", ["/token", "/keys", "/userinfo"])
def test_broken_at_the_callback(
    client: PortalClient, openid_provider: OpenIDProvider, user: User, path: str, how: str
) -> None:
    brought = openid_provider.visit(press(client))
    openid_provider.answers[path] = BROKEN[how]
    answer = bring_back(client, brought)
    assert (answer.status_code, answer.headers["Location"]) == (302, REFUSED)
    assert client.get(REFUSED).status_code == 200
    assert client.get("/my-esr/").status_code == 302
    assert SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_REFUSED).count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(("path", "how"), [("/token", "silent"), ("/userinfo", "dripping")])
def test_slow_at_the_callback(
    client: PortalClient, openid_provider: OpenIDProvider, user: User, path: str, how: str
) -> None:
    brought = openid_provider.visit(press(client))
    openid_provider.answers[path] = SLOW[how]
    assert_explained(client, bring_back(client, brought))


@pytest.mark.django_db
def test_gone_between_start_and_callback(client: PortalClient, openid_provider: OpenIDProvider, user: User) -> None:
    brought = openid_provider.visit(press(client))
    openid_provider.stop()
    assert_explained(client, bring_back(client, brought))


@pytest.mark.django_db
def test_a_rotated_key_is_found_at_once(client: PortalClient, openid_provider: OpenIDProvider, user: User) -> None:
    come_by(client, openid_provider)
    client.post("/log-out/")
    # Often, and without any pause: these tokens come straight from Care Identity.
    for name in ("key-2", "key-3"):
        key = key_named(name)
        openid_provider.key = openid_provider.signs_with = key
        openid_provider.documents["/keys"] = {"keys": [key.as_dict(private=False)]}
        come_by(client, openid_provider)
        assert client.get("/my-esr/").context["person"] == user
        client.post("/log-out/")
    assert openid_provider.count("/keys") == 3


@pytest.mark.django_db
def test_a_key_rotated_between_start_and_callback_is_found(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    come_by(client, openid_provider)
    brought = openid_provider.visit(press(client))
    key = key_named("key-2")
    openid_provider.key = openid_provider.signs_with = key
    openid_provider.documents["/keys"] = {"keys": [key.as_dict(private=False)]}
    bring_back(client, brought)
    assert client.get("/my-esr/").context["person"] == user


@pytest.mark.django_db
def test_it_is_asked_again_once_it_has_rested(
    client: PortalClient, openid_provider: OpenIDProvider, user: User, travel: Travel
) -> None:
    """Threat: one slow answer keeps people out for good."""
    openid_provider.answers["/userinfo"] = SLOW["silent"]
    come_by(client, openid_provider)
    del openid_provider.answers["/userinfo"]
    travel(seconds=http.REST + 1)
    come_by(client, openid_provider)
    assert client.get("/my-esr/").context["person"] == user


@pytest.mark.django_db(transaction=True)
def test_passwords_work_while_many_wait_for_care_identity(openid_provider: OpenIDProvider) -> None:
    """Threat: the portal's few threads all wait for a slow Care Identity, and people cannot get in at all."""
    openid_provider.answers[DISCOVERY] = SLOW["silent"]
    people = [make_user() for _ in range(4)]
    is_waiting = threading.Event()

    def go_there() -> float:
        began = time.monotonic()
        client = PortalClient()
        try:
            is_waiting.set()
            assert client.post(START).headers["Location"] == REFUSED
            assert client.get(REFUSED).status_code == 200
        finally:
            connection.close()
        return time.monotonic() - began

    def use_a_password(user: User) -> float:
        began = time.monotonic()
        client = PortalClient()
        log_in(client, user)
        assert client.get("/my-esr/").status_code == 200
        return time.monotonic() - began

    with ThreadPoolExecutor(max_workers=6) as pool:
        waiting = [pool.submit(go_there) for _ in range(6)]
        assert is_waiting.wait(10)
        by_password = threads.all_at_once([functools.partial(use_a_password, user) for user in people])
        assert all(isinstance(seconds, float) for seconds in by_password), by_password
        assert all(each.result() < SOON + OWN_WORK for each in waiting)
    assert SecurityEvent.objects.filter(event=Event.LOGGED_IN).count() == len(people)
    assert SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_REFUSED).count() == 6
    # The others did not wait, or hardly.
    assert openid_provider.count(DISCOVERY) <= http.MOST_AT_ONCE
