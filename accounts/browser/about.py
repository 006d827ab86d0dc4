"""What a form is about: the person, the log-in or the link that its page was shown for.

The tabs of one browser share a session, so by the time that a form is sent, the session may hold another person. Each
page writes into its forms what they are about, and the server compares (OWASP ASVS 7.2). It is a keyed digest: it names
no row, and is worth nothing in another browser, whose session holds something else.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from accounts.identifiers import keyed_digest
from accounts.models import User

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

# The name of the hidden field, and of the parameter in the address of a page that shows one of several.
FIELD = "about"


def person(user: User) -> str:
    """Return what a form is about that is for the person who is logged in."""
    return _digest("person", str(user.pk))


def of(request: HttpRequest) -> str | None:
    """Return what the forms are about that are for the person who is logged in, or None where no person is."""
    return person(request.user) if isinstance(request.user, User) else None


def log_in(number: str) -> str:
    """Return what a form is about that belongs to the log-in under way with this `number`."""
    return _digest("log_in", number)


def choice(number: str) -> str:
    """Return what a form is about that chooses between the logins of the Care Identity shown under `number`."""
    return _digest("choice", number)


def link(link_id: uuid.UUID | str) -> str:
    """Return what a page is about that a recovery link has opened."""
    return _digest("link", str(link_id))


def not_me(key: str) -> str:
    """Return what a page is about that the link of a mail has opened by which a person says that it was not them."""
    return _digest("not_me", key)


def given_address(digest: str) -> str:
    """Return what a page is about that a link to an address has opened which a person gave beside that on record."""
    return _digest("given_address", digest)


def sent(request: HttpRequest) -> str:
    """Return what the form that was sent says it is about, or else the address; "" where neither says it."""
    fields = request.POST if request.method == "POST" else request.GET
    return fields.get(FIELD, "")


def is_same(sent: str, held: str) -> bool:
    """Return whether `sent`, which may be anything, is `held`, in time that does not tell how much of it is right."""
    return hmac.compare_digest(sent.encode("utf-8", "replace"), held.encode())


def says(request: HttpRequest, held: str) -> bool:
    """Return whether the form that was sent, or the address, is about what the session holds."""
    return is_same(sent(request), held)


def _digest(kind: str, value: str) -> str:
    return keyed_digest(purpose=f"about.{kind}", value=value)
