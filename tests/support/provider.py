"""A provider that says who it is and publishes the keys it signs by: enough for logout tokens. Real HTTP, real keys."""

from __future__ import annotations

import functools
import http.server
import json
import threading
import time
import uuid
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

EVENT = "http://schemas.openid.net/event/backchannel-logout"
CLIENT_ID = "esr-portal-tests.apps.national"


class Provider:
    """A running provider at `issuer`. `documents` can be changed: what is missing is answered with 404."""

    def __init__(self) -> None:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.key = key_named("key-1")
        self.asked: list[str] = []
        self.documents: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                **{f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token", "userinfo")},
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end-session",
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }

    @property
    def discovery(self) -> dict[str, Any]:
        """What it says of itself."""
        found: dict[str, Any] = self.documents["/.well-known/openid-configuration"]
        return found

    def start(self) -> None:
        """Answer until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering: a second time it does no harm."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(timeout=10)

    def logout_claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good logout token, with changes; None takes a claim away."""
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": int(time.time()),
            "exp": int(time.time()) + 120,
            "jti": uuid.uuid4().hex,
            "events": {EVENT: {}},
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def logout_token(self, **changes: Any) -> str:
        """Return a logout token as the provider sends it: good, but for the changes."""
        return self.signed(self.logout_claims(**changes))

    def signed(self, claims: object, *, key: RSAKey | None = None, **header: Any) -> str:
        """Return a token that says `claims`, by the provider's key unless another is given."""
        by = key or self.key
        head = {"alg": "RS256", "kid": by.kid, "typ": "logout+jwt", **header}
        return jws.serialize_compact(head, json.dumps(claims), by)


@functools.cache
def key_named(kid: str) -> RSAKey:
    """Return a key to sign with, made once a run and name."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def _handler_of(provider: Provider) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            found = provider.documents.get(self.path)
            body = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler
