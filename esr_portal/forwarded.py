"""Where a request came from and whether over TLS, as the proxies in front say: X-Forwarded-For and X-Forwarded-Proto.

Both are believed from TRUSTED_PROXIES alone, and read in every form that proxies write: with a port, in brackets, with
a zone, in quotation marks, as a list with blanks, in capitals (MDN X-Forwarded-For; RFC 7239, 6, of nodes; RFC 9110,
5.6.1, of empty members of a list). What cannot be read, and what an address that is not trusted sends, is said in the
log and on /health/ready: such a portal would have a wrong address on record, or redirect each page to itself for ever.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

logger = logging.getLogger("esr_portal.proxies")

# Where the web server's environment of a request has what was noticed, for /health/ready: a tuple of sentences.
NOTICED = "esr_portal.proxies"
# And whether what connected to us is a proxy that is believed.
FROM_TRUSTED = "esr_portal.from_trusted_proxy"
# Proxies of one portal that are told apart in the log. A stranger who reaches the port adds no more lines than this.
MOST_LINES = 10
# Characters of a header that the log repeats.
LONGEST_SHOWN = 100

_IN_BRACKETS = re.compile(r"\[([^\[\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
# What is asked by machines that may stand where a proxy does, and pass no person on.
_HEALTH, _METRICS = "/health/", "/metrics"


# The proxy's own is read for each request, and those of a hospital's people for many.
@functools.lru_cache(maxsize=256)
def read_address(text: str) -> Address | None:
    """Return the network address that a member of X-Forwarded-For is, or None where it is none.

    An IPv4 address in IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address: a server that listens on :: sees its peers so.
    """
    text = text.strip().strip('"').strip()
    found = _IN_BRACKETS.fullmatch(text) or _WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((found[1] if found else text).strip().partition("%")[0])
    except ValueError:
        return None
    return unmapped(address)


def unmapped(address: Address) -> Address:
    """Return the IPv4 address that is written as an IPv6 one, or the address as it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def read_network(text: str) -> Network:
    """Return the network that an address or a network in TRUSTED_PROXIES is. Raises ValueError."""
    network = ipaddress.ip_network(text.strip())
    mapped = unmapped(network.network_address)
    if mapped.version == network.version or network.prefixlen < 96:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - 96))


def read_scheme(header: str) -> str:
    """Return "http" or "https", the first in X-Forwarded-Proto, or "" where that is neither.

    The first is what the browser used, as Django reads SECURE_PROXY_SSL_HEADER: proxies behind it add theirs.
    """
    first = next((member for member in (_bare(part) for part in header.split(",")) if member), "")
    return first if first in {"http", "https"} else ""


def _bare(text: str) -> str:
    return text.strip().strip('"').strip().lower()


def members(header: str) -> list[str]:
    """Return the members of X-Forwarded-For that are not empty."""
    return [member for member in (part.strip() for part in header.split(",")) if member]


class Proxies:
    """The proxies that are believed, and what they sent that could not be."""

    def __init__(self, trusted: Iterable[str], *, served_over_tls: bool) -> None:
        """`trusted` are addresses and networks, `served_over_tls` whether BASE_URL is https."""
        self._networks = [read_network(text) for text in trusted]
        self._served_over_tls = served_over_tls
        self._said: dict[str, str] = {}

    def believe(self, application: WSGIApplication) -> WSGIApplication:
        """Return `application` as it is to be served: told where each request came from, and whether over TLS."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            self._tell(environ)
            environ[NOTICED] = tuple(self._said.values())
            return application(environ, start_response)

        return answer

    def _tell(self, environ: WSGIEnvironment) -> None:
        peer = read_address(environ.get("REMOTE_ADDR", ""))
        if peer is not None:
            # In one spelling from here on: counters and events compare it.
            environ["REMOTE_ADDR"] = str(peer)
        environ[FROM_TRUSTED] = peer is not None and self._trusts(peer)
        if peer is None or not environ[FROM_TRUSTED]:
            self._look_at_what_is_not_believed(environ, peer)
            return
        came_from = members(environ.get("HTTP_X_FORWARDED_FOR", ""))
        if came_from:
            client = self.client(came_from)
            environ["REMOTE_ADDR"] = str(client) if client else ""
            if client is None:
                self._say("X-Forwarded-For", peer, ", ".join(came_from), "people's addresses are not known")
        elif not _is_asked_by_a_machine(environ):
            self._say("X-Forwarded-For", peer, "", "each person has the proxy's address")
        self._tell_scheme(environ, peer)

    def _tell_scheme(self, environ: WSGIEnvironment, peer: Address) -> None:
        header = environ.get("HTTP_X_FORWARDED_PROTO", "")
        scheme = read_scheme(header)
        if scheme:
            environ["wsgi.url_scheme"] = scheme
        elif self._served_over_tls and not _is_asked_by_a_machine(environ):
            self._say("X-Forwarded-Proto", peer, header, "each page redirects to itself")

    def client(self, came_from: Sequence[str]) -> Address | None:
        """Return the last address in `came_from` that is not a trusted proxy's, or None where it cannot be read.

        What stands before it was said by a stranger. Where all are proxies, the first is meant.
        """
        address = None
        for text in reversed(came_from):
            address = read_address(text)
            if address is None or not self._trusts(address):
                return address
        return address

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)

    def _look_at_what_is_not_believed(self, environ: WSGIEnvironment, peer: Address | None) -> None:
        """Say so where what is not believed may be the operator's own proxy."""
        if not (self._served_over_tls and environ.get("HTTP_X_FORWARDED_PROTO")) or _is_over_tls(environ):
            return
        self._note(
            f"not trusted {peer}",
            "X-Forwarded-Proto came from an address that TRUSTED_PROXIES does not name: each page redirects to itself",
            "Is it your proxy? Then add it to TRUSTED_PROXIES.",
            peer=str(peer or ""),
        )

    def _say(self, header: str, peer: Address, came: str, therefore: str) -> None:
        what = f"{header} from a proxy {'cannot be read' if came else 'is missing'}: {therefore}"
        self._note(f"{header} {peer}", what, "Let the proxy set it.", peer=str(peer), came=came[:LONGEST_SHOWN])

    def _note(self, key: str, what: str, to_do: str, **extra: str) -> None:
        """Say once for each proxy and header what came of it."""
        if key in self._said or len(self._said) >= MOST_LINES:
            return
        self._said[key] = what
        logger.warning("%s. %s", what, to_do, extra=extra)


def _is_asked_by_a_machine(environ: WSGIEnvironment) -> bool:
    path: str = environ.get("PATH_INFO", "")
    return path.startswith(_HEALTH) or path == _METRICS


def _is_over_tls(environ: WSGIEnvironment) -> bool:
    return bool(environ.get("wsgi.url_scheme") == "https")
