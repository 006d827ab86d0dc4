"""Recovery links for tests, as a mail would carry them."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from django.contrib.auth import SESSION_KEY

from accounts.models import User
from accounts.services import recovery
from tests.support.steps import PortalClient, about_in

# Where the page leads that a link opens while a person is logged in.
LOG_OUT_FIRST = "/recovery/log-out/"


def link_path(user: User, *, message_id: uuid.UUID | None = None) -> str:
    """Return the address of a link for `user`, without the portal's own."""
    return urlsplit(recovery.mint_link(message_id=message_id or uuid.uuid4(), user=user).address).path


def link_token(user: User, *, message_id: uuid.UUID | None = None) -> str:
    """Return the token in a link for `user`."""
    return link_path(user, message_id=message_id).removesuffix("/").rpartition("/")[2]


def open_link(client: PortalClient, user: User) -> str:
    """Open a link for `user` in a browser, and go on where it asks; return the address of the page that it leads to.

    It asks where a person is logged in: tests/pages/test_recovery_log_out_first.py.
    """
    page = client.get(link_path(user))["Location"]
    if SESSION_KEY not in client.session:
        return page
    asked = client.get(page)
    return client.post(page.replace("/recovery/new-password/", LOG_OUT_FIRST), about_in(asked))["Location"]
