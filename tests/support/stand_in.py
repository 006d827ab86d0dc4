"""The stand-in Care Identity in a process of its own, and a browser without JavaScript that logs in there."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import hashlib
import http.client
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from demo.care_identity.cards import PASSCODE
from tests.support import portal
from tests.support.portal import wait_until

CLIENT_ID = "esr-portal-demo.apps.national"
CLIENT_SECRET = "made-up-for-the-tests-of-the-stand-in"
# A portal that is not there: the browser stops where it is sent to it.
PORTAL = "http://localhost:1"
# The page with the switch that makes it misbehave.
SWITCH = "/misbehave/"
VERIFIER = "made-up-verifier-0123456789-abcdefghijklmnopqrstuvwxyz"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """What was answered, and at which address. Where the browser was sent to the portal, `status` is 0."""

    address: str
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def path(self) -> str:
        """The address without its host and its query."""
        return urlsplit(self.address).path

    @property
    def parameters(self) -> dict[str, str]:
        """The query of the address: what the provider sends back to the portal."""
        return dict(parse_qsl(urlsplit(self.address).query))


@dataclasses.dataclass(frozen=True)
class StandIn:
    """A running stand-in."""

    issuer: str
    card_origin: str
    state: Path
    portal: str
    process: subprocess.Popen[str]

    @property
    def portal_settings(self) -> dict[str, Any]:
        """The settings of a portal that logs in here."""
        return {
            "CARE_IDENTITY_DISCOVERY_URL": f"{self.issuer}/.well-known/openid-configuration",
            "CARE_IDENTITY_CLIENT_ID": CLIENT_ID,
            "CARE_IDENTITY_CLIENT_SECRET": CLIENT_SECRET,
            "CARE_IDENTITY_MAY_BE_A_STAND_IN": True,
        }

    @property
    def authority(self) -> Path:
        """The certificate that the card listener's own is signed with."""
        return self.state / "care-identity" / "card-authority.pem"

    def browser(self) -> Browser:
        """Return a new browser."""
        return Browser(self)

    def misbehave(self, kind: str, *, once: bool = True) -> None:
        """Switch on one way to misbehave."""
        assert self._switch(kind=kind, times="once" if once else "always"), kind

    def behave(self) -> None:
        """Switch every misbehaviour off."""
        assert self._switch(behave="yes")

    def _switch(self, **fields: str) -> bool:
        """Send the form of the page with the switch; return whether it was taken. Most tests do it three times."""
        browser, token = self._at_the_switch
        sent = {"csrfmiddlewaretoken": token, **fields}
        answer = browser.session.post(f"{self.issuer}{SWITCH}", data=sent, timeout=60, allow_redirects=False)
        return answer.status_code == 302

    @functools.cached_property
    def _at_the_switch(self) -> tuple[Browser, str]:
        """A browser that has the page open, and the token of its form. No connection stays open from test to test."""
        browser = self.browser()
        browser.session.headers["Connection"] = "close"
        return browser, browser.token(browser.open(SWITCH))

    def answer(self, path: str, **more: Any) -> requests.Response:
        """Ask for an address as the portal does, not as a browser."""
        return requests.request("POST" if "data" in more else "GET", self.issuer + path, timeout=60, **more)

    def exchange(self, code: str, **changed: str) -> requests.Response:
        """Ask for the tokens that a code stands for."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{self.portal}/care-identity/callback/",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code_verifier": VERIFIER,
        }
        return self.answer("/access_token", data={**fields, **changed})

    def claims(self, code: str) -> dict[str, Any]:
        """Return the claims of the ID token that a code stands for; its signature is checked."""
        answer = self.exchange(code)
        assert answer.status_code == 200, answer.text
        keys = KeySet.import_key_set(self.answer("/connect/jwk_uri").json())
        return dict(jwt.decode(answer.json()["id_token"], keys, algorithms=["RS256"]).claims)


class Browser:
    """Cookies, forms, and where they lead. It does not go on to the portal."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(stand_in.authority)

    def open(self, address: str, fields: Mapping[str, str] | None = None) -> Page:
        """Ask for a page, or send a form to it; go where that leads, and return the page there."""
        address = urljoin(self.stand_in.issuer, address)
        headers = {"Referer": address}
        for _ in range(20):
            answer = self.session.request(
                "GET" if fields is None else "POST",
                address,
                data=fields,
                headers=headers,
                timeout=60,
                allow_redirects=False,
            )
            if "Location" not in answer.headers:
                return Page(address, answer.status_code, answer.headers, answer.text)
            address, fields = urljoin(address, answer.headers["Location"]), None
            if not address.startswith((self.stand_in.issuer, self.stand_in.card_origin)):
                return Page(address, 0, answer.headers, "")
        message = f"Sent round in circles: {address}"
        raise AssertionError(message)

    def send(self, page: Page, **fields: str) -> Page:
        """Fill in the form of `page` and send it."""
        return self.open(page.address, {"csrfmiddlewaretoken": self.token(page), **fields})

    def token(self, page: Page) -> str:
        """Return the token of the form of `page`."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    def ask(self, **changed: str) -> Page:
        """Come from the portal to log in; return the page that this leads to. A parameter that is "" is left out."""
        asked = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": f"{self.stand_in.portal}/care-identity/callback/",
            "scope": "openid profile nationalrbacaccess",
            "state": secrets.token_urlsafe(),
            "nonce": secrets.token_urlsafe(),
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changed,
        }
        return self.open(f"/authorize?{urlencode({name: value for name, value in asked.items() if value})}")

    def log_in(self, uid: str, *, method: str = "smartcard", passcode: str = PASSCODE, **asked: str) -> Page:
        """Come from the portal and log in; return where this ends."""
        return self.prove(self.ask(**asked), uid, method=method, passcode=passcode)

    def prove(self, chooser: Page, uid: str, *, method: str = "smartcard", passcode: str = PASSCODE) -> Page:
        """Choose a method on the page for that, and log in; return where this ends."""
        page = self.send(chooser, method=method)
        if method == "smartcard":
            return self.send(page, card=uid, passcode=passcode)
        code = re.search(r'class="demo-code">([0-9]{6})<', page.text)
        return self.send(page, holder=uid, **({"code": code[1]} if code else {}))


@contextlib.contextmanager
def running(
    *, state: Path, portal_address: str = PORTAL, variables: Mapping[str, str] | None = None
) -> Iterator[StandIn]:
    """Run the stand-in for a portal at `portal_address` until the block ends; wait until it answers."""
    port, card_port = portal.free_port(), portal.free_port()
    told = {
        "DEMO": "1",
        "BASE_URL": portal_address,
        "CARE_IDENTITY_CLIENT_SECRET": CLIENT_SECRET,
        **(variables or {}),
    }
    log = state / "stand-in.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo.care_identity", "--port", str(port), "--card-port", str(card_port)],
            cwd=portal.ROOT,
            env=portal.environment(state=state, port=port, variables=told),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    host = told.get("STAND_IN_HOST") or urlsplit(portal_address).hostname
    started = StandIn(f"http://{host}:{port}", f"https://{host}:{card_port}", state, portal_address, process)
    try:
        wait_until(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=portal.PATIENCE)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/.well-known/openid-configuration", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    return False
