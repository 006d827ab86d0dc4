"""How a request arrives through the proxy: the doctor asks BASE_URL, and hears what the portal saw."""

from __future__ import annotations

import http.client
import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from helpdesk.doctor import asking
from helpdesk.doctor.findings import advice, failure, good, warning
from hub.services import arrival

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# What a stranger may say of themselves, and no proxy is to pass on as true (RFC 5737: no address of anybody).
STRANGER = "192.0.2.77"
LIES = {"X-Forwarded-For": STRANGER, "X-Forwarded-Proto": "http", "Forwarded": f"for={STRANGER};proto=http"}
_PROXY = "Have the proxy set it anew, as deploy/nginx.conf does."


def check() -> Iterator[Finding]:
    """Yield what was wrong with the way of two requests: one as it is, and one that lies about where it comes from."""
    url = f"{settings.BASE_URL}/health/ready"
    try:
        answer = asking.ask(url, arrival.header())
        lied = asking.ask(url, {**arrival.header(), **LIES})
    except (OSError, http.client.HTTPException) as error:
        yield failure(
            f"Nothing can be asked at BASE_URL: {asking.why_not(error)}.",
            "Look at the proxy and its certificate, at the name in DNS, and at the way from this machine to it.",
        )
        return
    yield from asking.certificate(url, whose="BASE_URL")
    saw, saw_lied = arrival.read(answer.text), arrival.read(lied.text)
    if saw is None or saw_lied is None:
        yield from _of_an_unknown(answer)
        return
    found = [*_ready(answer), *_of(saw), *_of_lies(saw, saw_lied)]
    yield from found or [good(f"Requests arrive as they should, from {saw['client']}.")]


def _of_an_unknown(answer: asking.Answer) -> Iterator[Finding]:
    if answer.status == 400:
        yield failure(
            "The portal refuses the host name that arrives (HTTP 400).",
            "Have the proxy pass Host on, and name the host of BASE_URL in ALLOWED_HOSTS.",
        )
    elif answer.status in {200, 503} and answer.text.startswith(("ready", "not ready")):
        yield failure(
            "The portal at BASE_URL does not know the doctor: it has another SECRET_KEY or an older version, or the "
            "proxy takes headers away.",
            f"Give all processes the same variables, and let {arrival.HEADER} through.",
        )
    elif answer.status == 403:
        yield failure(
            "The proxy does not let this machine ask /health/ready (HTTP 403), by which it sees how requests arrive.",
            "Allow the address that this machine comes from there, and no network beyond: see deploy/nginx.conf.",
        )
    else:
        yield failure(
            f"What answers at BASE_URL is not the portal (HTTP {answer.status}).",
            "Have the proxy pass every address on, and look whether the web server runs.",
        )


def _ready(answer: asking.Answer) -> Iterator[Finding]:
    first, *others = answer.text.splitlines()
    if answer.status != 200:
        yield failure(f"The portal at BASE_URL says: {first}.", "Mend what it says. Until then it gets no visitors.")
    for line in others:
        if not line.startswith(arrival.ARRIVED):
            yield warning(f"The portal has noticed: {line}.", _PROXY)


def _of(saw: dict[str, Any]) -> Iterator[Finding]:
    wanted = urlsplit(settings.BASE_URL)
    if saw["scheme"] != wanted.scheme:
        yield failure(
            f"Requests arrive as {saw['scheme']}, and BASE_URL is {wanted.scheme}: each page redirects to itself.",
            f"Name the proxy in TRUSTED_PROXIES. X-Forwarded-Proto says how the browser came. {_PROXY}",
        )
    if saw["host"].partition(":")[0].lower() != (wanted.hostname or ""):
        yield failure(
            f"Requests arrive for another host than BASE_URL's: {saw['host'][:100]}.", "Have the proxy pass Host on."
        )
    if saw["version"] != settings.VERSION:
        yield warning(
            f"Version {saw['version']} is served, and {settings.VERSION} is installed here.",
            f"Start the web server on {saw['machine']} anew: an upgrade ends with that.",
        )
    if saw["from_trusted_proxy"] and not saw["forwarded"]:
        yield failure("X-Forwarded-For does not arrive: each person has the proxy's address.", _PROXY)


def _of_lies(saw: dict[str, Any], lied: dict[str, Any]) -> Iterator[Finding]:
    """Yield what a stranger can make the portal believe."""
    if lied["scheme"] != saw["scheme"]:
        yield failure("The proxy passes on what a stranger says in X-Forwarded-Proto.", _PROXY)
    if lied["client"] != STRANGER:
        return
    if _is_a_proxy(saw["client"]):
        # As the last proxy of a list has it, what comes before is the client: so it is for the doctor alone.
        yield advice(
            "Whether a stranger can choose their address cannot be told: the doctor asks from one in TRUSTED_PROXIES.",
            "Run the doctor on another machine too, or have the proxy set X-Forwarded-For to one address alone.",
        )
    else:
        yield failure(
            "The proxy passes on what a stranger says in X-Forwarded-For: each guess can come from another address.",
            _PROXY,
        )


def _is_a_proxy(text: str) -> bool:
    try:
        client = ipaddress.ip_address(text)
        return any(client in ipaddress.ip_network(each, strict=False) for each in settings.TRUSTED_PROXIES)
    except ValueError:
        return False
