"""Threat: a page elsewhere sends one of our forms in the name of the person who looks at it.

Log-in counts too: a person who is logged in as the attacker without knowing it tells the attacker things.
"""

from __future__ import annotations

import re

import pytest

from accounts.models import OutboxMessage, RecoveryRequest
from tests.support import addresses
from tests.support.factories import DATE_OF_BIRTH, PASSWORD, make_user
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

ORIGIN = "https://esr.example.nhs.uk"


def token_in(client: PortalClient, path: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path).text)
    assert found, f"{path} has no token"
    return found[1]


@pytest.mark.parametrize("path", sorted({address.path for address in addresses.ours()}))
def test_nothing_is_accepted_without_a_token(csrf_client: PortalClient, path: str) -> None:
    response = csrf_client.post(path, headers={"Origin": ORIGIN})
    assert response.status_code == 403 or response.status_code >= 404
    assert response.status_code < 500


def test_log_in_needs_the_token_of_this_browser(csrf_client: PortalClient) -> None:
    user = make_user()
    form = {"username": user.username, "password": PASSWORD}
    assert csrf_client.post("/log-in/", form, headers={"Origin": ORIGIN}).status_code == 403
    attackers = token_in(PortalClient(enforce_csrf_checks=True), "/log-in/")
    token_in(csrf_client, "/log-in/")
    form["csrfmiddlewaretoken"] = attackers
    assert csrf_client.post("/log-in/", form, headers={"Origin": ORIGIN}).status_code == 403
    form["csrfmiddlewaretoken"] = token_in(csrf_client, "/log-in/")
    assert csrf_client.post("/log-in/", form, headers={"Origin": ORIGIN}).status_code == 302


def test_a_form_is_taken_whichever_port_the_proxy_names(csrf_client: PortalClient) -> None:
    """TLS may be at any port: a browser names it in Origin, and many a proxy names another in Host, or none."""
    user = make_user()
    form = {"username": user.username, "password": PASSWORD, "csrfmiddlewaretoken": token_in(csrf_client, "/log-in/")}
    headers = {"Origin": ORIGIN, "Host": "esr.example.nhs.uk:8080"}
    assert csrf_client.post("/log-in/", form, headers=headers).status_code == 302


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://esr.example.nhs.uk", f"{ORIGIN}.evil.example"]
)
def test_a_right_token_from_elsewhere_is_refused(csrf_client: PortalClient, origin: str) -> None:
    user = make_user()
    form = {
        "username": user.username,
        "password": PASSWORD,
        "csrfmiddlewaretoken": token_in(csrf_client, "/log-in/"),
    }
    assert csrf_client.post("/log-in/", form, headers={"Origin": origin}).status_code == 403


def test_a_right_token_without_origin_or_referrer_is_refused(csrf_client: PortalClient) -> None:
    """Threat: a page that hides where it comes from."""
    form = {
        "email": "a@nhs.net",
        "date_of_birth_day": DATE_OF_BIRTH.day,
        "date_of_birth_month": DATE_OF_BIRTH.month,
        "date_of_birth_year": DATE_OF_BIRTH.year,
        "csrfmiddlewaretoken": token_in(csrf_client, "/recovery/"),
    }
    assert csrf_client.post("/recovery/", form).status_code == 403
    assert not RecoveryRequest.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("path", ["/log-in/", "/recovery/"])
def test_a_page_elsewhere_cannot_give_a_browser_another_token(csrf_client: PortalClient, path: str) -> None:
    """Threat: no form in the other tabs of that browser is taken any more, "Log out" among them.

    What another site sends comes without cookies (SameSite), so an answer that sets one replaces the browser's own.
    """
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = csrf_client.post(path, {"username": "A", "email": "a@nhs.net"}, headers=headers)
    assert (answer.status_code, dict(answer.cookies)) == (403, {})


def test_the_refusal_says_what_to_do(csrf_client: PortalClient) -> None:
    page = csrf_client.post("/change-password/", {"current_password": "A", "new_password": "b"}).text
    assert "reload the page" in page
    assert "Traceback" not in page
