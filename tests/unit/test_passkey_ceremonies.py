"""What is remembered of a ceremony of a passkey between its two requests."""

from __future__ import annotations

from django.http import HttpRequest
from django.test import RequestFactory

from accounts.browser import passkey_ceremonies
from accounts.browser.passkey_ceremonies import MAKING, USING, Ceremony
from tests.support.travel import Travel


def request_of(secret: str) -> HttpRequest:
    """Return a request of a browser with this secret in its CSRF cookie, and a session that holds nothing."""
    request = RequestFactory().get("/")
    request.META["CSRF_COOKIE"] = secret
    request.session = {}  # type: ignore[assignment]
    return request


def test_a_ceremony_is_taken_once_whatever_it_is_taken_for() -> None:
    request = request_of("a" * 32)
    passkey_ceremonies.keep(request, USING, Ceremony("c1"), about="this log-in")
    assert passkey_ceremonies.take(request, MAKING, about="this log-in") is None
    assert passkey_ceremonies.take(request, USING, about="this log-in") == Ceremony("c1")
    assert passkey_ceremonies.take(request, USING, about="this log-in") is None
    passkey_ceremonies.keep(request, MAKING, Ceremony("c2", quiet=True), about="this log-in")
    assert passkey_ceremonies.take(request, MAKING, about="another log-in") is None
    assert passkey_ceremonies.take(request, MAKING, about="this log-in") is None


def test_a_challenge_of_the_log_in_page_is_good_in_its_browser_for_five_minutes(travel: Travel) -> None:
    browser = request_of("a" * 32)
    first, second = (passkey_ceremonies.log_in_challenge(browser) for _ in range(2))
    assert first != second
    assert passkey_ceremonies.is_for_log_in_here(browser, first)
    assert not passkey_ceremonies.is_for_log_in_here(request_of("b" * 32), first)
    for spoilt in (b"", first[:-1], first + b"x", b"x" + first[1:], second[:40] + first[40:]):
        assert not passkey_ceremonies.is_for_log_in_here(browser, spoilt)
    travel(minutes=4, seconds=58)
    assert passkey_ceremonies.is_for_log_in_here(browser, first)
    travel(seconds=4)
    assert not passkey_ceremonies.is_for_log_in_here(browser, first)
