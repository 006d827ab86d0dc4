"""The limit of requests for one network address: no hospital meets it, and a flood does."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup

from hub.services import flood_limit
from hub.services.flood_limit import Buckets
from tests.security.test_logs import lines, log  # noqa: F401 - a fixture.
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from pytest_django import Settings

HOSPITAL, ATTACKER = "198.51.100.7", "203.0.113.7"
FORM = "application/x-www-form-urlencoded"


class Clock:
    """A clock that a test moves, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def answered(buckets: Buckets, clock: Clock, *, a_second: int, seconds: int, who: str = HOSPITAL) -> int:
    """Return how many requests of one address are answered that come so often for so long."""
    count = 0
    for _ in range(seconds):
        for _ in range(a_second):
            clock.now += 1 / a_second
            count += not buckets.seconds_to_wait(who)
    return count


def test_a_hospital_at_shift_change_is_far_below_it() -> None:
    """5,000 log-ins in ten minutes, five requests each, all by one of the server's processes; and a rush on top."""
    clock = Clock()
    buckets = Buckets(clock=clock)
    assert answered(buckets, clock, a_second=84, seconds=600) == 84 * 600
    assert not any(buckets.seconds_to_wait(HOSPITAL) for _ in range(900))


def test_a_flood_is_answered_at_the_rate_and_leaves_others_alone() -> None:
    clock = Clock()
    buckets = Buckets(clock=clock)
    flood = answered(buckets, clock, a_second=2000, seconds=20, who=ATTACKER)
    assert pytest.approx(flood, abs=2) == 20 * flood_limit.RATE + flood_limit.AT_ONCE
    assert buckets.seconds_to_wait(ATTACKER) > 0
    assert buckets.seconds_to_wait(HOSPITAL) == 0
    # Being refused costs nothing: there is room again as soon as it stops.
    clock.now += 0.02
    assert buckets.seconds_to_wait(ATTACKER) == 0


def test_a_flood_from_many_addresses_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood_limit, "MOST", 100)
    clock = Clock()
    buckets = Buckets(rate=1, at_once=10, clock=clock)
    for number in range(1000):
        clock.now += 0.001
        buckets.seconds_to_wait(str(number))
    assert len(vars(buckets)["_full_at"]) <= 100
    assert not buckets.seconds_to_wait("999")


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        (HOSPITAL, HOSPITAL),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unknown", ""),
        ("10.9.0.4", ""),
    ],
)
def test_what_an_address_is_counted_as(address: str, counted_as: str, settings: Settings) -> None:
    """Our own proxies are not: where they pass on no address, theirs stands for many people."""
    assert flood_limit._counted_as(address, proxies=("10.9.0.0/16",)) == counted_as


@pytest.mark.django_db
def test_what_is_too_much_gets_a_page(
    client: PortalClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    monkeypatch.setattr(flood_limit, "BUCKETS", Buckets(rate=0.5, at_once=2, clock=clock))
    caplog.set_level(logging.INFO)
    assert [client.get("/recovery/", REMOTE_ADDR=ATTACKER).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.post("/recovery/", {"email": "x"}, REMOTE_ADDR=ATTACKER)
    page = BeautifulSoup(answer.content, "html.parser")
    assert (answer.status_code, answer["Retry-After"]) == (429, "2")
    assert [h1.get_text() for h1 in page.select("h1")] == ["ESR is busy where you are"]
    assert page.title
    assert page.title.get_text() == "ESR is busy where you are – ESR Portal"
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    # Others, the health pages, and what costs a hash, which has a limit of its own.
    assert client.get("/recovery/", REMOTE_ADDR=HOSPITAL).status_code == 200
    assert client.get("/health/live", REMOTE_ADDR=ATTACKER).status_code == 200
    wrong = {"username": "999NOBODY01", "password": "wrong"}
    assert client.post("/log-in/", wrong, REMOTE_ADDR=ATTACKER).status_code == 200
    clock.now += 2
    assert client.get("/recovery/", REMOTE_ADDR=ATTACKER).status_code == 200
    assert [vars(line)["address"] for line in caplog.records if line.name == "esr_portal.flood"] == [ATTACKER]
    # Threat: the log is filled by what keeps the server from being filled.
    assert not [line for line in caplog.records if line.name == "django.request"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"path": "/log-in/", "data": b"x", "content_type": "multipart/form-data"}, 400),
        ({"path": "/log-in/", "data": b"x", "content_type": FORM, "HTTP_HOST": "evil.example"}, 400),
        ({"path": "/log-in/", "data": b"x=1&" * 3000, "content_type": FORM}, 413),
        ({"path": "/help/", "data": b"x", "content_type": FORM, "CONTENT_LENGTH": "30000000"}, 413),
    ],
)
def test_what_cannot_be_read_is_held_to_it_wherever_it_is_sent(
    client: PortalClient,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,  # noqa: F811
    sent: dict[str, Any],
    status: int,
) -> None:
    """Threat: a few bytes at a time fill the log, in which Django writes where each of these was found out."""
    monkeypatch.setattr(flood_limit, "BUCKETS", flood_limit.Buckets(rate=0.001, at_once=2))
    answers = [client.post(**sent) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [status, status, 429, 429]
    assert sum(line["logger"].startswith("django.") for line in lines(log)) == 2


@pytest.mark.django_db
def test_what_is_refused_after_it_was_counted_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hospital's old recovery forms are as many requests as were sent."""
    monkeypatch.setattr(flood_limit, "BUCKETS", flood_limit.Buckets(rate=0.001, at_once=4))
    client = PortalClient(enforce_csrf_checks=True)
    answers = [client.post("/recovery/", {"email": "jo@nhs.net"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 429]


def test_only_the_pages_of_load_balancers_are_left_out(client: PortalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: any address below theirs is asked for as often as a flood likes, and each answer is a whole page."""
    monkeypatch.setattr(flood_limit, "BUCKETS", Buckets(clock=Clock(), at_once=20))
    asked = 30
    assert {client.get("/health/live").status_code for _ in range(asked)} == {200}
    assert 429 in {client.get("/health/nowhere").status_code for _ in range(asked)}
