"""Where people reach the portal, through which proxies, and where its figures are asked for from.

BASE_URL, ALLOWED_HOSTS, TRUSTED_PROXIES, METRICS_NETWORKS.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.http.request import validate_host

from esr_portal import forwarded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from esr_portal.configuration.faults import Variables

DEFAULT_PORTS = {"http": 80, "https": 443}
# What Django compares a request's host with (django.http.request, host_validation_re): letters of ASCII, an IPv6
# address in brackets, a dot in front for every name below.
_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
_BASE_EXAMPLE = "Put the https:// address that people open, without a path, like https://esr.example.nhs.uk."
_HOSTS_EXAMPLE = "Put host names alone there, like ALLOWED_HOSTS=esr.example.nhs.uk,localhost."
_HOST_OF_BASE = "Put the host name of BASE_URL there, like ALLOWED_HOSTS=esr.example.nhs.uk."
PROXIES_EXAMPLE = "List addresses or networks, like 10.0.0.5,10.1.0.0/24."
_NARROW = {
    "TRUSTED_PROXIES": "List only the addresses of your own proxies, like 10.0.0.5,10.1.0.0/24.",
    "METRICS_NETWORKS": "List only where your monitoring asks from, like METRICS_NETWORKS=10.0.9.7.",
}
# What the world's addresses are in: of IPv6, what is given out (IANA, global unicast).
_WORLD = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("2000::/3"))
# Proxies hold less than this part of the world's addresses. Private networks together hold a 240th of IPv4.
_SIXTEENTH = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Addresses:
    """`base_url` without a slash at its end, `origin` as browsers send it in Origin, "" where there is none.

    `rp_id` is the host that passkeys belong to (WebAuthn, relying party identifier), "" where there is none.
    """

    base_url: str
    origin: str
    rp_id: str
    allowed_hosts: list[str]
    trusted_proxies: list[str]
    metrics_networks: list[str]
    served_over_tls: bool
    # Host and port where browsers have to be sent to TLS at another port than 443, else "".
    tls_host: str


def read(variables: Variables, *, demo: bool, port: int) -> Addresses:
    """Return where people reach the portal."""
    base_url = variables.text("BASE_URL", f"http://localhost:{port}" if demo else "").rstrip("/")
    base = _split(base_url)
    allowed_hosts = _allowed_hosts(variables, demo=demo)
    trusted_proxies = _networks(
        variables, "TRUSTED_PROXIES", malformed="E001", too_wide="E002", example=PROXIES_EXAMPLE
    )
    metrics_networks = _networks(
        variables, "METRICS_NETWORKS", malformed="E070", too_wide="E071", example=_NARROW["METRICS_NETWORKS"]
    )
    if base is None or not base.hostname:
        variables.fault("E013", f"BASE_URL is {'no address' if base_url else 'not set'}.", _BASE_EXAMPLE)
        return Addresses(
            "", "", "", allowed_hosts, trusted_proxies, metrics_networks, served_over_tls=False, tls_host=""
        )
    _look_at(base, variables, demo=demo)
    if not demo:
        _look_whether_allowed(base, allowed_hosts, variables)
    over_tls = base.scheme == "https"
    has_port = base.port not in {None, DEFAULT_PORTS.get(base.scheme)}
    authority = f"{_in_a_url(base)}:{base.port}" if has_port else _in_a_url(base)
    return Addresses(
        base_url=base_url,
        origin=f"{base.scheme}://{authority}",
        rp_id=base.hostname,
        allowed_hosts=allowed_hosts,
        trusted_proxies=trusted_proxies,
        metrics_networks=metrics_networks,
        served_over_tls=over_tls,
        tls_host=authority if over_tls and has_port else "",
    )


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address, or None where it cannot be read. What Python says of it quotes it."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _in_a_url(base: SplitResult) -> str:
    """Return the host as addresses have it: in small letters, IPv6 in brackets."""
    host = base.hostname or ""
    return f"[{host}]" if ":" in host else host


def _look_at(base: SplitResult, variables: Variables, *, demo: bool) -> None:
    """Name what is wrong with BASE_URL. Which hosts a demo may have is in demo/checks.py."""
    if "@" in base.netloc:
        variables.fault("E013", "BASE_URL has a user or a password in it.", _BASE_EXAMPLE)
    elif not _HOST.fullmatch(_in_a_url(base)):
        variables.fault("E013", "BASE_URL has a host name that browsers do not send (IDNA: xn--…).", _BASE_EXAMPLE)
    elif base.path or base.query or base.fragment:
        variables.fault("E013", "BASE_URL has more than an origin in it.", _BASE_EXAMPLE)
    elif not demo and base.scheme != "https":
        variables.fault("E013", "BASE_URL does not begin with https://.", _BASE_EXAMPLE)


def _look_whether_allowed(base: SplitResult, allowed_hosts: list[str], variables: Variables) -> None:
    if allowed_hosts and "*" not in allowed_hosts and not validate_host(_in_a_url(base), allowed_hosts):
        variables.fault("E028", "ALLOWED_HOSTS lacks the host name of BASE_URL.", _HOST_OF_BASE)


def _allowed_hosts(variables: Variables, *, demo: bool) -> list[str]:
    hosts = variables.words("ALLOWED_HOSTS") or (["*"] if demo else [])
    if not hosts:
        variables.fault("E014", "ALLOWED_HOSTS is not set.", _HOST_OF_BASE)
    elif "*" in hosts and not demo:
        variables.fault("E015", "ALLOWED_HOSTS allows every host.", "List the host names that people open.")
    if not all(host == "*" or _HOST.fullmatch(host) for host in hosts):
        what = "ALLOWED_HOSTS has a member that no request's host can be (a port, https://, a path, another *)."
        variables.fault("E027", what, _HOSTS_EXAMPLE)
    return hosts


def _networks(variables: Variables, name: str, *, malformed: str, too_wide: str, example: str) -> list[str]:
    """Return the members of a variable that are addresses or networks, each in its shortest spelling.

    `malformed` is the code where one is neither, `too_wide` where together they let strangers in.
    """
    networks = []
    for text in variables.words(name):
        try:
            networks.append(forwarded.read_network(text))
        except ValueError:
            if not any(fault.code == malformed for fault in variables.faults):
                variables.fault(malformed, f"{name} has a member that is no address.", example)
    if _hold_a_sixteenth_of_the_world(networks):
        what = f"{name} trusts everybody, or so wide a part of the world that strangers are in it."
        variables.fault(too_wide, what, _NARROW[name])
    return [str(network) for network in networks]


def _hold_a_sixteenth_of_the_world(networks: Iterable[forwarded.Network]) -> bool:
    """Return whether networks together hold a sixteenth of IPv4 or IPv6, however they are cut (0.0.0.0/1,128.0.0.0/1).

    Networks that overlap are counted once.
    """
    networks = list(networks)
    for world in _WORLD:
        of_this_kind: list[forwarded.Network] = [network for network in networks if network.version == world.version]
        parts = ipaddress.collapse_addresses(of_this_kind)  # type: ignore[type-var]
        held = sum(min(part.num_addresses, world.num_addresses) for part in parts if part.overlaps(world))
        if held * _SIXTEENTH >= world.num_addresses:
            return True
    return False
