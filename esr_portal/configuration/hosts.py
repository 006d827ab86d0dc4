"""Whether a host is this machine, to which nothing travels over a network."""

from __future__ import annotations

import ipaddress


def is_this_machine(host: str) -> bool:
    """Return whether `host` is a name or an address of the machine that the portal runs on (RFC 6761, 6.3)."""
    host = host.strip("[]").lower().removesuffix(".")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
