"""Links that open a mail in the person's own mail program, with what the reader will ask for first."""

from __future__ import annotations

from urllib.parse import quote, urlencode

# The guide that staff are given (G in docs/security.md), step 7: state your Name and ESR number.
NAME_AND_NUMBER = "Name:\r\nESR number:\r\n\r\n"


def asking_for_help(*, address: str) -> str:
    """Return a mailto: address for asking `address` for help with ESR."""
    return mailto(address, subject="Help with ESR", body=f"{NAME_AND_NUMBER}What I need help with:\r\n")


def renewing_a_smartcard(*, address: str) -> str:
    """Return a mailto: address for asking `address` to renew a smartcard."""
    return mailto(
        address, subject="Renew my smartcard", body=f"{NAME_AND_NUMBER}Please tell me how to renew my smartcard.\r\n"
    )


def mailto(address: str, **headers: str) -> str:
    """Return a mailto: address (RFC 6068: blanks are %20, never +, and lines end in CR LF)."""
    query = f"?{urlencode(headers, quote_via=quote)}" if headers else ""
    return f"mailto:{quote(address, safe='@')}{query}"
