"""A whole OpenID provider that a test can have answer what it likes: real HTTP, real keys, real tokens.

It knows one person. What it says of them is good until a test changes `claims`, `header`, `userinfo` or `answers`.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import http.server
import json
import threading
import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.support.provider import Provider

UID = "555000000999"
Key = RSAKey | ECKey | OctKey
# Seconds after which a slow answer ends by itself, if no test ended it.
SLOWEST = 30


@dataclasses.dataclass(slots=True)
class Answer:
    """What is answered at a path instead of the truth.

    `drips`: from "header" or "body" on a byte comes every tenth of a second.
    """

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    is_silent: bool = False
    drips: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


class OpenIDProvider(Provider):
    """A running provider at `issuer`.

    `claims` and `userinfo` change what it says (None takes a claim away), `header` the header of the ID token,
    `signs_with` is its key (None: no signature); `token` changes the token endpoint's answer; `answers` has what a path
    answers instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self._server.RequestHandlerClass = _handler_of(self)
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.token: dict[str, Any] = {}
        self.signs_with: Key | None = self.key
        self.answers: dict[str, Answer] = {}
        self.requests: list[Asked] = []
        # Set at the end of a test: slow answers end.
        self.is_over = threading.Event()
        self._codes: dict[str, dict[str, str]] = {}

    def stop(self) -> None:
        """Stop answering, and end the answers that are under way."""
        self.is_over.set()
        super().stop()

    def count(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(1 for asked in self.requests if asked.path == path)

    def last(self, path: str) -> Asked:
        """Return the last request for a path."""
        return [asked for asked in self.requests if asked.path == path][-1]

    def visit(self, address: str) -> dict[str, str]:
        """Go where the portal sends a browser and log in there; return the parameters that the browser brings back."""
        asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Return what the token endpoint answers to a form: a code is taken once, with what it was asked for with."""
        asked = self._codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or asked["redirect_uri"] != form.get("redirect_uri")
            or asked["code_challenge"] != base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        ):
            return 400, {"error": "invalid_grant"}
        access_token = f"access-{len(self.requests)}"
        return 200, _changed(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self.id_token(nonce=asked["nonce"], access_token=access_token),
            },
            self.token,
        )

    def id_token(self, *, nonce: str, access_token: str) -> str:
        """Return an ID token about the person, with the changes that the test asks for."""
        now = int(time.time())
        header = _changed({"alg": "RS256", "typ": "JWT", "kid": self.key.kid}, self.header)
        claims = {
            "iss": self.issuer,
            "sub": UID,
            "aud": "esr-portal-tests.apps.national",
            "azp": "esr-portal-tests.apps.national",
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": nonce,
            "at_hash": at_hash(access_token, "sha512" if header.get("alg") == "RS512" else "sha256"),
            "acr": "AAL3_ANY",
            "amr": ["N3_SMARTCARD"],
            "id_assurance_level": "3",
            "authentication_assurance_level": "3",
            "sid": "there-1",
        }
        return self.write(json.dumps(_changed(claims, self.claims)), header=header)

    def write(self, text: str, *, header: dict[str, Any]) -> str:
        """Return a token that says `text`, by `signs_with`."""
        if self.signs_with is None:
            return f"{_base64url(json.dumps(header).encode())}.{_base64url(text.encode())}."
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jws.serialize_compact(header, text, self.signs_with, registry=registry)


def at_hash(access_token: str, by: str = "sha256") -> str:
    """Return the half of an access token's hash that goes into an ID token."""
    digest = hashlib.new(by, access_token.encode()).digest()
    return _base64url(digest[: len(digest) // 2])


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**document, **changes}.items() if value is not None}


def _handler_of(provider: OpenIDProvider) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._note({})
            if self.path in provider.answers:
                self._give(provider.answers[self.path])
            elif self.path == "/userinfo" and self.headers.get("Authorization", "").startswith("Bearer access-"):
                about = _changed({"sub": UID, "uid": UID, "name": "Somebody"}, provider.userinfo)
                self._give(Answer(json.dumps(about).encode()))
            else:
                found = provider.documents.get(self.path)
                self._give(Answer(json.dumps(found).encode(), status=404 if found is None else 200))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: ",".join(values) for name, values in parse_qs(body, keep_blank_values=True).items()}
            self._note(form)
            if self.path in provider.answers:
                self._give(provider.answers[self.path])
            else:
                status, document = provider.exchange(form)
                self._give(Answer(json.dumps(document).encode(), status=status))

        def _note(self, form: dict[str, str]) -> None:
            provider.asked.append(self.path)
            provider.requests.append(Asked(self.command, self.path, dict(self.headers), form))

        def _give(self, answer: Answer) -> None:
            if answer.is_silent:
                provider.is_over.wait(SLOWEST)
                return
            headers = {"Content-Type": "application/json", "Content-Length": str(len(answer.body)), **answer.headers}
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            header = f"HTTP/1.1 {answer.status} Said\r\n{head}Connection: close\r\n\r\n".encode()
            drops = {"": b"", "body": answer.body, "header": header + answer.body}[answer.drips]
            try:
                self.wfile.write((header + answer.body).removesuffix(drops) if drops else header + answer.body)
                for drop in drops:
                    self.wfile.write(bytes([drop]))
                    if provider.is_over.wait(0.1):
                        return
            except OSError:
                # The portal had enough.
                return

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler
