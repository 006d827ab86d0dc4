"""What a stranger's browser is given at BASE_URL: the redirect from port 80, and the headers that protect it."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from helpdesk.doctor import asking
from helpdesk.doctor.findings import advice, failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# What each page has exactly once: a proxy that adds its own makes two, of which browsers take what they like.
HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
)
_LEAVE = "Have the proxy leave the portal's headers as they are."
# Seconds that HSTS has to hold: a year, as the list of browsers asks for (hstspreload.org).
_A_YEAR = 365 * 24 * 3600


def check(*, port_of_http: int = 80) -> Iterator[Finding]:
    """Yield what is wrong with the front page, and with plain HTTP."""
    try:
        page = asking.ask(f"{settings.BASE_URL}/")
    except (OSError, http.client.HTTPException) as error:
        yield failure(f"The front page does not open: {asking.why_not(error)}.", "Look at what is said of the proxy.")
        return
    found = [*_of(page)]
    if settings.SERVED_OVER_TLS:
        found += [*_hsts(page), *_plain_http(port_of_http)]
    yield from found or [good("The front page opens, with the headers that protect it.")]


def _of(page: asking.Answer) -> Iterator[Finding]:
    if page.status in {301, 302, 307, 308}:
        yield failure("The front page redirects, for ever where it is to itself.", "Look at what is said of the proxy.")
        return
    if page.status != 200:
        yield failure(f"The front page answers HTTP {page.status}.", "The log of the web server says why.")
        return
    for name in HEADERS:
        times = len(page.all(name))
        if times != 1:
            yield failure(f"{name} comes {times} times where it comes once from the portal.", _LEAVE)
    server = page.header("Server")
    if any(letter.isdigit() for letter in server):
        yield advice("The proxy tells strangers its version.", "In nginx: server_tokens off.")


def _hsts(page: asking.Answer) -> Iterator[Finding]:
    given = page.all("Strict-Transport-Security")
    parts = dict(part.strip().lower().partition("=")[::2] for part in given[0].split(";")) if given else {}
    age = parts.get("max-age", "").strip('"')
    if len(given) != 1 or not age.isdecimal() or int(age) < _A_YEAR:
        yield failure("Strict-Transport-Security does not arrive as the portal sends it.", _LEAVE)


def _plain_http(port: int) -> Iterator[Finding]:
    """Yield what is wrong with http:// of the same name. Nothing else is known of a portal on another port."""
    wanted = urlsplit(settings.BASE_URL)
    try:
        answer = asking.ask(f"http://{wanted.hostname}:{port}/")
    except (OSError, http.client.HTTPException):
        yield advice(
            f"Nothing answers at port {port}: people who type the name alone may see an error.",
            "Have the proxy redirect port 80 to BASE_URL, as deploy/nginx.conf does.",
        )
        return
    if answer.status not in {301, 308}:
        yield failure(
            f"Port {port} does not redirect for good, but answers HTTP {answer.status}.",
            "Have the proxy redirect it to BASE_URL, and serve no page there.",
        )
    elif not answer.header("Location").startswith(f"https://{wanted.hostname}"):
        yield warning(f"Port {port} redirects elsewhere than to BASE_URL.", "Have the proxy redirect it to BASE_URL.")
