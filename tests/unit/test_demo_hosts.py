"""Which hosts a demo may have: this machine's and those of private networks."""

from __future__ import annotations

import pytest

from demo import hosts

PRIVATE = (
    *("localhost", "LOCALHOST.", "esr.localhost", "ward-pc", "esr_1", "3com-pc", "laptop.local", "esr.fritz.lan"),
    *("esr.corp.internal", "esr.home.arpa", "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.31.0.1", "192.168.1.20"),
    *("169.254.3.4", "0.0.0.0", "::1", "[::1]", "fe80::1", "fd12:3456::1", "::ffff:192.168.1.20"),  # noqa: S104
)
PUBLIC = (
    *("esr.example.nhs.uk", "esr.nhs.uk.", "localhost.nhs.uk", "lan.example.com", "notlocal.nhslocal.uk"),
    *("203.0.113.7", "8.8.8.8", "172.32.0.1", "192.169.0.1", "100.64.0.1", "11.0.0.1", "2001:db8::7", "::ffff:8.8.8.8"),
    # As browsers read them: 8.8.8.8 twice, the same shortened, and a dot that is no full stop.
    *("134744072", "0x08080808", "8.8", "esr。nhs。uk", "esr%2enhs%2euk", "evil.com/.local", "evil@x.local", ""),
)


@pytest.mark.parametrize("host", PRIVATE)
def test_private(host: str) -> None:
    assert hosts.is_private(host)


@pytest.mark.parametrize("host", PUBLIC)
def test_public(host: str) -> None:
    """Threat: the demo's inbox and its people's password, open to the world."""
    assert not hosts.is_private(host)


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://192.168.1.20:8000", "http://[fe80::1]:8000/"])
def test_an_address_of_a_private_network_is_welcome(address: str) -> None:
    """The demo on a phone."""
    assert hosts.problem(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        *("https://localhost", "https://esr.example.nhs.uk", "http://esr.example.nhs.uk", "http://8.8.8.8:8000"),
        *("HTTPS://192.168.1.20", "ftp://localhost", "localhost:8000", "", "http://", "http://[::1", "http://[x]/"),
    ],
)
def test_any_other_is_not(address: str) -> None:
    assert hosts.problem(address)
