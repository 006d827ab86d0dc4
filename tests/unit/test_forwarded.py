"""What is read of X-Forwarded-For and X-Forwarded-Proto, in every form that proxies write them."""

from __future__ import annotations

import ipaddress
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esr_portal import forwarded
from esr_portal.forwarded import NOTICED, Proxies

PROXIES = Proxies(["10.0.0.5", "10.1.0.0/24", "2001:db8:ff::/48", "::ffff:10.2.0.0/112"], served_over_tls=True)


def told(
    headers: dict[str, str] | None = None, *, proxies: Proxies = PROXIES, peer: str = "10.0.0.5", path: str = "/"
) -> dict[str, Any]:
    """Return what the application is told of a request with these X-Forwarded-… that came over plain HTTP."""
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "PATH_INFO": path, "wsgi.url_scheme": "http"}
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in (headers or {}).items()}
    proxies.believe(lambda *_: [])(environ, lambda *_: None)  # type: ignore[arg-type]
    return environ


FORMS = [
    ("203.0.113.7", "203.0.113.7"),
    ("203.0.113.7:51008", "203.0.113.7"),
    ("[203.0.113.7]:51008", "203.0.113.7"),
    ('"203.0.113.7:51008"', "203.0.113.7"),
    ("2001:db8::7", "2001:db8::7"),
    ("[2001:db8::7]", "2001:db8::7"),
    ("[2001:DB8::7]:51008", "2001:db8::7"),
    ('"[2001:db8::7]:51008"', "2001:db8::7"),
    ("[fe80::7%eth0]:51008", "fe80::7"),
    ("::ffff:203.0.113.7", "203.0.113.7"),
    ("[::ffff:203.0.113.7]:51008", "203.0.113.7"),
]


@pytest.mark.parametrize(("written", "meant"), FORMS)
def test_every_form_of_an_address_is_read(written: str, meant: str) -> None:
    """Threat: the address is lost, and inside a trusted network a right password is refused."""
    for header in (written, f" {written} ", f"198.51.100.4, {written}", f"x,,{written},10.1.0.9:80 , ,10.2.0.7"):
        assert told({"for": header, "proto": "https"})["REMOTE_ADDR"] == meant, header


@pytest.mark.parametrize("peer", ["10.0.0.5", "10.1.0.200", "::ffff:10.0.0.5", "10.2.0.1", "2001:db8:ff::1"])
def test_a_proxy_is_known_in_each_spelling_of_its_address(peer: str) -> None:
    environ = told({"for": "203.0.113.7", "proto": "https"}, peer=peer)
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("203.0.113.7", "https")


@pytest.mark.parametrize("peer", ["198.51.100.4", "10.1.1.1", "::ffff:198.51.100.4", "2001:db8::1", "", "a socket"])
def test_a_stranger_is_told_nothing_and_says_nothing(peer: str) -> None:
    """Threat: an attacker past the proxy names another address, or claims TLS."""
    environ = told({"for": "203.0.113.7", "proto": "https"}, peer=peer)
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == (peer.removeprefix("::ffff:"), "http")


@pytest.mark.parametrize("header", ["https", "HTTPS", " Https ", '"https"', "https, http", "HTTPS,http", ", https"])
def test_every_form_of_https_is_read(header: str) -> None:
    """Threat: a page that redirects to itself for ever."""
    assert told({"for": "203.0.113.7", "proto": header})["wsgi.url_scheme"] == "https"
    assert told({"proto": header})["wsgi.url_scheme"] == "https"


