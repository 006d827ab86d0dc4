"""Which hosts a demo may have: its people's password and its inbox are open to all who reach it.

It knows no settings: esr_portal/run.py asks it before there are any.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

# This machine and private networks: RFC 1122 (0.0.0.0, 127/8), 1918, 3927 and 4291 (link-local, loopback), 4193.
_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/32", "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::/128", "::1/128", "fe80::/10", "fc00::/7"),
    )
)
_NAME = re.compile(r"[a-z0-9._-]+")
# WHATWG URL, "ends in a number".
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that public DNS does not have: RFC 6761, 6762, 8375, ICANN's .internal, and .lan, which routers give out.
_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
_DIGITS = frozenset("0123456789")


def is_private(host: str) -> bool:
    """Return whether `host`, a name or an address without a port, is this machine's or one of a private network's."""
    host = host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(_NAME.fullmatch(host)) and (host.endswith(_ENDINGS) or _is_a_single_label(host))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    meant = mapped or address
    return any(meant in network for network in _NETWORKS if network.version == meant.version)


def _is_a_single_label(host: str) -> bool:
    """Return whether public DNS has no such name. Browsers read a number as an IPv4 address: 134744072 is 8.8.8.8."""
    return "." not in host and not _NUMBER.fullmatch(host)


def problem(base_url: str) -> str:
    """Return what keeps a demo from having the address `base_url`, in a few words, or ""."""
    try:
        address = urlsplit(base_url)
        host = address.hostname or ""
    except ValueError:
        return "is no address"
    if address.scheme != "http":
        return "is not one that begins with http://"
    return "" if is_private(host) else "has a public host name"
