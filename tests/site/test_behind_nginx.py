"""A whole portal behind deploy/nginx.conf as a person at a browser meets it, also while the portal is away.

Skipped where nginx is not installed. tests/site/test_nginx.py has what nginx takes and writes down.
"""

from __future__ import annotations

import contextlib
import getpass
import http.client
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from django.conf import settings
from playwright.sync_api import Playwright, expect

from bench.instances import Instance
from esr_portal.middleware import OF_FILES, PERMISSIONS_POLICY
from tests.support import axe, chromium, contexts, nginx, page_facts
from tests.support.browser import DESKTOP, PHONE, ZOOMED
from tests.support.database import database_url
from tests.support.factories import PASSWORD, make_user
from tests.support.portal import ROOT, SAFE, environment, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.support.nginx import Proxy

pytestmark = [pytest.mark.own_processes, pytest.mark.skipif(not nginx.PROGRAM, reason=nginx.MISSING)]

TOKEN = "s3cret-of-a-link"
SORRY = "Sorry, ESR cannot be reached right now"


@pytest.fixture(scope="module")
def alone(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Return nginx before a portal that does not run."""
    folder = tmp_path_factory.mktemp("nginx-alone")
    with nginx.before(free_port(), free_port(), port=free_port(), folder=folder, state=state) as proxy:
        yield proxy


def test_a_person_logs_in_through_it_and_finds_the_portal_again_after_it_was_away(
    state: Path, tmp_path: Path, transactional_db: None, playwright: Playwright
) -> None:
    person, port = make_user(), free_port()
    variables = SAFE | {
        "BASE_URL": f"https://{nginx.HOST}:{port}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "SECOND_STEP_KEYS": "another-key-for-tests-alone-0123456789-abcdefghijklmnop",
    }
    instance_port = free_port()
    instance = Instance(
        instance_port,
        environment=environment(state=state, port=instance_port, variables=variables),
        log=tmp_path / "server.log",
    )
    instance.start()
    try:
        with nginx.before(free_port(), instance_port, port=port, folder=tmp_path, state=state, again=1):
            browser = chromium.launch(playwright.chromium)
            page = contexts.take(browser, ignore_https_errors=True).new_page()
            page.set_default_timeout(60_000)
            page.goto(f"https://{nginx.HOST}:{port}/")
            log_in_look_and_log_out(page, person.username)
            instance.stop()
            page.goto(f"https://{nginx.HOST}:{port}/log-in/")
            expect(page.get_by_role("heading", level=1)).to_have_text(SORRY)
            looks_right(page)
            instance.start()
            # By itself.
            expect(page.get_by_role("textbox", name="Username")).to_be_visible(timeout=60_000)
            browser.close()
    finally:
        instance.stop()


def log_in_look_and_log_out(page: Page, username: str) -> None:
    page.get_by_role("banner").get_by_role("link", name="Login to ESR").click()
    page.get_by_role("textbox", name="Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in via Username Password").click()
    not_now = page.get_by_role("button", name="Not now")
    expect(not_now.or_(page.get_by_role("button", name="Log out")).first).to_be_visible()
    if not_now.is_visible():
        not_now.click()
    expect(page).to_have_title(re.compile("My ESR"))
    page.get_by_role("button", name="Log out").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("logged out")


def looks_right(page: Page) -> None:
    """Look at the page as at every other: without a fault, and on a desktop at 400 % not wider than the window."""
    for size in (DESKTOP, PHONE, ZOOMED):
        page.set_viewport_size(size)
        assert page.evaluate(page_facts.SIDEWAYS) == 0
        # It asks for itself again meanwhile.
        page.goto(page.url)
    assert page.evaluate("() => document.styleSheets[0].cssRules.length > 100"), "the stylesheet is there"
    assert not list(axe.violations(page))


@pytest.mark.parametrize("path", ["/", "/recovery/", f"/recovery/link/{TOKEN}/", "/admin/desk/imports/new/"])
def test_while_the_portal_is_away_its_page_says_so_and_asks_again(alone: Proxy, path: str) -> None:
    for method in ("GET", "POST"):
        answer, page = alone.ask(method, path)
        assert (answer.status, answer.getheader("Refresh")) == (502, "30")
        assert f'<h1 class="nhsuk-heading-l">{SORRY}</h1>' in page
        assert re.findall(r"<(?:style|script)(?![^>]*\bsrc=)[^>]*>| style=", page) == [], "its policy would stop it"
        assert answer.getheader("Cache-Control") == "no-store"
        assert answer.getheader("Referrer-Policy") == "no-referrer"
        assert "form-action 'self'" in (answer.getheader("Content-Security-Policy") or "")
        assert_page_protected(answer)
    for file in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        assert alone.ask("GET", file)[0].status == 200, file
    assert TOKEN not in alone.logs


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        (("POST", "/static/robots.txt"), 405, "We did not understand that"),
        (("GET", f"/{'a' * 40_000}"), 414, "We did not understand that"),
        (("POST", "/recovery/", b"x" * (2 * 1024 * 1024 + 1)), 413, "That was too much to send"),
    ],
)
def test_what_nginx_refuses_by_itself_is_a_page_of_the_portals(
    alone: Proxy, state: Path, sent: tuple[str, str], status: int, says: str
) -> None:
    """Threat: a page without the headers that each other has is framed, kept, or loaded without TLS the next time."""
    (state / "static" / "robots.txt").write_text("User-agent: *\n", encoding="utf-8")
    answer, page = alone.ask(*sent)
    assert answer.status == status
    assert f'<h1 class="nhsuk-heading-l">{says}</h1>' in page
    assert_page_protected(answer)
    assert "frame-ancestors 'none'" in (answer.getheader("Content-Security-Policy") or "")
    assert answer.getheader("Cache-Control") == "no-store"


def test_where_nginx_has_no_room_its_page_says_to_try_again(alone: Proxy) -> None:
    """Threat: the disk is full, and a person reads "nginx" and "Internal Server Error" in the place of the portal."""
    alone.bodies.rmdir()
    try:
        answer, page = alone.ask("POST", "/recovery/", b"x" * 200_000)
    finally:
        alone.bodies.mkdir()
    assert (answer.status, answer.getheader("Retry-After")) == (503, "30")
    assert f'<h1 class="nhsuk-heading-l">{SORRY}</h1>' in page
    assert_page_protected(answer)


def assert_page_protected(answer: http.client.HTTPResponse) -> None:
    """Fail where a page of nginx's own lacks what every page of the portal's has."""
    assert answer.getheader("Permissions-Policy") == PERMISSIONS_POLICY
    assert_protected(answer)


def assert_protected(answer: http.client.HTTPResponse) -> None:
    """Fail where an answer of nginx's own lacks what every answer of the portal's has."""
    hsts = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    assert answer.getheader("Strict-Transport-Security") == hsts
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("X-Frame-Options") == "DENY"


@pytest.mark.parametrize(
    ("headers", "is_in"),
    [
        ({}, "en-GB"),
        ({"Accept-Language": "cy-GB,cy;q=0.9"}, "cy"),
        ({"Accept-Language": "en-GB,cy;q=0.9"}, "en-GB"),
        ({"Cookie": "a=b; __Host-language=cy; c=d"}, "cy"),
        ({"Cookie": "__Host-language=en-gb", "Accept-Language": "cy"}, "en-GB"),
        ({"Cookie": "__Host-language=en-gb; __Host-account-language=cy"}, "cy"),
        ({"Cookie": "__Host-language=cymraeg"}, "en-GB"),
        ({"Cookie": "__Host-language=../../../etc/passwd"}, "en-GB"),
    ],
)
def test_the_pages_of_nginx_itself_are_in_the_language_of_the_browser(
    alone: Proxy, headers: dict[str, str], is_in: str
) -> None:
    for method, body in (("GET", b""), ("POST", b"x" * 3_000_000)):
        answer, page = alone.ask(method, "/log-in/", body, headers)
        assert answer.status == (502 if method == "GET" else 413)
        assert f'<html lang="{is_in}">' in page


def test_nobody_opens_that_page_by_its_address(alone: Proxy) -> None:
    assert alone.ask("GET", "/unreachable.html")[0].status == 404


def test_without_tls_there_is_the_way_to_it_and_nothing_in_the_log(alone: Proxy) -> None:
    """Threat: a stranger sends a Host of theirs and people are led there; a reader of the log uses a link."""
    for path in ("/", f"/recovery/link/{TOKEN}/", f"/care-identity/callback/?code={TOKEN}"):
        connection = http.client.HTTPConnection("127.0.0.1", alone.plain_port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": "elsewhere.example", "Referer": f"http://x/{TOKEN}"})
            answer = connection.getresponse()
        assert (answer.status, answer.getheader("Location")) == (301, f"https://{nginx.HOST}:{alone.port}{path}")
    wait_until(lambda: "(plain HTTP)" in alone.logs)
    assert TOKEN not in alone.logs


@pytest.mark.parametrize(("accepted", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_static_files_come_from_the_disk_as_the_browser_can_read_them(
    alone: Proxy, state: Path, accepted: str, encoding: str | None
) -> None:
    (file,) = state.glob("static/css/portal.*.css")
    answer, _ = alone.ask("GET", f"/static/css/{file.name}", headers={"Accept-Encoding": accepted})
    assert (answer.status, answer.getheader("Content-Encoding")) == (200, encoding)
    assert answer.getheader("Vary") == "Accept-Encoding"
    assert answer.getheader("Cache-Control") == "max-age=315360000, public, immutable"
    assert_protected(answer)
    assert answer.getheader("Content-Security-Policy") == OF_FILES
    assert answer.getheader("Access-Control-Allow-Origin") is None
    assert answer.getheader("Content-Type") == "text/css; charset=utf-8"


def test_nginx_takes_the_whole_of_what_stands_in_deploy(tmp_path: Path) -> None:
    """`nginx -t` with deploy/nginx/main.conf in the place of Debian's nginx.conf, as on its own machine."""
    certificate = trustme.CA().issue_cert(nginx.HOST)
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    site = site.replace("/etc/ssl/esr.example.nhs.uk.pem", str(tmp_path / "certificate.pem"))
    site = site.replace("/etc/ssl/private/esr.example.nhs.uk.key", str(tmp_path / "key.pem"))
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "portal.conf").write_text(site.replace("/var/log/nginx", str(tmp_path)), encoding="utf-8")
    main = (ROOT / "deploy" / "nginx" / "main.conf").read_text(encoding="utf-8")
    for its, ours in (
        ("user www-data;", f"user {getpass.getuser()};"),
        ("/etc/nginx/sites-enabled/", f"{tmp_path}/sites/"),
        ("/run/nginx.pid", f"{tmp_path}/nginx.pid"),
        ("/var/log/nginx", str(tmp_path)),
    ):
        assert its in main
        main = main.replace(its, ours)
    (tmp_path / "nginx.conf").write_text(main, encoding="utf-8")
    command = [str(nginx.PROGRAM), "-t", "-c", str(tmp_path / "nginx.conf")]
    said = subprocess.run([*command, "-e", "stderr"], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "warn" not in said.stderr
