"""What the doctor finds wrong with the way to a real portal through a real nginx, set up in each wrong way.

Skipped where nginx is not installed.
"""

from __future__ import annotations

import contextlib
import datetime
import socket
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as portal_settings

from helpdesk.doctor import asking
from helpdesk.doctor.checks import arrival, public_pages
from helpdesk.doctor.findings import Severity
from tests.support import nginx, web_server
from tests.support.database import database_url
from tests.support.portal import SAFE, free_port
from tests.unit.doctor.test_database import wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.portal import Running

    Before = Callable[..., None]

pytestmark = [
    pytest.mark.own_processes,
    pytest.mark.django_db,
    pytest.mark.skipif(not nginx.PROGRAM, reason=nginx.MISSING),
]

FOR = "proxy_set_header X-Forwarded-For $remote_addr;"
PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"
HOST = "proxy_set_header Host $host;"
ALLOWED = "allow 127.0.0.1;"
TOKENS = "server_tokens off;"


@pytest.fixture(scope="module")
def public_port() -> int:
    """Return the port of BASE_URL."""
    return free_port()


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, public_port: int) -> Iterator[Running]:
    """Return a web server of production with the tests' key, for all tests of this file."""
    variables = SAFE | {
        "BASE_URL": f"https://{nginx.HOST}:{public_port}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": portal_settings.SECRET_KEY,
    }
    with web_server.running(state=tmp_path_factory.mktemp("state"), variables=variables) as running:
        yield running


@pytest.fixture
def before(
    behind: Running, public_port: int, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Before]:
    """Return what starts nginx, with lines changed, before that portal; all of DNS that there is knows its host."""
    settings.BASE_URL, settings.SERVED_OVER_TLS = f"https://{nginx.HOST}:{public_port}", True
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: look_up("127.0.0.1", *rest, **more) if host else None
    )
    with contextlib.ExitStack() as until_the_end:

        def start(more: str = "", **changed: str) -> None:
            lines = {globals()[name]: line for name, line in changed.items()}
            until_the_end.enter_context(
                nginx.before(
                    behind.port, port=public_port, folder=tmp_path, state=behind.state, changed=lines, more=more
                )
            )

        yield start


def test_our_own_nginx_passes_requests_on_as_they_should_arrive(before: Before) -> None:
    before()
    assert wrong(arrival.check) == []


def test_a_proxy_that_leaves_out_how_the_browser_came_is_found(before: Before) -> None:
    """Each page would redirect to itself for ever."""
    before(PROTO="")
    assert any(what.startswith("Requests arrive as http") for _, what in wrong(arrival.check))


def test_a_proxy_that_passes_on_what_a_stranger_says_of_their_address_is_found(before: Before) -> None:
    """Threat: each guess of a password comes from another address, and no limit by network holds."""
    before(
        more='map $http_x_forwarded_for $passed_on { "" 198.51.100.9; default $http_x_forwarded_for; }\n',
        FOR="proxy_set_header X-Forwarded-For $passed_on;",
    )
    ((severity, what),) = wrong(arrival.check)
    assert severity is Severity.FAILURE
    assert what.startswith("The proxy passes on what a stranger says in X-Forwarded-For")


def test_where_the_doctor_asks_from_the_proxys_machine_a_list_of_addresses_tells_nothing(before: Before) -> None:
    before(FOR="proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;")
    ((severity, what),) = wrong(arrival.check)
    assert severity is Severity.ADVICE
    assert what.startswith("Whether a stranger can choose their address cannot be told")


def test_a_proxy_that_says_nobodys_address_is_found(before: Before) -> None:
    before(FOR='proxy_set_header X-Forwarded-For "";')
    assert wrong(arrival.check) == [
        (Severity.FAILURE, "X-Forwarded-For does not arrive: each person has the proxy's address.")
    ]


