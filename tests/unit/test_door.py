"""The door before Django: who has to wait there, for how long their place is theirs, and who comes through at once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from accounts import try_again, turns
from accounts.middleware import HASHING
from accounts.turns import Busy, Turns
from esr_portal.door import with_a_door
from tests.unit.test_turns import another_holds, is_busy

DJANGO, BUSY = "200 OK", "503 Service Unavailable"


@pytest.fixture
def line() -> Iterator[Turns]:
    """Return a line with one place, which this process takes its turns from."""
    mine = Turns(at_once=1, places=1, seconds=0.01)
    before = turns.use(mine)
    yield mine
    turns.use(before)


class Body(io.BytesIO):
    """The body of a form, which does something as it is read."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(b"username=x&password=y")
        self.meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes."""
        self.meanwhile()
        return super().read(size)


def answer(meanwhile: Callable[[dict[str, Any]], object] = bool, **environ: Any) -> str:
    """Send the log-in form through the door to an application that does something; return the status."""
    seen: list[str] = []

    def application(environ: dict[str, Any], start: Callable[..., object]) -> list[bytes]:
        if try_again.SENT_AWAY_FOR in environ:
            start(BUSY, [])
        else:
            meanwhile(environ)
            start(DJANGO, [])
        return [b""]

    sent = {"REQUEST_METHOD": "POST", "PATH_INFO": "/log-in/", "wsgi.url_scheme": "https", **environ}
    with_a_door(application)(sent, lambda status, _: seen.append(status))  # type: ignore[arg-type]
    return seen[-1]


def test_a_form_that_hashes_has_a_place_until_it_is_answered_or_fails(line: Turns) -> None:
    taken: list[bool] = []
    for name in HASHING:
        answer(lambda _: taken.append(line.are_taken), PATH_INFO=reverse(name))
        assert not line.are_taken
    assert taken == [True] * len(HASHING)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            answer(lambda _: 1 / 0)
        assert not line.are_taken


def test_the_turn_is_the_next_ones_after_the_first_hash_and_no_later_hash_is_sent_away(line: Turns) -> None:
    """A change of password hashes for the current one, for four former ones and for the new one."""
    line.places = 2

    def change_a_password(_: object) -> None:
        with turns.wait(), turns.wait():
            assert is_busy(line)
        with another_holds(line), turns.wait():
            assert line.are_taken, "this one's thread is not free yet"
            assert turns.compute(lambda _: True)

    assert answer(change_a_password) == DJANGO
    assert not is_busy(line)
    with another_holds(line), pytest.raises(Busy), turns.wait():
        pass


def test_a_body_is_read_before_a_place_is_taken(line: Turns) -> None:
    """Threat: browsers that send their forms byte by byte hold every place, and no person gets in."""
    taken: list[bool] = []
    body = Body(lambda: taken.append(line.are_taken))
    sent: list[bytes] = []
    environ: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": "21"}
    answer(lambda environ: sent.append(environ["wsgi.input"].read()), **environ)
    assert taken == [False]
    assert sent == [b"username=x&password=y"]


class HungUp(io.BytesIO):
    """The body of a form whose browser is gone, as a web server says it that raises."""

    def read(self, size: int | None = -1) -> bytes:
        """Raise ConnectionResetError."""
        raise ConnectionResetError


@pytest.mark.parametrize("body", [io.BytesIO(b"username=x&password=ha"), HungUp()], ids=["short", "raises"])
def test_a_form_that_did_not_come_whole_is_no_try(line: Turns, body: io.BytesIO) -> None:
    """A browser that hung up in the middle of a password would be counted a wrong one."""
    environ: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": "25"}
    assert answer(lambda _: pytest.fail("Django was asked"), **environ) == "400 Bad Request"


TOO_LARGE = str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)


@pytest.mark.parametrize(
    "environ",
    [
        {"REQUEST_METHOD": "GET"},
        {"REQUEST_METHOD": "HEAD"},
        {"PATH_INFO": "/recovery/"},
        {"PATH_INFO": "/passkeys/log-in/begin/"},
        {"PATH_INFO": "/log-in"},
        {"wsgi.url_scheme": "http"},
        {"CONTENT_LENGTH": TOO_LARGE, "wsgi.input": Body(lambda: pytest.fail("it was read"))},
    ],
    ids=" ".join,
)
def test_what_does_not_hash_comes_through_at_once(line: Turns, environ: dict[str, Any]) -> None:
    """Pages, what is too large for any form, and what is redirected to TLS."""
    with another_holds(line):
        assert answer(**environ) == DJANGO
        assert answer() == BUSY


@pytest.mark.parametrize("length", ["", "no number", "-5", "0"])
def test_a_length_that_is_none_is_taken_as_django_takes_it(line: Turns, length: str) -> None:
    environ: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input": Body(lambda: pytest.fail("it was read"))}
    assert answer(**environ) == DJANGO
