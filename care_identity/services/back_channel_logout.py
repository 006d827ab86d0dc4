"""Care Identity tells the portal that a session has ended there, and the portal ends what began with it.

Source: OpenID Connect Back-Channel Logout 1.0 (2.4 to 2.6).
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.identifiers import keyed_digest
from accounts.services import sessions
from care_identity.models import SpentLogoutToken
from care_identity.services import tokens
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

# The member of `events` that makes a token a logout token (2.4).
EVENT = "http://schemas.openid.net/event/backchannel-logout"
# How long after it was made a token is taken: it is sent at once, and again where its keys could not be read.
TAKEN_FOR = datetime.timedelta(minutes=5)
# How far ahead of ours Care Identity's clock may be.
CLOCKS_APART = datetime.timedelta(seconds=60)
# The longest names that we take: a Care Identity's number, what it calls a session, and what it calls a token.
LONGEST = {"sub": 12, "sid": 255, "jti": 255}


def log_out(*, logout_token: str) -> int:
    """End the sessions that a logout token of Care Identity's names; return how many there were.

    Raises Refused where the token is not one that Care Identity made for us just now and for the first time, and,
    with Page.UNAVAILABLE, where its keys cannot be read: then it may be sent again.
    """
    claims = tokens.read(logout_token)
    made_at = _check(claims)
    uid, session, jti = _name(claims, "sub"), _name(claims, "sid"), _name(claims, "jti")
    if not uid and not session:
        raise _refused("logout_of_nobody")
    if not jti:
        raise _refused("logout_jti")
    with transaction.atomic():
        _spend(jti=jti, made_at=made_at)
        return sessions.end_of_care_identity(uid=uid, session=session, at=made_at)


def delete_spent() -> int:
    """Delete the log-out messages that are refused as old by now; return how many. Daily work."""
    deleted, _ = SpentLogoutToken.objects.filter(kept_until__lt=timezone.now()).delete()
    return deleted


def _check(claims: Mapping[str, Any]) -> datetime.datetime:
    """Return when the token was made. Raises Refused where it is no logout token for us, or not of now."""
    audience = claims.get("aud")
    if settings.CARE_IDENTITY_CLIENT_ID not in (audience if isinstance(audience, list) else [audience]):
        raise _refused("logout_aud")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise _refused("logout_events")
    # An ID token has one; a logout token must not, so that none is ever taken for the other.
    if "nonce" in claims:
        raise _refused("logout_nonce")
    now, made_at = timezone.now(), _time(claims, "iat")
    if not made_at - CLOCKS_APART <= now <= made_at + TAKEN_FOR:
        raise _refused("logout_iat")
    if "exp" in claims and _time(claims, "exp") + CLOCKS_APART <= now:
        raise _refused("logout_exp")
    return made_at


def _time(claims: Mapping[str, Any], claim: str) -> datetime.datetime:
    """Return a claim that is a time. Raises Refused where it is none."""
    seconds = claims.get(claim)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise _refused(f"logout_{claim}")
    try:
        return datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC)
    except (OverflowError, ValueError, OSError):
        raise _refused(f"logout_{claim}") from None


def _name(claims: Mapping[str, Any], claim: str) -> str:
    """Return a claim that is a name, or "" where there is none. Raises Refused where it is there and names nothing.

    Only what can be written: PostgreSQL takes no NUL, and JSON can hold half a letter.
    """
    if claim not in claims:
        return ""
    name = claims[claim]
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= LONGEST[claim]:
        raise _refused(f"logout_{claim}")
    return name


def _spend(*, jti: str, made_at: datetime.datetime) -> None:
    """Remember that a token was used. Raises Refused where it was before: of many at once, one is the first."""
    digest = keyed_digest(purpose="care_identity.logout_token", value=jti)
    kept_until = made_at + TAKEN_FOR + CLOCKS_APART
    _, first = SpentLogoutToken.objects.get_or_create(jti_digest=digest, defaults={"kept_until": kept_until})
    if not first:
        raise _refused("logout_jti_again")


def _refused(reason: str) -> Refused:
    return Refused(Page.NOT_BELIEVED, reason)
