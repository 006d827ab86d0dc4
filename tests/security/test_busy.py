"""Threat: attackers who guess take all the threads that answer, or learn a name by who is sent away.

While too many wait for a hash, what needs one is answered "busy, trying again", for every name alike and before
anything is counted; every other page is answered as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from accounts import try_again, turns
from accounts.middleware import HASHING
from accounts.models import Lockout, OutboxMessage, SecurityEvent, Session
from accounts.turns import Turns
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient, about_in, come_in
from tests.support.travel import Travel
from tests.unit.test_turns import another_holds

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@contextmanager
def busy(*, places: int = 1) -> Iterator[None]:
    """Let another thread hash. With one place the next is sent away at once, with two it waits for a moment first."""
    mine = Turns(at_once=1, places=places, seconds=0.01)
    before = turns.use(mine)
    try:
        with another_holds(mine):
            yield
    finally:
        turns.use(before)


def seen(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    return answer.status_code, dict(answer.headers), answer.content


def what_is_kept() -> list[int]:
    return [model.objects.count() for model in (Lockout, SecurityEvent, OutboxMessage, Session)]


@pytest.mark.parametrize("places", [1, 2], ids=["at once", "after a wait"])
def test_a_log_in_is_sent_away_alike_for_every_name_and_nothing_is_counted(places: int) -> None:
    user, locked = make_user(), make_user(is_active=False)
    kept = what_is_kept()
    tries = [(user.username, PASSWORD), (user.username, "a guess"), (locked.username, PASSWORD), ("999NOBODY01", "x")]
    with busy(places=places):
        answers = [PortalClient().post("/log-in/", {"username": name, "password": typed}) for name, typed in tries]
    assert len({repr(seen(answer)) for answer in answers}) == 1
    assert answers[0].status_code == 503
    assert not answers[0].cookies
    assert what_is_kept() == kept
    assert PortalClient().post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302


def test_the_page_says_what_happens_and_goes_back_to_the_form_without_a_script() -> None:
    with busy():
        answer = PortalClient().post("/log-in/?next=/my-esr/", {"username": "999NOBODY01", "password": "secret word"})
    assert answer["Retry-After"] == answer["Refresh"] == str(try_again.SECONDS), "and to the address it was sent to"
    assert answer["Cache-Control"] == "no-store"
    assert "default-src" in answer["Content-Security-Policy"]
    page = BeautifulSoup(answer.content, "html.parser")
    assert [h1.get_text() for h1 in page.select("h1")] == ["ESR is busy, trying again"]
    links = [link["href"] for link in page.select("main a")]
    assert links == ["?", "/"], "the first asks for the same address again"
    assert "secret word" not in answer.text
    assert "999NOBODY01" not in answer.text


def test_every_other_page_is_answered_meanwhile() -> None:
    client, user = PortalClient(), make_user()
    come_in(client, user)
    with busy():
        for address in ("/", "/log-in/", "/recovery/", "/help/", "/health/live"):
            assert PortalClient().get(address).status_code == 200
        assert client.get("/my-esr/").status_code == 200
        sent = {"email": user.email, "day": "1", "month": "1", "year": "1980"}
        assert PortalClient().post("/recovery/", sent).status_code in {200, 302}


@pytest.mark.parametrize("places", [1, 2], ids=["at once", "after a wait"])
def test_a_recovery_link_is_not_used_up_and_a_change_not_counted(places: int) -> None:
    """The person does it again, and it works."""
    user, other, client, browser = make_user(), make_user(), PortalClient(), PortalClient()
    come_in(browser, other)
    pages = [(client, open_link(client, user), {}), (browser, "/change-password/", {"current_password": PASSWORD})]
    for who, address, more in pages:
        form = {"new_password": NEW_PASSWORD, **more, **about_in(who.get(address))}
        kept = what_is_kept()
        with busy(places=places):
            answer = who.post(address, form)
        assert (answer.status_code, answer["Refresh"]) == (503, str(try_again.SECONDS))
        assert what_is_kept() == kept
        assert who.post(address, form).status_code == 302
    for person in (user, other):
        person.refresh_from_db()
        assert person.check_password(NEW_PASSWORD)


def test_each_page_that_hashes_is_sent_away_before_anything_of_it_is_read(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """A flood of guesses must cost less than the pages that it is not to keep from people."""
    with busy(), django_assert_num_queries(0):
        for name in HASHING:
            assert PortalClient(enforce_csrf_checks=True).post(reverse(name), {"x": "y"}).status_code == 503


def test_the_log_says_how_many_were_sent_away_in_one_line_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, travel: Travel
) -> None:
    monkeypatch.setattr(try_again, "SENT_AWAY", try_again.new_count())
    with caplog.at_level("WARNING", logger="esr_portal.busy"):
        for _ in range(5):
            try_again.page(path="/log-in/")
        said = [record for record in caplog.records if record.name == "esr_portal.busy"]
        assert [record.message for record in said] == ["busy"]
        travel(minutes=1, seconds=1)
        try_again.page(path="/log-in/")
    said = [record for record in caplog.records if record.name == "esr_portal.busy"]
    assert [(record.levelname, vars(record)["path"], vars(record)["count"]) for record in said] == [
        ("WARNING", "/log-in/", 1),
        ("WARNING", "/log-in/", 5),
    ]
