"""Threat: attackers who guess take all the threads that answer, or learn a name by who is sent away.

While too many wait for a hash, what needs one is answered "busy, trying again", for every name alike and before
anything is counted; every other page is answered as ever. The door itself: tests/unit/test_door.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from accounts import try_again, turns
from accounts.middleware import HASHING
from accounts.models import Lockout, OutboxMessage, SecurityEvent, Session
from accounts.turns import Turns
from accounts.views import log_in as views_log_in
from tests.support.door import DoorClient
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient, about_in, come_in
from tests.support.travel import Travel
from tests.unit.test_turns import another_holds

if TYPE_CHECKING:
    from django.http import HttpResponse
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


@pytest.fixture(autouse=True)
def drawn_anew() -> Iterator[None]:
    """Keep no page that was drawn under the settings of another test, nor leave one of ours."""
    try_again._body.cache_clear()
    yield
    try_again._body.cache_clear()


@pytest.fixture
def ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send each that is sent away for as long as the next, so that all else can be compared."""
    monkeypatch.setattr(try_again, "seconds", lambda: 10)


def seen(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    return answer.status_code, dict(answer.headers), answer.content


def what_is_kept() -> list[int]:
    return [model.objects.count() for model in (Lockout, SecurityEvent, OutboxMessage, Session)]


@pytest.mark.usefixtures("ten_seconds")
@pytest.mark.parametrize("places", [1, 2], ids=["at once", "after a wait"])
def test_a_log_in_is_sent_away_alike_for_every_name_and_nothing_is_counted(places: int) -> None:
    user, locked = make_user(), make_user(is_active=False)
    kept = what_is_kept()
    tries = [(user.username, PASSWORD), (user.username, "a guess"), (locked.username, PASSWORD), ("999NOBODY01", "x")]
    with busy(places=places):
        answers = [DoorClient().post("/log-in/", {"username": name, "password": typed}) for name, typed in tries]
    assert len({repr(seen(answer)) for answer in answers}) == 1
    assert answers[0].status_code == 503
    assert not answers[0].cookies
    assert what_is_kept() == kept
    assert DoorClient().post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302


def test_the_page_says_what_happens_and_goes_back_to_the_form_without_a_script() -> None:
    with busy():
        answer = DoorClient().post("/log-in/?next=/my-esr/", {"username": "999NOBODY01", "password": "secret word"})
    assert answer["Retry-After"] == answer["Refresh"], "and to the address it was sent to"
    assert try_again.SHORTEST <= int(answer["Refresh"]) <= try_again.LONGEST
    assert f"In {answer['Refresh']} seconds this page takes you back" in answer.text
    assert answer["Cache-Control"] == "no-store"
    assert "default-src" in answer["Content-Security-Policy"]
    page = BeautifulSoup(answer.content, "html.parser")
    assert [h1.get_text() for h1 in page.select("h1")] == ["ESR is busy, trying again"]
    links = [link["href"] for link in page.select("main a")]
    assert links == ["", "/"], "the first asks for the same address again, with its query"
    assert "secret word" not in answer.text
    assert "999NOBODY01" not in answer.text


def test_every_other_page_is_answered_meanwhile() -> None:
    client, user = DoorClient(), make_user()
    come_in(client, user)
    with busy():
        for address in ("/", "/log-in/", "/recovery/", "/help/", "/health/live"):
            assert DoorClient().get(address).status_code == 200
        assert client.get("/my-esr/").status_code == 200
        sent = {"email": user.email, "day": "1", "month": "1", "year": "1980"}
        assert DoorClient().post("/recovery/", sent).status_code in {200, 302}


@pytest.mark.parametrize("places", [1, 2], ids=["at once", "after a wait"])
def test_a_recovery_link_is_not_used_up_and_a_change_not_counted(places: int) -> None:
    """The person does it again, and it works."""
    user, other, client, browser = make_user(), make_user(), DoorClient(), DoorClient()
    come_in(browser, other)
    pages = [(client, open_link(client, user), {}), (browser, "/change-password/", {"current_password": PASSWORD})]
    for who, address, more in pages:
        form = {"new_password": NEW_PASSWORD, **more, **about_in(who.get(address))}
        kept = what_is_kept()
        with busy(places=places):
            answer = who.post(address, form)
        assert (answer.status_code, answer["Refresh"]) == (503, answer["Retry-After"])
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
            assert DoorClient(enforce_csrf_checks=True).post(reverse(name), {"x": "y"}).status_code == 503


@pytest.mark.usefixtures("ten_seconds")
def test_every_form_is_sent_away_with_the_same_bytes_whether_at_the_door_or_inside() -> None:
    """A form that is left out of the line is still bounded: its service waits, and gives up alike."""
    with busy():
        at_the_door = [DoorClient().post(reverse(name), {"x": "y"}) for name in HASHING]
        inside = PortalClient().post("/log-in/", {"username": "999NOBODY01", "password": "secret word"})
    assert len({repr(seen(answer)) for answer in at_the_door}) == 1
    assert inside.content == at_the_door[0].content
    assert dict(inside.headers) == {**at_the_door[0].headers, "Vary": inside["Vary"]}


def test_nothing_but_the_number_differs_and_the_number_does() -> None:
    """Threat: people who were sent away together come back together, and are sent away together again."""
    with busy():
        answers = [DoorClient().post("/log-in/", {"username": "999NOBODY01", "password": "x"}) for _ in range(60)]
    numbers = [answer["Refresh"] for answer in answers]
    assert len(set(numbers)) > 3
    texts = {answer.text.replace(f"In {answer['Refresh']} seconds", "In N seconds") for answer in answers}
    assert len(texts) == 1


def test_a_page_is_drawn_after_the_turn_was_given_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, drawn = Turns(at_once=1, places=2, seconds=0.01), []
    draw = views_log_in.page

    def look_and_draw(*args: Any, **kwargs: Any) -> HttpResponse:
        with another_holds(mine):
            drawn.append(True)
        return draw(*args, **kwargs)

    monkeypatch.setattr(views_log_in, "page", look_and_draw)
    before = turns.use(mine)
    try:
        assert DoorClient().post("/log-in/", {"username": "999NOBODY01", "password": "x"}).status_code == 200
    finally:
        turns.use(before)
    assert drawn


def test_of_two_tabs_the_one_that_was_sent_away_finds_its_person_logged_in() -> None:
    user, browser = make_user(), DoorClient()
    form = {"username": user.username, "password": PASSWORD}
    with busy():
        assert browser.post("/log-in/", form).status_code == 503
    assert browser.post("/log-in/", form)["Location"] == "/my-esr/"
    assert browser.get("/log-in/")["Location"] == "/my-esr/", "where its page goes back to"


def test_the_log_says_how_many_were_sent_away_in_one_line_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, travel: Travel
) -> None:
    monkeypatch.setattr(try_again, "SENT_AWAY", try_again.new_count())
    with caplog.at_level("WARNING", logger="esr_portal.busy"):
        for _ in range(5):
            try_again.count("/log-in/")
        said = [record for record in caplog.records if record.name == "esr_portal.busy"]
        assert [record.message for record in said] == ["busy"]
        travel(minutes=1, seconds=1)
        try_again.count("/log-in/")
    said = [record for record in caplog.records if record.name == "esr_portal.busy"]
    assert [(record.levelname, vars(record)["path"], vars(record)["count"]) for record in said] == [
        ("WARNING", "/log-in/", 1),
        ("WARNING", "/log-in/", 5),
    ]
