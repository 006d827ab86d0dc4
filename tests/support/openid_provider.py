"""An OpenID provider that a test can have answer what it likes: real HTTP, real keys, real tokens.

It knows one person. What it says of them is good until a test changes `claims`, `header`, `userinfo` or `answers`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import json
import time
import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.support.openid_server import Answer, Asked, Server

UID = "555000000999"
CLIENT_ID = "esr-portal-tests.apps.national"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
Key = RSAKey | ECKey | OctKey


class OpenIDProvider:
    """A running provider at `issuer`.

    `documents` has what is read there (what is missing is answered with 404), and `answers` what a path answers
    instead. `claims` and `userinfo` change what it says (None takes a claim away), `header` the header of the ID token,
    `signs_with` is its key (None: no signature); `token` changes the token endpoint's answer.
    """

    def __init__(self) -> None:
        self._server = Server(self._answer_to)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.key = key_named("key-1")
        self.documents: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                **{f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token", "userinfo")},
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end-session",
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }
        self.answers: dict[str, Answer] = {}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.token: dict[str, Any] = {}
        self.signs_with: Key | None = self.key
        # What ends its codes and access tokens, by which they are found wherever they are; and the newest of each.
        self.mark = ""
        self.handed_out: dict[str, str] = {}
        self.requests: list[Asked] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count()

    @property
    def discovery(self) -> dict[str, Any]:
        """What it says of itself."""
        found: dict[str, Any] = self.documents["/.well-known/openid-configuration"]
        return found

    def start(self) -> None:
        """Answer until stopped."""
        self._server.start()

    def stop(self) -> None:
        """Stop answering, and end the answers that are under way: a second time it does no harm."""
        self._server.stop()

    def count(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(1 for asked in self.requests if asked.path == path)

    def last(self, path: str) -> Asked:
        """Return the last request for a path."""
        return [asked for asked in self.requests if asked.path == path][-1]

    def visit(self, address: str) -> dict[str, str]:
        """Go where the portal sends a browser and log in there; return the parameters that the browser brings back."""
        asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        # Browsers may come at once: a code that was taken is not given again.
        code = self.handed_out["code"] = f"code-{next(self._numbers)}{self.mark}"
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
            or asked["code_challenge"] != _base64url(verifier)
        ):
            return 400, {"error": "invalid_grant"}
        access_token = f"access-{len(self.requests)}{self.mark}"
        id_token = self.id_token(nonce=asked["nonce"], access_token=access_token)
        self.handed_out |= {"access token": access_token, "ID token": id_token}
        return 200, _changed(
            {"access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token},
            self.token,
        )

    def id_token(self, *, nonce: str, access_token: str) -> str:
        """Return an ID token about the person, with the changes that the test asks for."""
        now = int(time.time())
        header = _changed({"alg": "RS256", "typ": "JWT", "kid": self.key.kid}, self.header)
        claims = {
            "iss": self.issuer,
            "sub": UID,
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
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

    def logout_claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good logout token, with changes; None takes a claim away."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": uuid.uuid4().hex,
            "events": {EVENT: {}},
        }
        return _changed(claims, changes)

    def logout_token(self, **changes: Any) -> str:
        """Return a logout token as the provider sends it: good, but for the changes."""
        return self.signed(self.logout_claims(**changes))

    def signed(self, claims: object, *, key: RSAKey | None = None, **header: Any) -> str:
        """Return a logout token that says `claims`, by the provider's key unless another is given."""
        by = key or self.key
        head = {"alg": "RS256", "kid": by.kid, "typ": "logout+jwt", **header}
        return jws.serialize_compact(head, json.dumps(claims), by)

    def _answer_to(self, asked: Asked) -> Answer:
        self.requests.append(asked)
        if asked.path in self.answers:
            return self.answers[asked.path]
        if asked.method == "POST":
            status, document = self.exchange(asked.form)
            return Answer(json.dumps(document).encode(), status=status)
        if asked.path == "/userinfo" and asked.headers.get("Authorization", "").startswith("Bearer access-"):
            about = _changed({"sub": UID, "uid": UID, "name": "Somebody"}, self.userinfo)
            return Answer(json.dumps(about).encode())
        found = self.documents.get(asked.path)
        return Answer(json.dumps(found).encode(), status=404 if found is None else 200)


@functools.cache
def key_named(kid: str) -> RSAKey:
    """Return a key to sign with, made once a run and name."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def at_hash(access_token: str, by: str = "sha256") -> str:
    """Return the half of an access token's hash that goes into an ID token."""
    digest = hashlib.new(by, access_token.encode()).digest()
    return _base64url(digest[: len(digest) // 2])


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**document, **changes}.items() if value is not None}
