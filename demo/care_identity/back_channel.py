"""Telling the portal that a person has logged out (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from typing import Any

import requests

from demo.care_identity import configuration, keys

EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Seconds that a token is good for, and that the portal may take.
LIFE = 120
PATIENCE = 5

log = logging.getLogger(__name__)


def logout_token(*, subject: str, session: str) -> str:
    """Return a log-out token: of one session, or of all of the person's where `session` is ""."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": configuration.ISSUER,
        "aud": configuration.CLIENT_ID,
        "iat": now,
        "exp": now + LIFE,
        "jti": uuid.uuid4().hex,
        "events": {EVENT: {}},
        "sub": subject,
    }
    return keys.current().sign({**claims, "sid": session} if session else claims, typ="logout+jwt")


def tell(*, subject: str, session: str) -> None:
    """Send the portal a log-out token, without waiting for what it says."""
    token = logout_token(subject=subject, session=session)
    threading.Thread(target=_send, args=[token], daemon=True).start()


def _send(token: str) -> None:
    where = configuration.BACK_CHANNEL_LOGOUT_URI
    try:
        answer = requests.post(where, data={"logout_token": token}, timeout=PATIENCE)
    except requests.RequestException as error:
        log.warning("The portal was not told of a log-out: %s", error)
        return
    if answer.status_code >= 400:
        log.warning("The portal refused a log-out token with status %s", answer.status_code)
