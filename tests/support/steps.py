"""What people do in tests again and again, always through the pages that people use."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, cast

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.middleware import AccountMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.test import Client, RequestFactory
from django.test import client as test_client
from django.urls import reverse

from accounts.adapter import AccountAdapter
from accounts.browser import about
from accounts.log_in_under_way import LogInUnderWay
from accounts.middleware import in_a_language, languages_of_people, origin, remembered_browsers
from accounts.models import User
from accounts.services import second_step as second_steps
from accounts.services.log_in import fingerprint
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from accounts.stages import Passed


# What Django's test client does with a template that is drawn.
KEEP_CONTEXT: Callable[..., None] = test_client.store_rendered_templates  # type: ignore[attr-defined]
# Where allauth keeps whose password was shown, beside how.
SHOWN_BY = "account_authentication_methods_user"
# How the addresses begin of the pages between a right password and a session.
LOG_IN_UNDER_WAY = ("/log-in/", "/second-step/")


class PortalClient(Client):
    """Django's test client as a browser over TLS at the portal's own address: cookies and redirects are production's.

    A test of plain HTTP takes `django.test.Client`. `shown` is what the pages of the log-in under way that it has open
    are about, by their address.
    """

    def __init__(self, *, enforce_csrf_checks: bool = False) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks, SERVER_NAME="esr.example.nhs.uk")
        self.shown: dict[str, dict[str, str]] = {}

    def generic(self, *args: Any, **kwargs: Any) -> Answer:
        """Send a request, over TLS."""
        return super().generic(*args, **{**kwargs, "secure": True})


def keep_the_pages_context(store: dict[str, Any], **rendered: Any) -> None:
    """Keep the context of the first template of an answer, the page itself, as Django's test client does of each."""
    if not store:
        KEEP_CONTEXT(store, **rendered)


def log_in(client: Client, user: User, password: str = PASSWORD) -> Answer:
    """Send the log-in form; return the answer. Raises AssertionError where the password is not accepted.

    Where the log-in goes on, its next page is opened, as a browser does: see `send`.
    """
    response = client.post(reverse("log_in"), {"username": user.username, "password": password})
    assert response.status_code == 302, f"{user.username} was not let in"
    if isinstance(client, PortalClient):
        client.shown = {}
        if response["Location"].startswith(LOG_IN_UNDER_WAY):
            client.shown[response["Location"]] = about_in(client.get(response["Location"]))
    return response


def come_in(client: PortalClient, user: User, *, second_step: str = "") -> PortalClient:
    """Begin a session of `user` as the last stage of a log-in by password does; return the browser.

    For what is about neither the log-in nor its pages: those take most of the time of a short test. What it leaves is
    what `log_in` leaves, see tests/unit/test_come_in.py. `second_step` is what a session knows the one shown by, or "".
    Raises AssertionError where the log-in would not have come to its end, or the browser has another session.
    """
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not user.has_to_set_a_new_password()
    assert second_step or not second_steps.is_needed(user=user, address="127.0.0.1")

    def enter(request: HttpRequest) -> HttpResponse:
        under_way = LogInUnderWay(password_fingerprint=fingerprint(user), second_step=second_step)
        cast("Passed", request).log_in_under_way = under_way
        shown = {"method": "password", "at": time.time(), "username": user.username}
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [shown]
        request.session[SHOWN_BY] = str(user.pk)
        ours = AccountAdapter(request)
        ours.login(request, user)
        return ours.post_login(request, user, redirect_url=None)

    assert answered(client, enter).status_code == 302
    return client


def answered(client: PortalClient, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Let `view` answer a request of this browser's within the layers that a log-in needs; return its answer.

    No page is drawn on the way: most tests begin with a session, and are not about how it came to be.
    """
    of_this_browser: Any = client.defaults
    request = RequestFactory(**of_this_browser).get("/", secure=True)
    request.COOKIES.update({name: morsel.value for name, morsel in client.cookies.items()})
    answer: Any = view
    layers = (AccountMiddleware, languages_of_people, MessageMiddleware, AuthenticationMiddleware, SessionMiddleware)
    for layer in (*layers, remembered_browsers, origin, in_a_language):
        answer = layer(answer)
    response: HttpResponse = answer(request)
    client.cookies.update(response.cookies)
    return response


def about_in(page: Answer) -> dict[str, str]:
    """Return the hidden field by which a page's form says what it is about, or {} where the page has no such form."""
    found = re.search(r'name="about" value="([0-9a-f]{64})"', page.text)
    return {"about": found[1]} if found else {}


def send(client: Client, path: str, typed: Mapping[str, Any] | None = None, **more: Any) -> Answer:
    """Fill in the form of a page with `typed` and send it, as a browser does; return the answer.

    The page is opened for it, unless `log_in` has left it open. `more` is told to the test client.
    """
    open_page = client.shown.get(path) if isinstance(client, PortalClient) else None
    return client.post(path, {**(open_page or about_in(client.get(path, follow=True))), **(typed or {})}, **more)


def stay_logged_in(client: Client, user: User) -> Answer:
    """Answer the warning before the session of `user` ends, in a page that was opened before; return the answer."""
    return client.post(reverse("session_keep"), {"about": about.person(user)})
