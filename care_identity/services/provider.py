"""What Care Identity says of itself: where its parts are, and the keys that it signs with.

Both are read at run time (OpenID Connect Discovery 1.0) and kept for at most an hour in this process. They are not
fetched under a lock: threads that waited for it could not serve people meanwhile (see services/http).
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from care_identity.services import http
from care_identity.services.signing_keys import SigningKey, signing_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

WELL_KNOWN = "/.well-known/openid-configuration"
# Seconds for which what was read is believed.
KEPT_FOR = 3600
# Seconds between two readings of the keys for tokens that an attacker can have sent (back-channel logout): forged ones
# cannot keep us busy, and delay a new key for so long at most.
BETWEEN_READINGS = 10
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclasses.dataclass(frozen=True, slots=True)
class Metadata:
    """The parts of a provider that we use; `end_session_endpoint` is "" where it has none.

    `names_itself`: it says who it is in each answer that a browser brings back (RFC 9207).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    names_itself: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    """Something that was read, and when (seconds since 1970)."""

    value: Any
    read_at: float

    def is_younger_than(self, seconds: float) -> bool:
        """Return whether it was read within so many seconds. A time in the future is not believed."""
        return 0 <= time.time() - self.read_at < seconds


# By the address it was read at. One assignment replaces an entry, so threads need no lock.
_kept: dict[str, _Kept] = {}


def metadata(deadline: http.Deadline | None = None) -> Metadata:
    """Return what Care Identity says of itself, read within the hour.

    Raises Refused where it cannot be read in time, or where it is not what the configuration says.
    """
    address = settings.CARE_IDENTITY_DISCOVERY_URL
    kept = _kept.get(address)
    if kept is None or not kept.is_younger_than(KEPT_FOR):
        _demand(is_address(address), "discovery_address")
        document = http.read(address, deadline=deadline or http.Deadline())
        kept = _Kept(value=document, read_at=time.time())
        # Judged before it is kept, and on every use: settings say whether a stand-in will do.
        metadata_of(document)
        _kept[address] = kept
    return metadata_of(kept.value)


def metadata_of(document: Mapping[str, Any]) -> Metadata:
    """Return what a discovery document says. Raises Refused where it is not the one of the configured provider."""
    _demand(document.get("stand_in", False) is False or settings.CARE_IDENTITY_MAY_BE_A_STAND_IN, "stand_in")
    issuer = document.get("issuer")
    expected = settings.CARE_IDENTITY_DISCOVERY_URL.removesuffix(WELL_KNOWN)
    if not is_address(issuer) or not is_address(expected) or _canonical(issuer) != _canonical(expected):
        raise http.unavailable("discovery_issuer")
    endpoints = {name: document.get(name) for name in _ENDPOINTS}
    for name, endpoint in endpoints.items():
        _demand(is_address(endpoint), f"discovery_{name}")
    end_session = document.get("end_session_endpoint", "")
    _demand(end_session == "" or is_address(end_session), "discovery_end_session_endpoint")
    return Metadata(
        issuer=issuer,
        **{name: str(endpoint) for name, endpoint in endpoints.items()},
        end_session_endpoint=end_session,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def key(
    *, kid: str, algorithm: str, comes_straight: bool = False, deadline: http.Deadline | None = None
) -> SigningKey | None:
    """Return the key that Care Identity publishes as `kid` for `algorithm`, or None where it does not.

    An unknown one may be new: then the keys are read once more. For a token that came straight from Care Identity
    (`comes_straight`) always; for one that an attacker can have sent, not more often than every BETWEEN_READINGS.

    Raises Refused where the keys cannot be read.
    """
    deadline = deadline or http.Deadline()
    address = metadata(deadline).jwks_uri
    kept = _kept.get(address)
    just_read = kept is None or not kept.is_younger_than(KEPT_FOR)
    if kept is None or just_read:
        kept = _read_keys(address, deadline=deadline)
    found = _find(kept, kid=kid, algorithm=algorithm)
    if found is None and not just_read and (comes_straight or not kept.is_younger_than(BETWEEN_READINGS)):
        found = _find(_read_keys(address, deadline=deadline), kid=kid, algorithm=algorithm)
    return found


def read_anew(deadline: http.Deadline | None = None) -> Metadata:
    """Return what Care Identity says of itself now, and read its keys, whatever was read before. Raises Refused.

    For the doctor: it makes a whole journey's questions, so that what it hears is what the next log-in hears.
    """
    deadline = deadline or http.Deadline()
    forget()
    found = metadata(deadline)
    _read_keys(found.jwks_uri, deadline=deadline)
    return found


def forget() -> None:
    """Forget what was read, and that it was slow, as a new process has."""
    _kept.clear()
    http.forget()


def _read_keys(address: str, *, deadline: http.Deadline) -> _Kept:
    keys = signing_keys(http.read(address, deadline=deadline))
    _demand(bool(keys), "keys_none")
    _kept[address] = _Kept(value=keys, read_at=time.time())
    return _kept[address]


def _find(kept: _Kept, *, kid: str, algorithm: str) -> SigningKey | None:
    return next((one for one in kept.value if one.kid == kid and one.fits(algorithm)), None)


def _demand(is_so: bool, reason: str) -> None:
    if not is_so:
        raise http.unavailable(reason)


def is_address(address: object) -> TypeGuard[str]:
    """Return whether this is an address that we may talk to: over TLS, unless a stand-in will do."""
    if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return port_is_one and _may_be_asked(parts)


def _may_be_asked(parts: SplitResult) -> bool:
    schemes = {"https", "http"} if settings.CARE_IDENTITY_MAY_BE_A_STAND_IN else {"https"}
    return parts.scheme in schemes and bool(parts.hostname) and not parts.fragment and "@" not in parts.netloc


def _canonical(address: str) -> tuple[str, str | None, int, str, str]:
    """Return the parts of an address to compare by: its port written out, and no slash at its end."""
    parts = urlsplit(address)
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    return parts.scheme, parts.hostname, port, parts.path.removesuffix("/"), parts.query
