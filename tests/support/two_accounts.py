"""Browsers that are logged in to two accounts of one person, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import SESSION_KEY

from accounts.browser import about
from accounts.models import User
from tests.support.factories import PASSWORD, make_organisation, make_user

if TYPE_CHECKING:
    from typing import Any

    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from tests.support.steps import PortalClient

ACCOUNTS = "/your-accounts/"
SWITCH = "/your-accounts/switch/"
LOG_IN = "/your-accounts/log-in/"


def make_southern(**facts: Any) -> User:
    """Return a new login at another organisation."""
    return make_user(organisation=make_organisation(code="998", name="Southern Test Hospitals"), **facts)


def person_in(client: PortalClient) -> int:
    """Return the primary key of the person who is logged in in a browser, or 0."""
    return int(client.session.get(SESSION_KEY, 0))


def shown_to(client: PortalClient) -> dict[str, str]:
    """Return what the forms of the person who is logged in say that they are about."""
    return {"about": about.person(User(pk=person_in(client)))}


def ask_to_stay(client: PortalClient) -> Answer:
    """Say that the log-in which comes next is to another account; return the answer."""
    return client.post(LOG_IN, shown_to(client))


def log_in_too(client: PortalClient, user: User, **more: str) -> Answer:
    """Log in to another account as well; return the answer to the log-in form."""
    ask_to_stay(client)
    return client.post("/log-in/", {"username": user.username, "password": PASSWORD, **more})


def switch(client: PortalClient, to: User) -> Answer:
    """Press the button of another account; return the answer."""
    return client.post(SWITCH, {**shown_to(client), "account": about.person(to)})
