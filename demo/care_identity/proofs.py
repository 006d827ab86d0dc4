"""Who has logged in at the stand-in and how: kept in the session, and under the nonce of each request it answers."""

from __future__ import annotations

import dataclasses
import time
import uuid
from typing import Any

from django.contrib.auth import login
from django.core.cache import cache
from django.http import HttpRequest

from demo.care_identity import cards, methods
from demo.care_identity.methods import Method
from demo.care_identity.models import Holder

KEY = "stand_in_proof"
# Seconds. Longer than an authorization code lives.
KEPT_FOR = 600


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """Who it is, by which method, when (seconds since 1970), and in which session of ours."""

    uid: str
    method: Method
    authenticated_at: int
    session: str

    def claims(self) -> dict[str, Any]:
        """Return what an ID token says of it, as Care Identity words it."""
        card = cards.find(self.uid)
        as_written = str if card and card.levels_as_text else int
        return {
            "acr": self.method.acr,
            "amr": [self.method.amr],
            "auth_time": self.authenticated_at,
            "authentication_assurance_level": as_written(self.method.level),
            "id_assurance_level": as_written(card.identity_level if card else 0),
            "sid": self.session,
        }


def log_in(request: HttpRequest, *, holder: Holder, method: Method) -> None:
    """Remember in the session that the holder has just logged in. Logging in again keeps the session's number."""
    before = of(request)
    session = before.session if before and before.uid == holder.uid else uuid.uuid4().hex
    login(request, holder, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    request.session[KEY] = {
        "uid": holder.uid,
        "method": method.slug,
        "authenticated_at": int(time.time()),
        "session": session,
    }


def of(request: HttpRequest) -> Proof | None:
    """Return who is logged in here, or None."""
    kept = request.session.get(KEY)
    return _read(kept) if kept and request.user.is_authenticated else None


def keep(proof: Proof, *, nonce: str) -> None:
    """Keep a proof for the ID token that will carry this nonce."""
    cache.set(f"proof:{nonce}", {**dataclasses.asdict(proof), "method": proof.method.slug}, KEPT_FOR)


def under(*, nonce: str) -> Proof:
    """Return the proof kept under a nonce. Raises LookupError."""
    kept = cache.get(f"proof:{nonce}")
    if kept is None:
        raise LookupError(nonce)
    return _read(kept)


def _read(kept: dict[str, Any]) -> Proof:
    method = methods.find(kept["method"])
    if method is None:
        raise LookupError(kept["method"])
    return Proof(uid=kept["uid"], method=method, authenticated_at=kept["authenticated_at"], session=kept["session"])
