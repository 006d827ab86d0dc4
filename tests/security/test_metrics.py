"""/metrics is there for the networks of METRICS_NETWORKS alone; for all others there is no such page.

Threat: a stranger reads how many try to get in, whether an attack is noticed, and which version runs; or learns that
there is such a page, and works at its door.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory

from esr_portal import configuration, serving
from tests.support.factories import make_user
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db(transaction=True)

PROXY, MONITORING, STRANGER = "10.0.0.5", "10.0.9.7", "198.51.100.4"
Answer = tuple[str, list[tuple[str, str]], bytes]


@pytest.fixture
def portal(settings: Any) -> Any:
    """Return the portal as it is served, behind a proxy, with monitoring in two networks, one of them the proxy's."""
    settings.TRUSTED_PROXIES = [PROXY]
    settings.METRICS_NETWORKS = [MONITORING, "10.0.0.0/29"]
    return serving.outside(get_wsgi_application())


def ask(portal: Any, path: str = "/metrics", *, peer: str, method: str = "GET", **said: str) -> Answer:
    """Return status, headers and body of what the portal answers to a request with the headers `said`."""
    answered: list[tuple[str, list[tuple[str, str]]]] = []
    environ = RequestFactory().generic(method, path, secure=True).environ
    environ |= {"REMOTE_ADDR": peer, "HTTP_HOST": "esr.example.nhs.uk", **{f"HTTP_{n}": v for n, v in said.items()}}
    answer: Iterable[bytes] = portal(environ, lambda status, headers, *_: answered.append((status, headers)))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return (*answered[0], body)


