"""What people do in tests again and again, always through the pages that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


class PortalClient(Client):
    """Django's test client as a browser over TLS at the portal's own address: cookies and redirects are production's.

    A test of plain HTTP takes `django.test.Client`.
    """

    def __init__(self, *, enforce_csrf_checks: bool = False) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks, SERVER_NAME="esr.example.nhs.uk")

    def generic(self, *args: Any, **kwargs: Any) -> Answer:
        """Send a request, over TLS."""
        return super().generic(*args, **{**kwargs, "secure": True})


def log_in(client: Client, user: User, password: str = PASSWORD) -> Answer:
    """Send the log-in form; return the answer. Raises AssertionError where the password is not accepted."""
    response = client.post(reverse("log_in"), {"username": user.username, "password": password})
    assert response.status_code == 302, f"{user.username} was not let in"
    return response
