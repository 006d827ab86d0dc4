"""Browsers in which a person ticked that they need no second step for a while."""

from __future__ import annotations

from accounts.browser import remembered_browser
from accounts.models import User
from tests.support.authenticator import PhoneApp
from tests.support.factories import PASSWORD
from tests.support.steps import PortalClient, log_in, send

CHALLENGE = "/log-in/second-step/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def cookie_name(user: User) -> str:
    """Return the whole name of the cookie that remembers a browser for `user`."""
    return f"__Host-{remembered_browser.name_for(user.username)}"


def log_in_with_tick(client: PortalClient, user: User, code: str = "", **more: str) -> None:
    """Log in with a code and the tick, and log out again."""
    log_in(client, user)
    typed = {"code": code or PhoneApp.of(user).code(), "remember_browser": "on"}
    assert send(client, CHALLENGE, {**typed, **more})["Location"] == "/my-esr/"
    client.post("/log-out/")


def lands_on(client: PortalClient, user: User, **more: str) -> str:
    """Log in with the password and log out again; return the page that the log-in form led to."""
    answer = client.post("/log-in/", {"username": user.username, "password": PASSWORD, **more})
    page: str = answer["Location"] if answer.status_code == 302 else ""
    client.post("/log-out/")
    return page