@pytest.mark.parametrize("header", ["http", "HTTP", "http, https", "ftp", "", ",", "httpss", "https://"])
def test_what_is_not_https_is_not_taken_for_it(header: str) -> None:
    assert told({"for": "203.0.113.7", "proto": header})["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize("nonsense", ["unknown", "_hidden", "203.0.113.7:x", "[203.0.113.7", "999.1.1.1", "a" * 4000])
def test_an_address_that_cannot_be_read_is_none(nonsense: str) -> None:
    """Threat: what a stranger wrote before it is taken for the address."""
    assert told({"for": f"203.0.113.7, {nonsense}", "proto": "https"})["REMOTE_ADDR"] == ""


@given(
    client=st.ip_addresses(),
    before=st.lists(st.text('0123456789abcdef.:[]"%, xé', max_size=20), max_size=3),
    behind=st.lists(st.sampled_from(["10.0.0.5", "10.1.0.7:80", "[2001:db8:ff::2]:443", " ", ""]), max_size=3),
    port=st.none() | st.integers(0, 65535),
)
@settings(max_examples=50)
def test_the_client_is_the_last_that_is_no_proxy_of_ours(
    client: ipaddress.IPv4Address | ipaddress.IPv6Address, before: list[str], behind: list[str], port: int | None
) -> None:
    """Whatever strangers wrote before it, and in whichever form it is written."""
    written = f"[{client}]" if client.version == 6 and port is not None else str(client)
    written += "" if port is None else f":{port}"
    environ = told({"for": ",".join([*before, written, *behind]), "proto": "https"})
    meant = forwarded.unmapped(client)
    if not PROXIES._trusts(meant):
        assert environ["REMOTE_ADDR"] == str(meant)


UNDERSTOOD = {"for": "203.0.113.7:51008", "proto": "HTTPS, http"}


@pytest.mark.parametrize(
    ("peer", "headers", "header", "came"),
    [
        ("10.0.0.9", {"for": "203.0.113.7", "proto": "https"}, "TRUSTED_PROXIES does not name", None),
        ("10.0.0.5", {**UNDERSTOOD, "for": "203.0.113.7, unknown"}, "X-Forwarded-For from a proxy cannot", "unknown"),
        ("10.0.0.5", {"proto": "https"}, "X-Forwarded-For from a proxy is missing", ""),
        ("10.0.0.5", {**UNDERSTOOD, "proto": "on"}, "X-Forwarded-Proto from a proxy cannot", "on"),
        ("10.0.0.5", {"for": "203.0.113.7"}, "X-Forwarded-Proto from a proxy is missing", ""),
    ],
)
def test_what_is_not_understood_is_said_once_in_the_log_and_where_operators_look(
    caplog: pytest.LogCaptureFixture, peer: str, headers: dict[str, str], header: str, came: str | None
) -> None:
    proxies = Proxies(["10.0.0.5"], served_over_tls=True)
    with caplog.at_level(logging.WARNING, logger="esr_portal.proxies"):
        for _ in range(3):
            told(headers, proxies=proxies, peer=peer)
    (line,) = caplog.records
    assert header in line.getMessage()
    assert line.__dict__["peer"] == peer
    assert came is None or came in line.__dict__["came"]
    (noticed,) = told(UNDERSTOOD, proxies=proxies)[NOTICED]
    assert header in noticed
    assert "203.0.113.7" not in noticed


def test_what_is_as_it_should_be_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    proxies = Proxies(["10.0.0.5"], served_over_tls=True)
    told(UNDERSTOOD, proxies=proxies)
    told({"for": "203.0.113.7", "proto": "http"}, proxies=proxies)
    # A load balancer's own question after our health, and a visitor without a proxy.
    told(proxies=proxies, path="/health/ready")
    told(proxies=proxies, peer="198.51.100.4")
    told({"proto": "http"}, proxies=Proxies([], served_over_tls=False), peer="127.0.0.1")
    assert not caplog.records
    assert told(UNDERSTOOD, proxies=proxies)[NOTICED] == ()


def test_strangers_cannot_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Threat: the port is open to a network, and each of its addresses adds a line."""
    proxies = Proxies([], served_over_tls=True)
    for number in range(100):
        told({"proto": "https"}, proxies=proxies, peer=f"198.51.100.{number}")
    assert len(caplog.records) == forwarded.MOST_LINES


@pytest.mark.parametrize("peer", ["::ffff:198.51.100.4", "::ffff:c633:6404"])
def test_a_visitor_without_a_proxy_has_one_spelling_too(peer: str) -> None:
    """Threat: a server that listens on :: counts all of IPv4 as one address, and one machine uses up its requests."""
    assert told(peer=peer)["REMOTE_ADDR"] == "198.51.100.4"
