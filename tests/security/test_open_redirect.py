"""Threat: a link to our log-in page that leads, after log-in, to an attacker's copy of it."""

from __future__ import annotations

import pytest

from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, come_in, send

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/",
    "http://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    "\n//evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//evil.example\\@esr.example.nhs.uk/",
    "https://esr.example.nhs.uk@evil.example/",
    "https://esr.example.nhs.uk.evil.example/",
    "evil.example",
    "/" + "x" * 3000,
    "/\0",
    "/my-esr/\r\nLocation: https://evil.example/",
    "/my-esr/\r\n\r\n<script>evil",
    "/\u2028/evil.example",
    "//[evil",
    "",
]


def is_ours(location: str) -> bool:
    """Return whether a browser that follows `location` stays with us."""
    return location.startswith("/") and not location.startswith(("//", "/\\")) and "evil" not in location


@pytest.mark.parametrize("address", ELSEWHERE)
def test_after_log_in_nobody_is_sent_elsewhere(client: PortalClient, address: str) -> None:
    user = make_user()
    response = client.post("/log-in/", {"username": user.username, "password": PASSWORD, "next": address})
    assert response.status_code in {200, 302}
    assert is_ours(response.headers.get("Location", "/"))


@pytest.mark.parametrize("address", ELSEWHERE)
def test_the_page_does_not_even_carry_it(client: PortalClient, address: str) -> None:
    page = client.get("/log-in/", {"next": address})
    assert page.status_code == 200
    assert "evil" not in page.text


@pytest.mark.parametrize("address", ELSEWHERE)
def test_whoever_is_in_already_is_not_sent_elsewhere_either(client: PortalClient, address: str) -> None:
    come_in(client, make_user())
    response = client.get("/log-in/", {"next": address})
    assert response.status_code == 302
    assert is_ours(response["Location"])


def test_it_is_not_forgotten_over_the_stages(client: PortalClient) -> None:
    """A stage must not take the address from a place that was not checked."""
    user = make_user(must_change_password=True)
    client.post("/log-in/", {"username": user.username, "password": PASSWORD, "next": "//evil.example/"})
    response = send(client, "/log-in/change-password/?next=//evil.example/", {"new_password": "marble lantern orchard"})
    assert response["Location"] == "/my-esr/"


def test_a_page_of_ours_is_reached_over_the_stages(client: PortalClient) -> None:
    user = make_user(must_change_password=True)
    client.post("/log-in/", {"username": user.username, "password": PASSWORD, "next": "/help/?organisation=north"})
    response = send(client, "/log-in/change-password/", {"new_password": "marble lantern orchard"})
    assert response["Location"] == "/help/?organisation=north"
