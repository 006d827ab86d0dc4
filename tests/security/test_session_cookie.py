"""Threat: a session cookie that no portal ever set, to make every page fail in that browser or to fill the error log.

Cookies may be quoted, and inside the quotes any byte can be written; PostgreSQL refuses some of them in a look-up.
"""

from __future__ import annotations

import pytest

from accounts.models import Session
from accounts.models.session import stored_key
from tests.support.factories import make_user
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db

ODD = {
    "NUL": '"\\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
    "bytes": '"\\377\\376aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
    "quotes": "\"' OR '1'='1' -- aaaaaaaaaaaaaaaa\"",
    "long": "a" * 6000,
    "short": "a",
    "other alphabet": "é" * 32,
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize("address", ["/", "/log-in/", "/recovery/new-password/", "/my-esr/", "/admin/"])
def test_a_page_is_shown_whatever_the_session_cookie_holds(client: PortalClient, address: str, value: str) -> None:
    client.raise_request_exception = False
    answer = client.get(address, headers={"cookie": f"__Host-session={value}"})
    assert answer.status_code in {200, 302, 410}


def test_nobody_can_choose_the_key_of_a_session(client: PortalClient) -> None:
    """Threat: an attacker sets a cookie in a person's browser, and shares the session once they log in (fixation)."""
    chosen = "a" * 32
    client.cookies["__Host-session"] = chosen
    log_in(client, make_user())
    assert client.cookies["__Host-session"].value != chosen
    assert not Session.objects.filter(session_key__in=[chosen, stored_key(chosen)]).exists()
