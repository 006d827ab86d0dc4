"""The two fields that each form begins with: one that makes it a new form to the browser, and Django's CSRF token.

Django asks the system for each random letter of a token, 64 times a page. Here they come in one call. The two facts by
which its middleware knows the secret of a browser are those that `django.middleware.csrf.get_token` notes.
"""

from __future__ import annotations

import html
import os
from typing import TYPE_CHECKING, Any

from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from django.http import HttpRequest

# Enough that no two pages which one browser has shown share a name.
_BYTES = 8
_NEW_FORM = '<input type="hidden" name="page-%s" value="">'
_TOKEN = '<input type="hidden" name="csrfmiddlewaretoken" value="%s">'  # noqa: S105

_LETTERS = CSRF_ALLOWED_CHARS.encode("ascii")
# The most values of a byte that give each letter the same chance; the rest is thrown away.
_FAIR = 256 // len(_LETTERS) * len(_LETTERS)
_LETTER_OF_BYTE = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))
_UNFAIR = bytes(range(_FAIR, 256))
_NUMBER_OF_LETTER = {letter: number for number, letter in enumerate(CSRF_ALLOWED_CHARS)}


class Later(SafeString):
    """A token that is both fields already, as a shell has them (shells.py)."""


def random_letters(length: int) -> str:
    """Return `length` random letters and digits, each as likely as any other, as Django's `get_random_string` does."""
    letters = b""
    while len(letters) < length:
        letters += os.urandom(length + length // 4).translate(_LETTER_OF_BYTE, _UNFAIR)
    return letters[:length].decode("ascii")


def secret_of(request: HttpRequest) -> str:
    """Return the CSRF secret of the browser; a new one where it has none, which the answer brings along."""
    secret = request.META.get("CSRF_COOKIE")
    if secret is None:
        secret = request.META["CSRF_COOKIE"] = random_letters(CSRF_SECRET_LENGTH)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    return str(secret)


def token(request: HttpRequest) -> str:
    """Return a CSRF token for a form: the secret of the browser under a mask that is another each time (BREACH)."""
    mask = random_letters(CSRF_SECRET_LENGTH)
    number, letters = _NUMBER_OF_LETTER, CSRF_ALLOWED_CHARS
    pairs = zip(secret_of(request), mask, strict=True)
    return mask + "".join([letters[(number[a] + number[b]) % len(letters)] for a, b in pairs])


def csrf(request: HttpRequest) -> dict[str, Any]:
    """Return the context processor's one variable, in place of Django's own: the token, made where it is asked for."""
    return {"csrf_token": SimpleLazyObject(lambda: token(request))}


def names(number: int) -> list[str]:
    """Return the random part of the names that make so many forms new to the browser."""
    letters = os.urandom(_BYTES * number).hex()
    return [letters[begin : begin + 2 * _BYTES] for begin in range(0, len(letters), 2 * _BYTES)]


def fields(token: str) -> SafeString:
    """Return both fields as markup; where there is no token, the first alone."""
    (name,) = names(1)
    return markup(name=name, token=html.escape(token))


def markup(*, name: str, token: str) -> SafeString:
    """Return the fields with this random part of a name, and this token, if any, both as markup."""
    return SafeString(_NEW_FORM % name + (_TOKEN % token if token else ""))
