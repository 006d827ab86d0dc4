"""deploy/nginx.conf in a real nginx before a real portal: what it takes, what it writes down, and what it does not.

Skipped where nginx is not installed. tests/unit/test_nginx.py reads the file itself.
"""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from accounts.models import PeopleUpload, PeopleUploadPiece
from accounts.models.people_upload import UploadState
from bench.instances import Instance
from helpdesk.services.people_uploads import ending, taking
from tests.support import nginx
from tests.support.database import database_url
from tests.support.helpdesk import about_of, at_work, make_lead
from tests.support.imports import NEW
from tests.support.people_files import HEADING, JO
from tests.support.portal import SAFE, environment, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.nginx import Proxy
    from tests.support.steps import PortalClient

pytestmark = [
    pytest.mark.own_processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not nginx.PROGRAM, reason=nginx.MISSING),
]

BOUNDARY = "portal-boundary"
MEGABYTE = 1024 * 1024
TOKEN = "s3cret-of-a-link"


@pytest.fixture(scope="module")
def running_proxy(state: Path, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Return nginx before a web server that has the tests' database and keys; `proxy` is the one to use in a test."""
    folder, port, inner_port = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    variables = SAFE | {
        "BASE_URL": f"https://{nginx.HOST}:{port}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "SECOND_STEP_KEYS": "another-key-for-tests-alone-0123456789-abcdefghijklmnop",
    }
    told = environment(state=state, port=inner_port, variables=variables)
    instance = Instance(inner_port, environment=told, log=folder / "server.txt")
    with contextlib.ExitStack() as stack:
        stack.callback(instance.stop)
        instance.start()
        yield stack.enter_context(nginx.before(inner_port, port=port, folder=folder, state=state))


@pytest.fixture
def proxy(running_proxy: Proxy, transactional_db: None) -> Proxy:
    """Return that nginx, with an empty database behind it."""
    return running_proxy


class Uploading:
    """What a lead's browser sends of a file."""

    def __init__(self, proxy: Proxy, desk: PortalClient | None) -> None:
        cookies = {name: morsel.value for name, morsel in desk.cookies.items()} if desk else {}
        self.headers = {"Cookie": written(cookies)}
        self.fields: dict[str, str] = {}
        if desk:
            answer, page = proxy.ask("GET", NEW, headers=self.headers)
            assert answer.status == 200, page
            (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))
            given = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
            self.headers["Cookie"] = written(cookies | dict(each.split("=", 1) for each in given))
            self.fields = {"csrfmiddlewaretoken": token, "about": about_of(desk)}
        self.headers |= {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Origin": f"https://{nginx.HOST}:{proxy.port}",
        }

    def body(self, content: bytes) -> bytes:
        """Return the form with this file."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
        return "".join([*parts, head]).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def written(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def of_size(size: int) -> bytes:
    """Return a CSV file of exactly so many bytes."""
    beginning = f"{HEADING}\n{JO}\n".encode()
    return beginning + b"\n" * (size - len(beginning))


def head_of(path: str, length: int, headers: dict[str, Any]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {nginx.HOST}", f"Content-Length: {length}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def in_clear(proxy: Proxy) -> list[str]:
    """Return the files of bodies that nginx has written, those among them that it has removed and still holds open."""
    written = [str(path) for path in proxy.bodies.rglob("*") if path.is_file() and path.stat().st_size]
    return written + [name for name in proxy.open_files() if str(proxy.bodies) in name]


def test_a_file_just_under_the_limit_is_taken_and_one_just_over_is_told(proxy: Proxy) -> None:
    sending = Uploading(proxy, at_work(make_lead()))
    answer, page = proxy.ask("POST", NEW, sending.body(of_size(taking.LARGEST)), sending.headers)
    assert answer.status == 302, page
    row = PeopleUpload.objects.get()
    assert row.of == taking.LARGEST
    assert PeopleUploadPiece.objects.filter(upload=row).count() == 64
    ending.end(upload=row, state=UploadState.CANCELLED)
    answer, page = proxy.ask("POST", NEW, sending.body(of_size(taking.LARGEST + 1)), sending.headers)
    assert (answer.status, "The file is larger than 16 MB. Split it into several" in page) == (200, True)
    for size in (taking.LARGEST + MEGABYTE // 2, 20 * MEGABYTE):
        answer, page = proxy.ask("POST", NEW, sending.body(of_size(size)), sending.headers)
        assert answer.status == 413, page
    assert PeopleUpload.objects.count() == 1


def test_other_addresses_take_two_megabytes_and_no_more(proxy: Proxy) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/log-in/", "/recovery/", "/admin/desk/imports/", "/admin/desk/imports/new/x/", "/no-such-page/"):
        answer, page = proxy.ask("POST", path, b"x=" + b"y" * (2 * MEGABYTE - 2), headers)
        assert (answer.status, "nginx" in page) != (413, True), path
        answer, page = proxy.ask("POST", path, b"x=" + b"y" * (2 * MEGABYTE), headers)
        assert answer.status == 413, path


def test_a_file_that_comes_slowly_is_nowhere_in_clear_and_keeps_nobody_waiting(proxy: Proxy) -> None:
    """Threat: the proxy writes a file with dates of birth to its disk, where the portal seals it as it comes."""
    sending = Uploading(proxy, at_work(make_lead()))
    body = sending.body(of_size(3 * MEGABYTE))
    with contextlib.closing(proxy.connect()) as slow:
        slow.sendall(head_of(NEW, len(body), sending.headers))
        for start in range(0, len(body), MEGABYTE // 4):
            slow.sendall(body[start : start + MEGABYTE // 4])
            time.sleep(0.2)
            assert in_clear(proxy) == []
            if start == 2 * MEGABYTE:
                assert proxy.ask("GET", "/log-in/")[0].status == 200
        assert slow.recv(20).startswith(b"HTTP/1.1 302")
    assert PeopleUpload.objects.count() == 1


def test_a_stranger_who_sends_a_file_slowly_is_answered_before_it_has_come(proxy: Proxy) -> None:
    """Threat: strangers send megabytes slowly, to fill the proxy's disk or to hold the portal's threads."""
    sending = Uploading(proxy, None)
    body = sending.body(of_size(15 * MEGABYTE))
    with contextlib.closing(proxy.connect()) as slow:
        slow.sendall(head_of(NEW, len(body), sending.headers))
        slow.sendall(body[: MEGABYTE // 2])
        slow.settimeout(20)
        assert slow.recv(20)[:12] in {b"HTTP/1.1 302", b"HTTP/1.1 403", b"HTTP/1.1 413"}
    assert in_clear(proxy) == []


def test_no_log_has_the_secret_of_an_address_whatever_becomes_of_the_request(proxy: Proxy) -> None:
    """Threat: a reader of the proxy's logs uses a link of a mail."""
    for path in (
        *(f"/recovery/link/{TOKEN}/", f"/this-was-not-me/link/{TOKEN}/", f"/confirm-address/link/{TOKEN}/"),
        *(f"/after-leaving/link/{TOKEN}/", f"/care-identity/callback/?code={TOKEN}&state=x"),
        *(f"//recovery//link/{TOKEN}/", f"/recovery/link/../link/{TOKEN}/", f"/%72ecovery/link/{TOKEN}/"),
    ):
        for method, body in (("GET", b""), ("HEAD", b""), ("POST", b"x" * (2 * MEGABYTE + 1))):
            answer, _ = proxy.ask(method, path, body, {"Referer": f"https://{nginx.HOST}{path}"})
            assert answer.getheader("Referrer-Policy") == "no-referrer", (path, method)
    proxy.ask("GET", "/help/")
    # It writes a line once the answer has gone.
    wait_until(lambda: "/help/" in proxy.logs)
    assert "(masked)" in proxy.logs
    assert TOKEN not in proxy.logs


def test_the_portal_knows_the_browsers_address_and_that_it_came_by_tls(proxy: Proxy) -> None:
    answer, page = proxy.ask("GET", "/log-in/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"})
    assert answer.status == 200, page
    assert answer.getheader("Strict-Transport-Security")
    assert proxy.ask("GET", "/health/ready")[0].status == 200


def test_the_proxy_does_not_say_which_version_it_is(proxy: Proxy) -> None:
    """Threat: an attacker looks up the faults of this server's version."""
    answer, _ = proxy.ask("GET", "/log-in/")
    refused, page = proxy.ask("POST", "/log-in/", b"x" * (3 * MEGABYTE))
    assert answer.getheader("Server") == refused.getheader("Server") == "nginx"
    assert refused.status == 413
    assert not re.search(r"nginx/\d", page)
