"""Forgetting which way in comes first."""

from __future__ import annotations

import pytest

from tests.support.at_care_identity import START
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

FORGET = "/care-identity/forget/"


def test_one_press_forgets_it(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    client.post(START, {"remember": "on"})
    assert "Forget my selection" in client.get("/log-in/").text
    answer = client.post(FORGET)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/log-in/")
    cookie = answer.cookies["__Host-way-in"]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, "/")
    # A browser takes no cookie of this name without it, not even to forget one.
    assert cookie["secure"]
    assert "Forget my selection" not in client.get("/log-in/").text


def test_where_nothing_is_remembered_it_does_no_harm(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    assert client.post(FORGET).headers["Location"] == "/log-in/"


def test_a_link_does_not_forget_it(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    assert client.get(FORGET).status_code == 405