def is_open(answer: Answer) -> bool:
    return answer[0] == "200 OK" and b"esr_database_up 1.0" in answer[2]


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        (MONITORING, {}),
        (f"::ffff:{MONITORING}", {}),
        # On the proxy's own machine, and asking directly.
        (PROXY, {}),
        (PROXY, {"X_FORWARDED_FOR": MONITORING, "X_FORWARDED_PROTO": "https"}),
        (PROXY, {"X_FORWARDED_FOR": f"{STRANGER}, {MONITORING}", "X_FORWARDED_PROTO": "https"}),
    ],
)
def test_monitoring_is_answered(portal: Any, peer: str, said: dict[str, str]) -> None:
    answer = ask(portal, peer=peer, **said)
    assert is_open(answer), answer
    assert dict(answer[1])["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert dict(answer[1])["Cache-Control"] == "no-store"
    assert ask(portal, peer=peer, method="HEAD", **said)[::2] == ("200 OK", b"")


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        (STRANGER, {}),
        ("", {}),
        ("a socket", {}),
        # Past the proxy, with every header that a stranger could think of.
        (STRANGER, {"X_FORWARDED_FOR": MONITORING}),
        (STRANGER, {"FORWARDED": f"for={MONITORING}", "X_REAL_IP": MONITORING, "CLIENT_IP": MONITORING}),
        # Through it.
        (PROXY, {"X_FORWARDED_FOR": STRANGER, "X_FORWARDED_PROTO": "https"}),
        (PROXY, {"X_FORWARDED_FOR": f"{MONITORING}, {STRANGER}", "X_FORWARDED_PROTO": "https"}),
        (PROXY, {"X_FORWARDED_FOR": "unknown", "X_FORWARDED_PROTO": "https"}),
        # Through a proxy that does not say where from: each stranger has its address, which is in a network here.
        (PROXY, {"X_FORWARDED_PROTO": "https"}),
        (PROXY, {"X_FORWARDED_FOR": "", "X_FORWARDED_PROTO": "https"}),
        (PROXY, {"X_REAL_IP": STRANGER}),
        (PROXY, {"FORWARDED": f"for={STRANGER}"}),
        # Through one that is not trusted, in a network here.
        ("10.0.0.6", {"X_FORWARDED_FOR": STRANGER}),
        ("10.0.0.6", {"X_FORWARDED_FOR": MONITORING}),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_a_stranger_is_answered_as_at_any_unknown_address(
    portal: Any, peer: str, said: dict[str, str], method: str
) -> None:
    here = ask(portal, peer=peer, method=method, **said)
    nowhere = ask(portal, "/nowhere", peer=peer, method=method, **said)
    assert b"esr_" not in here[2]
    assert plain(here) == plain(nowhere)


def plain(answer: Answer) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return an answer without what is another with each, and without the address that was asked for."""
    status, headers, body = answer
    headers = [(name, value) for name, value in headers if name not in {"X-Request-ID", "Set-Cookie", "Content-Length"}]
    body = re.sub(rb"(?:/|%2F)(?:metrics|nowhere)", b"", body)
    body = re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]+', rb"\1", body)
    return status, [(name, value.replace("metrics", "").replace("nowhere", "")) for name, value in headers], body


@pytest.mark.parametrize("path", ["/metrics/", "/metrics/x", "//metrics", "/METRICS", "/metrics;x", "/metrics%2f"])
def test_there_is_one_way_to_write_it(portal: Any, path: str) -> None:
    assert not is_open(ask(portal, path, peer=MONITORING))


def test_without_networks_there_is_no_page_for_anybody(settings: Any) -> None:
    settings.TRUSTED_PROXIES, settings.METRICS_NETWORKS = [], []
    for peer in (MONITORING, "127.0.0.1", "::1"):
        assert ask(serving.outside(get_wsgi_application()), peer=peer)[0] == "404 Not Found"


@pytest.mark.parametrize(
    ("networks", "code"),
    [("0.0.0.0/0", "E071"), ("0.0.0.0/1,128.0.0.0/1", "E071"), ("::/0", "E071")]
    + [(wrong, "E070") for wrong in ("hunter2", "10.0.9.7/24", "10.0.9.7:9090", "*", "10.0.9.7;::1")],
)
def test_networks_that_let_the_world_in_or_are_none_are_refused_at_the_start(
    tmp_path: Path, networks: str, code: str
) -> None:
    found = configuration.read({"STATE_DIR": str(tmp_path), "METRICS_NETWORKS": networks}, base=tmp_path)
    (fault,) = [fault for fault in found.faults if "METRICS_NETWORKS" in fault.what]
    assert (fault.code, fault.is_warning) == (code, False)
    assert "METRICS_NETWORKS=10.0.9.7" in fault.example
    assert "hunter2" not in str(fault)


def test_networks_are_read_in_every_spelling(tmp_path: Path) -> None:
    found = configuration.read({"STATE_DIR": str(tmp_path), "METRICS_NETWORKS": "10.0.9.7, fd00::/8 ,"}, base=tmp_path)
    assert found.addresses.metrics_networks == ["10.0.9.7/32", "fd00::/8"]
    assert not configuration.read({"STATE_DIR": str(tmp_path)}, base=tmp_path).addresses.metrics_networks


def test_no_figure_tells_of_a_person(portal: Any, client: PortalClient) -> None:
    """Threat: a reader of the monitoring, which many are, finds who logs in, or what they typed."""
    user = make_user(email="jo.smith@example.nhs.uk", given_name="Josephine")
    log_in(client, user)
    client.post("/log-in/", {"username": "typed.by.josephine", "password": "Typed-password-of-Jo"})
    ask(portal, "/help/josephine?organisation=josephine", peer=STRANGER)
    page = ask(portal, peer=MONITORING)[2].decode()
    for word in ("josephine", "smith", "typed", user.username, user.organisation.name):
        assert word.lower() not in page.lower(), word
    assert user.organisation.code not in re.findall(r'="([^"]*)"', page)
    labels = set(re.findall(r"[{,]([a-z_]+)=", page))
    assert labels <= {
        "event",
        "way",
        "outcome",
        "kind",
        "page",
        "method",
        "status",
        "le",
        "work",
        "state",
        "part",
        "version",
    }
