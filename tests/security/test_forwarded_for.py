"""Threat: a stranger says where they come from, to hide in the record or to make another person look guilty.

X-Forwarded-For is believed only where it comes from a configured proxy, and only what that proxy added (allauth
65.14.2).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.wsgi import get_wsgi_application

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from esr_portal.forwarded import Proxies
from tests.support.care_identity import trust
from tests.support.factories import PASSWORD, make_organisation, make_user

pytestmark = pytest.mark.django_db(transaction=True)

PROXY = "10.0.0.5"
STRANGER = "198.51.100.4"
SOMEBODY_ELSE = "203.0.113.9"
CLAIMS = ["X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Forwarded"]


@pytest.fixture
def application() -> Callable[..., Any]:
    """Return the portal behind one proxy, put together as esr_portal/wsgi.py does."""
    return Proxies([PROXY], served_over_tls=True).believe(get_wsgi_application())


def ask(application: Callable[..., Any], form: str = "", *, came_from: str, **headers: str) -> tuple[str, str]:
    """Send a request to the log-in page as a web server hands it over; return the cookies and the page."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {
        "REQUEST_METHOD": "POST" if form else "GET",
        "PATH_INFO": "/log-in/",
        "SERVER_NAME": "esr.example.nhs.uk",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(form)),
        "REMOTE_ADDR": came_from,
        "HTTP_ORIGIN": "https://esr.example.nhs.uk",
        "HTTP_HOST": "esr.example.nhs.uk",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(form.encode()),
        "wsgi.errors": io.StringIO(),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    answer = application(environ, lambda status, sent, *_: started.append((status, sent)))
    page = b"".join(answer).decode()
    answer.close()
    assert started[0][0] in {"200 OK", "302 Found"}, page
    return "; ".join(value.split(";")[0] for name, value in started[0][1] if name == "Set-Cookie"), page


def address_on_record(application: Callable[..., Any], *, came_from: str, **headers: str) -> str | None:
    """Return the address that is recorded for a wrong password."""
    send_log_in(application, "999NOBODY01", "a guess", came_from=came_from, **headers)
    return SecurityEvent.objects.get().address


def send_log_in(
    application: Callable[..., Any], username: str, password: str, *, came_from: str, **headers: str
) -> None:
    """Open the log-in page and send it."""
    cookies, page = ask(application, came_from=came_from, **headers)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = urlencode({"username": username, "password": password, "csrfmiddlewaretoken": token[1]})
    ask(application, form, came_from=came_from, cookie=cookies, **headers)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_stranger_is_not_believed(application: Callable[..., Any], claim: str) -> None:
    assert address_on_record(application, came_from=STRANGER, **{claim: SOMEBODY_ELSE}) == STRANGER


def test_the_proxy_is_believed(application: Callable[..., Any]) -> None:
    assert address_on_record(application, came_from=PROXY, **{"X-Forwarded-For": STRANGER}) == STRANGER


def test_what_a_stranger_told_the_proxy_is_not_believed(application: Callable[..., Any]) -> None:
    """Proxies add to the header what they see, after what they were told."""
    told = {"X-Forwarded-For": f"{SOMEBODY_ELSE}, {STRANGER}"}
    assert address_on_record(application, came_from=PROXY, **told) == STRANGER


def test_nobody_talks_themselves_into_a_trusted_network(application: Callable[..., Any]) -> None:
    """Threat: a password that works only inside, tried from home with the hospital's address in a header."""
    trust(make_organisation(requires_internet_access=True), f"{SOMEBODY_ELSE}/32")
    for user, came_from, told, reasons in [
        (make_user(), STRANGER, SOMEBODY_ELSE, ["outside_network"]),
        (make_user(), PROXY, f"{SOMEBODY_ELSE}, {STRANGER}", ["outside_network"]),
        (make_user(), PROXY, SOMEBODY_ELSE, []),
    ]:
        send_log_in(application, user.username, PASSWORD, came_from=came_from, **{"X-Forwarded-For": told})
        failed = SecurityEvent.objects.filter(event=Event.LOG_IN_FAILED, user=user)
        assert list(failed.values_list("reason", flat=True)) == reasons


@pytest.mark.parametrize("written", [f"{STRANGER}:51008", f" {STRANGER} ", f"{SOMEBODY_ELSE}:1,{STRANGER}:51008"])
def test_a_proxy_may_write_a_port(application: Callable[..., Any], written: str) -> None:
    """Threat: a right password is refused inside a trusted network, and the record has no address."""
    trust(make_organisation(requires_internet_access=True), f"{STRANGER}/32")
    user = make_user()
    send_log_in(application, user.username, PASSWORD, came_from=PROXY, **{"X-Forwarded-For": written})
    assert SecurityEvent.objects.get(event=Event.LOGGED_IN, user=user).address == STRANGER


@pytest.mark.parametrize("nonsense", ["x", "999.1.1.1", "'; DROP TABLE", "a" * 4000])
def test_an_address_that_is_none_is_not_written_down(application: Callable[..., Any], nonsense: str) -> None:
    assert address_on_record(application, came_from=PROXY, **{"X-Forwarded-For": nonsense}) is None
