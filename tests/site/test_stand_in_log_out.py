"""Logging out at the stand-in: the portal is told behind the browser's back, and people end where the portal says."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from tests.support import stand_in
from tests.support.stand_in import Browser, Page, StandIn

pytestmark = pytest.mark.own_processes

AMINA = "555000000101"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Portal(HTTPServer):
    """What hears of log-outs. `told` has the path and the form of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listen)
        self.told: queue.Queue[tuple[str, dict[str, list[str]]]] = queue.Queue()
        self.address = f"http://localhost:{self.server_port}"


class _Listen(BaseHTTPRequestHandler):
    server: Portal

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.told.put((self.path, parse_qs(body)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@contextlib.contextmanager
def listening() -> Iterator[Portal]:
    portal = Portal()
    thread = threading.Thread(target=portal.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield portal
    finally:
        portal.shutdown()
        portal.server_close()
        thread.join()


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with listening() as portal:
        yield portal


@pytest.fixture(scope="module")
def care_identity(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with stand_in.running(state=tmp_path_factory.mktemp("state"), portal_address=portal.address) as running:
        yield running


@pytest.fixture
def browser(care_identity: StandIn) -> Browser:
    return care_identity.browser()


def log_in(browser: Browser) -> tuple[str, dict[str, Any]]:
    """Log in; return the ID token and its claims."""
    answer = browser.stand_in.exchange(browser.log_in(AMINA).parameters["code"]).json()
    keys = KeySet.import_key_set(browser.stand_in.answer("/connect/jwk_uri").json())
    return answer["id_token"], dict(jwt.decode(answer["id_token"], keys, algorithms=["RS256"]).claims)


def what_was_told(portal: Portal, care_identity: StandIn) -> dict[str, Any]:
    """Return the claims of the log-out token that the portal got; its signature and its type are checked."""
    path, form = portal.told.get(timeout=60)
    assert path == "/care-identity/back-channel-logout/"
    (token,) = form["logout_token"]
    keys = KeySet.import_key_set(care_identity.answer("/connect/jwk_uri").json())
    assert jws.extract_compact(token.encode()).headers()["typ"] == "logout+jwt"
    claims = dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)
    assert claims["iss"] == care_identity.issuer
    assert claims["aud"] == stand_in.CLIENT_ID
    assert claims["events"] == {EVENT: {}}
    assert claims["iat"] < claims["exp"]
    assert claims["jti"]
    assert "nonce" not in claims
    return claims


def end_session(browser: Browser, **asked: str) -> Page:
    return browser.open(f"/connect/endSession?{urlencode(asked)}")


def test_logging_out_here_tells_the_portal_which_session(
    care_identity: StandIn, portal: Portal, browser: Browser
) -> None:
    _, claims = log_in(browser)
    page = browser.send(browser.open("/log-out/"), where="here")
    assert "You are logged out" in page.text
    told = what_was_told(portal, care_identity)
    assert (told["sub"], told["sid"]) == (AMINA, claims["sid"])
    assert browser.ask().path == "/log-in/"


def test_logging_out_everywhere_tells_the_portal_whose(
    care_identity: StandIn, portal: Portal, browser: Browser
) -> None:
    elsewhere = care_identity.browser()
    log_in(elsewhere)
    log_in(browser)
    browser.send(browser.open("/log-out/"), where="everywhere")
    told = what_was_told(portal, care_identity)
    assert told["sub"] == AMINA
    assert "sid" not in told
    assert elsewhere.ask().path == "/log-in/"


def test_the_portal_can_ask_for_it(care_identity: StandIn, portal: Portal, browser: Browser) -> None:
    token, claims = log_in(browser)
    after = f"{portal.address}/log-out/"
    page = end_session(browser, id_token_hint=token, post_logout_redirect_uri=after, state="made-up")
    assert page.address == f"{after}?state=made-up"
    assert what_was_told(portal, care_identity)["sid"] == claims["sid"]
    assert browser.ask().path == "/log-in/"
    # And again, from a page that was left open: no person is logged in here any more.
    assert end_session(browser, id_token_hint=token, post_logout_redirect_uri=after).address == after
    assert portal.told.empty()


def test_it_leads_to_no_address_but_the_portals(care_identity: StandIn, portal: Portal, browser: Browser) -> None:
    """Threat: a link that logs out and leads to a page that asks for a passcode."""
    token, _ = log_in(browser)
    page = end_session(browser, id_token_hint=token, post_logout_redirect_uri="https://somebody-else.example/")
    assert "You are logged out" in page.text
    what_was_told(portal, care_identity)


@pytest.mark.parametrize("hint", ["", "not-a-token", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzaWQiOiJ4In0."])
def test_whoever_shows_no_id_token_of_ours_makes_us_ask(portal: Portal, browser: Browser, hint: str) -> None:
    """Threat: a page elsewhere logs people out."""
    log_in(browser)
    page = end_session(browser, id_token_hint=hint, post_logout_redirect_uri=f"{portal.address}/log-out/")
    assert "Log out of Care Identity" in page.text
    assert portal.told.empty()
    assert "code" in browser.ask().parameters


def test_an_id_token_of_another_session_makes_us_ask(care_identity: StandIn, portal: Portal, browser: Browser) -> None:
    another, _ = log_in(care_identity.browser())
    log_in(browser)
    assert "Log out of Care Identity" in end_session(browser, id_token_hint=another).text
    assert portal.told.empty()


def test_a_portal_that_does_not_answer_stops_nobody(tmp_path: Path) -> None:
    with stand_in.running(state=tmp_path) as alone:
        browser = alone.browser()
        browser.log_in(AMINA)
        assert "You are logged out" in browser.send(browser.open("/log-out/"), where="here").text
