"""A form of a visitor that comes without the right token: its page was left open, restored, or belongs to another site.

Threat: a page elsewhere logs a person in as the attacker, has hashes computed, locks a name, or fills the log.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from accounts import hashers
from accounts.models import Lockout, RecoveryRequest, SecurityEvent
from accounts.models.session import Session
from hub.services import flood_limit
from tests.security.test_csrf import ORIGIN, token_in
from tests.security.test_logs import lines, log  # noqa: F401 - a fixture.
from tests.support.factories import PASSWORD, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

OPEN_TOO_LONG = "ESR only takes pages that were opened a short time ago"
NO_COOKIE = "allow cookies for this website"


def post(client: PortalClient, path: str = "/log-in/", **typed: str) -> Answer:
    return client.post(path, typed, headers={"Origin": ORIGIN})


def parsed(answer: Answer) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html5lib")


def token(page: BeautifulSoup) -> str:
    return str(page.select_one("main form input[name=csrfmiddlewaretoken]")["value"])  # type: ignore[index]


def test_a_page_from_before_a_log_in_leads_to_my_esr_and_after_log_out_to_the_form_again(
    csrf_client: PortalClient,
) -> None:
    user = make_user()
    typed = {"username": user.username, "password": PASSWORD}
    old = token_in(csrf_client, "/log-in/")
    assert post(csrf_client, csrfmiddlewaretoken=old, **typed)["Location"] == "/my-esr/"
    # The second tab, in which the page was open all the time.
    assert post(csrf_client, csrfmiddlewaretoken=old, **typed)["Location"] == "/my-esr/"
    assert post(csrf_client, csrfmiddlewaretoken=old, next="/change-password/")["Location"] == "/change-password/"
    assert post(csrf_client, csrfmiddlewaretoken=old, next="https://evil.example/")["Location"] == "/my-esr/"
    post(csrf_client, "/log-out/", csrfmiddlewaretoken=token_in(csrf_client, "/my-esr/"))
    answer = post(csrf_client, csrfmiddlewaretoken=old, next="/change-password/", **typed)
    page = parsed(answer)
    assert answer.status_code == 403
    assert OPEN_TOO_LONG in page.get_text()
    assert page.select_one("h1").get_text() == "Login to ESR"  # type: ignore[union-attr]
    assert page.select_one("#id_username")["value"] == user.username  # type: ignore[index]
    assert page.select_one('input[name="next"]')["value"] == "/change-password/"  # type: ignore[index]
    assert PASSWORD not in answer.text
    assert post(csrf_client, csrfmiddlewaretoken=token(page), **typed)["Location"] == "/my-esr/"


def test_without_any_cookie_it_says_to_allow_them(csrf_client: PortalClient) -> None:
    page = parsed(post(csrf_client, username='"><script>x</script>', password=PASSWORD, remember_username="on"))
    assert NO_COOKIE in page.get_text()
    assert page.select_one("#id_username")["value"] == '"><script>x</script>'  # type: ignore[index]
    assert not page.select('input[name="remember_username"][checked]')


def test_from_a_shared_computer_it_comes_without_the_username(csrf_client: PortalClient) -> None:
    """Threat: a browser without JavaScript keeps the form of a wrong try, and the next person sends it again."""
    token_in(csrf_client, "/log-in/")
    page = parsed(post(csrf_client, csrfmiddlewaretoken="x" * 64, username="999PFEATHER01", shared="on"))
    assert OPEN_TOO_LONG in page.get_text()
    assert not page.select_one("#id_username").get("value")  # type: ignore[union-attr]


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example", "null"])
def test_nothing_is_computed_counted_or_stored_and_the_log_counts_them_in_a_line(
    csrf_client: PortalClient,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,  # noqa: F811
    origin: str,
) -> None:
    user = make_user()

    def no_hash(*args: object, **kwargs: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(hashers.Argon2idPasswordHasher, "verify", no_hash)
    typed = {"username": user.username, "password": PASSWORD}
    for _ in range(5):
        answer = csrf_client.post("/log-in/", typed, headers={"Origin": origin})
        assert answer.status_code == 403
    assert "__Host-tries" not in csrf_client.cookies
    assert [model.objects.count() for model in (SecurityEvent, Lockout, Session)] == [0, 0, 0]
    assert len(lines(log)) <= 1
    assert "csrf" not in log.getvalue()


def test_they_are_held_to_the_limit_of_floods(csrf_client: PortalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood_limit, "BUCKETS", flood_limit.Buckets(rate=0.001, at_once=2))
    assert [post(csrf_client, username="A").status_code for _ in range(4)] == [403, 403, 429, 429]


@pytest.mark.parametrize("path", ["/care-identity/log-in/", "/care-identity/forget/"])
def test_the_other_buttons_of_the_page_lead_to_it_again(
    csrf_client: PortalClient, openid_provider: OpenIDProvider, path: str
) -> None:
    token_in(csrf_client, "/log-in/")
    answer = post(csrf_client, path, csrfmiddlewaretoken="x" * 64, remember="on")
    assert (answer.status_code, OPEN_TOO_LONG in answer.text) == (403, True)
    assert "__Host-way-in" not in csrf_client.cookies


def test_the_recovery_form_comes_again_with_the_address_and_without_the_date(csrf_client: PortalClient) -> None:
    token_in(csrf_client, "/recovery/")
    date = {"date_of_birth_day": "23", "date_of_birth_month": "4", "date_of_birth_year": "1980"}
    answer = post(csrf_client, "/recovery/", csrfmiddlewaretoken="x" * 64, email="jo.smith@nhs.net", **date)
    page = parsed(answer)
    assert answer.status_code == 403
    assert OPEN_TOO_LONG in page.get_text()
    assert page.select_one("#id_email")["value"] == "jo.smith@nhs.net"  # type: ignore[index]
    assert not page.select_one("#id_date_of_birth_day").get("value")  # type: ignore[union-attr]
    assert not RecoveryRequest.objects.exists()


def test_log_out_on_a_page_from_before_a_log_in_asks_once_more(csrf_client: PortalClient) -> None:
    """Threat: a person at a shared computer presses "Log out", reads of an old form, and goes: the next is in."""
    user = make_user()
    old = token_in(csrf_client, "/log-in/")
    assert post(csrf_client, csrfmiddlewaretoken=old, username=user.username, password=PASSWORD).status_code == 302
    answer = post(csrf_client, "/log-out/", csrfmiddlewaretoken=old)
    page = parsed(answer)
    assert (answer.status_code, page.select_one("h1").get_text()) == (403, "You are still logged in")  # type: ignore[union-attr]
    assert OPEN_TOO_LONG in page.get_text()
    assert user.username in page.get_text()
    # A page elsewhere may have sent it.
    assert csrf_client.get("/my-esr/").status_code == 200
    assert post(csrf_client, "/log-out/", csrfmiddlewaretoken=token(page)).status_code == 302
    assert csrf_client.get("/my-esr/").status_code == 302


def test_a_page_elsewhere_cannot_have_it_said_that_a_person_is_logged_out(csrf_client: PortalClient) -> None:
    """Threat: its form comes without the session's cookie (SameSite), and every tab of the browser leaves its page."""
    page = parsed(csrf_client.post("/log-out/", headers={"Origin": "https://evil.example"}))
    assert page.select_one("h1").get_text() == "Please send that again"  # type: ignore[union-attr]
    assert "logged-out" not in str(page)
