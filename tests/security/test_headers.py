"""The headers that protect people, on every answer whatever its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from csp.decorators import csp_update
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.pulse import Pulse
from esr_portal.middleware import OF_FILES, FixedContentSecurityPolicy
from hub.views import home
from tests.support import addresses
from tests.support.factories import make_user
from tests.support.steps import PortalClient, come_in

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

pytestmark = pytest.mark.django_db

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assert_protected(response: Any) -> None:
    """Check the headers of one answer."""
    name = f"{response.request.get('PATH_INFO', '')} ({response.status_code})"
    for header, value in ALWAYS.items():
        assert response.headers.get(header) == value, f"{name}: {header}"
    assert _directives(response.headers["Content-Security-Policy"]) == _directives(POLICY), name
    assert response.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, name
    assert "camera=()" in response.headers["Permissions-Policy"], name
    assert response.headers["Cache-Control"] == "no-store" or "no-store" in response.headers["Cache-Control"], name
    assert "Server" not in response.headers, name
    assert "X-Powered-By" not in response.headers, name


def _directives(policy: str) -> dict[str, set[str]]:
    parts = (directive.split() for directive in policy.split(";") if directive.strip())
    return {name: set(values) for name, *values in parts}


def test_every_page_carries_them(client: PortalClient) -> None:
    """A page that may be framed, sniffed, cached or scripted from elsewhere gives a session away."""
    for address in addresses.ours():
        assert_protected(client.get(address.path))


def test_every_page_carries_them_for_whoever_is_logged_in(client: PortalClient) -> None:
    """A page that may be framed, sniffed, cached or scripted from elsewhere gives a session away."""
    come_in(client, make_user())
    for address in addresses.ours():
        assert_protected(client.get(address.path))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "head", "trace"])
def test_every_method_carries_them(client: PortalClient, method: str) -> None:
    """An answer to an unusual method is an answer too."""
    # A worker is at work: else the page for monitors says 503, as it should.
    Pulse().do_what_is_due()
    for address in addresses.ours():
        response = getattr(client, method)(address.path)
        assert response.status_code < 500
        assert_protected(response)


def test_errors_carry_them(client: PortalClient, csrf_client: PortalClient) -> None:
    """Errors are made in other places than pages: a header that a page sets itself would be missing there."""
    answers = {
        404: client.get("/no-such-page"),
        405: client.put(reverse("home")),
        403: csrf_client.post(reverse("log_in"), {"username": "A", "password": "b"}),
        413: client.post(reverse("log_in"), {"username": "A" * 3_000_000}),
    }
    for status, response in answers.items():
        assert response.status_code == status
        assert_protected(response)


def test_a_wrong_host_carries_them(client: PortalClient) -> None:
    """Errors are made in other places than pages: a header that a page sets itself would be missing there."""
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert_protected(response)


@pytest.mark.parametrize(
    ("error", "status"),
    [(ZeroDivisionError(), 500), (OperationalError("server closed the connection"), 503), (SuspiciousOperation(), 400)],
)
def test_failures_carry_them(
    client: PortalClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """Errors are made in other places than pages: a header that a page sets itself would be missing there."""
    client.raise_request_exception = False

    def fail(*_: object, **__: object) -> None:
        raise error

    # Nothing of ours is replaced: the front page's last step is made to fail, as a broken template would.
    monkeypatch.setattr(home, "render", fail)
    response = client.get("/")
    assert response.status_code == status
    assert_protected(response)


def test_a_view_may_have_a_policy_of_its_own(rf: RequestFactory) -> None:
    """The one of all other answers is put into words once, and must not be another view's."""
    framing = csp_update({"frame-src": ["'self'"]})(lambda _: HttpResponse())
    for view, more in ((framing, {"frame-src": {"'self'"}}), (lambda _: HttpResponse(), {})) * 2:
        response: Any = FixedContentSecurityPolicy(view)(rf.get("/"))
        assert _directives(response.headers["Content-Security-Policy"]) == _directives(POLICY) | more


def test_static_files_carry_them_and_may_be_kept_for_ever(tmp_path: Path, settings: Settings) -> None:
    """A script that may be sniffed as something else, or framed, is a way in; its name changes with its content."""
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "portal.0123456789ab.js").write_text("1;", encoding="utf-8")
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "esr_portal.static_storage.StaticFilesStorage"},
    }
    (tmp_path / "staticfiles.json").write_text(
        '{"paths": {"portal.js": "portal.0123456789ab.js"}, "version": "1.1", "hash": ""}', encoding="utf-8"
    )
    response = PortalClient().get("/static/portal.0123456789ab.js")
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"1;"  # type: ignore[attr-defined]
    for header, value in ALWAYS.items():
        assert response.headers.get(header) == value, header
    assert response.headers["Content-Security-Policy"] == OF_FILES
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "immutable" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers


def test_plain_http_is_sent_to_tls_and_gets_no_cookie() -> None:
    """Threat: an attacker on the same network reads and changes what goes over plain HTTP."""
    client = Client(SERVER_NAME="esr.example.nhs.uk")
    for path in ("/", reverse("log_in"), "/no-such-page"):
        response = client.get(path)
        assert response.status_code == 301
        assert response.headers["Location"] == f"https://esr.example.nhs.uk{path}"
        assert not response.cookies


def test_only_the_answer_to_a_browser_without_cookies_is_compressed() -> None:
    """Threat: the length of a compressed page tells whether a guess stands on it beside a secret (BREACH)."""
    client, accepting = PortalClient(), {"accept-encoding": "gzip, deflate, br"}
    first = client.get(reverse("log_in"), headers=accepting)
    assert first.headers["Content-Encoding"] == "gzip"
    assert client.cookies
    for path in (reverse("log_in"), reverse("help") + "?organisation=guess"):
        later = client.get(path, headers=accepting)
        assert later.status_code == 200
        assert "Content-Encoding" not in later.headers, path


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/recovery/new-password/", "/this-was-not-me/", "/confirm-address/", "/after-leaving/"]
)
def test_people_can_log_out_of_the_page_that_a_dead_link_leads_to(client: PortalClient, path: str) -> None:
    """With "no-referrer" a browser says "Origin: null" of its forms (Fetch, 3.1), and the portal refuses those."""
    come_in(client, make_user())
    page = client.get(path)
    assert page.status_code == 410
    assert 'action="/log-out/"' in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