def test_a_proxy_that_asks_for_another_host_is_found(before: Before) -> None:
    before(HOST="proxy_set_header Host $proxy_host;")
    ((_, what),) = wrong(arrival.check)
    assert what.startswith("The portal refuses the host name that arrives")


def test_a_proxy_that_does_not_let_this_machine_ask_is_not_to_be_opened_to_all(before: Before) -> None:
    """Threat: an operator who is told that every address must be passed on lets strangers read the figures."""
    before(ALLOWED="allow 192.0.2.1;")
    ((severity, what),) = wrong(arrival.check)
    assert severity is Severity.FAILURE
    assert what.startswith("The proxy does not let this machine ask /health/ready")
    (finding,) = [each for each in arrival.check() if each.severity is Severity.FAILURE]
    assert "no network beyond" in finding.mend


def test_a_portal_with_another_key_or_version_is_found(before: Before, settings: Any) -> None:
    before()
    settings.VERSION = "99.0.0"
    ((severity, what),) = wrong(arrival.check)
    assert severity is Severity.WARNING
    assert what.endswith("and 99.0.0 is installed here.")
    settings.BASE_URL = settings.BASE_URL.replace(nginx.HOST, "esr.elsewhere.example")
    ((severity, what),) = wrong(arrival.check)
    assert severity is Severity.FAILURE
    assert "its certificate is not good" in what


def test_a_certificate_that_ends_soon_is_found(before: Before, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is soon is moved, not the certificate: trustme's is good for years."""
    before()
    monkeypatch.setattr(asking, "RENEWED_BEFORE", datetime.timedelta(days=365 * 2000))
    ((severity, what),) = wrong(arrival.check)
    assert severity is Severity.WARNING
    assert what.startswith("The certificate of BASE_URL is good until")


def test_a_proxy_that_is_down_is_found(before: Before) -> None:
    ((severity, what),) = wrong(arrival.check)
    assert (severity, what) == (Severity.FAILURE, "Nothing can be asked at BASE_URL: connection refused.")


def test_a_stranger_hears_nothing_of_how_requests_arrive(before: Before, behind: Running) -> None:
    forged = {"X-Portal-Doctor": "c29tZXRoaW5n:1abcde:Zm9yZ2Vk"}
    assert behind.get("/health/ready", **forged).text == behind.get("/health/ready").text
    assert "arrived" not in behind.get("/health/ready", **forged).text


def plain_http(answer: str) -> tuple[int, str]:
    """Return a port for plain HTTP, and what nginx is told of it."""
    port = free_port()
    return port, f"server {{ listen 127.0.0.1:{port}; {answer} }}\n"


def test_the_front_page_behind_our_own_nginx_has_all_that_protects_it(before: Before) -> None:
    port, server = plain_http(f"return 301 https://{nginx.HOST}$request_uri;")
    before(more=server)
    assert wrong(lambda: public_pages.check(port_of_http=port)) == []


def test_a_page_over_plain_http_is_found(before: Before) -> None:
    port, server = plain_http("return 200;")
    before(more=server)
    ((severity, what),) = wrong(lambda: public_pages.check(port_of_http=port))
    assert severity is Severity.FAILURE
    assert what.endswith("but answers HTTP 200.")


def test_headers_that_the_proxy_takes_away_or_adds_are_found(before: Before) -> None:
    before(
        TOKENS="proxy_hide_header Strict-Transport-Security; proxy_hide_header Content-Security-Policy; "
        "add_header X-Frame-Options SAMEORIGIN always;"
    )
    found = wrong(lambda: public_pages.check(port_of_http=free_port()))
    assert [what for _, what in found] == [
        "Content-Security-Policy comes 0 times where it comes once from the portal.",
        "X-Frame-Options comes 2 times where it comes once from the portal.",
        "The proxy tells strangers its version.",
        "Strict-Transport-Security does not arrive as the portal sends it.",
        next(what for _, what in found if what.startswith("Nothing answers at port")),
    ]
