"""Links that open a mail in the person's own mail program, with what the reader will ask for first."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _


def asking_for_help(*, address: str) -> str:
    """Return a mailto: address for asking `address` for help with ESR."""
    return mailto(address, subject=_("Help with ESR"), body=_body(_("What I need help with:")))


def renewing_a_smartcard(*, address: str) -> str:
    """Return a mailto: address for asking `address` to renew a smartcard."""
    return mailto(address, subject=_("Renew my smartcard"), body=_body(_("Please tell me how to renew my smartcard.")))


def _body(begins: str) -> str:
    """Return a mail that `begins` so, below what the reader asks for: the guide's step 7 (G in docs/security.md)."""
    return f"{_('Name:')}\r\n{_('ESR number:')}\r\n\r\n{begins}\r\n"


def mailto(address: str, **headers: str) -> str:
    """Return a mailto: address (RFC 6068: blanks are %20, never +, and lines end in CR LF)."""
    query = f"?{urlencode(headers, quote_via=quote)}" if headers else ""
    return f"mailto:{quote(address, safe='@')}{query}"
