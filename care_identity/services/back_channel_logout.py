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
from accounts.proof import CLOCKS_APART
from accounts.services import care_identity_log_outs
from care_identity.models import SpentLogoutToken
from care_identity.services import claim_values, tokens
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

# The member of `events` that makes a token a logout token (2.4).
EVENT = "http://schemas.openid.net/event/backchannel-logout"
# What a token can name, and how long that is at most: a person, a session, the token itself.
LONGEST = {"sub": claim_values.UID_DIGITS, "sid": claim_values.LONGEST_NAME, "jti": claim_values.LONGEST_NAME}
# How long a token has to be remembered: after that it is refused as old, whichever clock made it.
_KEPT_FOR = datetime.timedelta(seconds=claim_values.OLDEST + CLOCKS_APART)


def log_out(*, logout_token: str) -> int:
    """End the sessions that a logout token of Care Identity's names; return how many there were.

    Raises Refused where Care Identity did not make the token for us, where it is old, and where it was used before; and
    with Page.UNAVAILABLE where Care Identity's keys cannot be read: then it may be sent again.
    """
    claims = tokens.read(logout_token)
    _check_for_us(claims)
    made_at = _made_at(claims)
    uid, session, jti = _name(claims, "sub"), _name(claims, "sid"), _name(claims, "jti")
    if not uid and not session:
        raise _refused("logout_of_nobody")
    if not jti:
        raise _refused("logout_jti")
    with transaction.atomic():
        _spend(jti=jti, made_at=made_at)
        return care_identity_log_outs.end(uid=uid, session=session, at=made_at)


def delete_spent() -> int:
    """Delete the log-out messages that are refused as old by now; return how many. Daily work."""
    deleted, _ = SpentLogoutToken.objects.filter(kept_until__lt=timezone.now()).delete()
    return deleted


def _check_for_us(claims: Mapping[str, Any]) -> None:
    """Raise Refused where a token is no logout token for us."""
    audience = claims.get("aud")
    if settings.CARE_IDENTITY_CLIENT_ID not in (audience if isinstance(audience, list) else [audience]):
        raise _refused("logout_aud")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise _refused("logout_events")
    # An ID token has one and a logout token must not (2.4), so that neither is taken for the other.
    if "nonce" in claims:
        raise _refused("logout_nonce")


def _made_at(claims: Mapping[str, Any]) -> datetime.datetime:
    """Return when a token was made. Raises Refused where it is not of now."""
    made_at = claim_values.seconds(claims, claim="iat")
    if made_at is None or claim_values.is_to_come(made_at) or claim_values.is_too_old(made_at):
        raise _refused("logout_iat")
    if "exp" in claims:
        end = claim_values.seconds(claims, claim="exp")
        if end is None or claim_values.is_over(end):
            raise _refused("logout_exp")
    return datetime.datetime.fromtimestamp(made_at, tz=datetime.UTC)


def _name(claims: Mapping[str, Any], claim: str) -> str:
    """Return a claim that is a name, or "" where there is none. Raises Refused where it is there and names nothing."""
    if claim not in claims:
        return ""
    name = claims[claim]
    if not claim_values.is_name(name, longest=LONGEST[claim]):
        raise _refused(f"logout_{claim}")
    return name


def _spend(*, jti: str, made_at: datetime.datetime) -> None:
    """Remember that a token was used. Raises Refused where it was used before: of several at once, one is taken."""
    digest = keyed_digest(purpose="care_identity.logout_token", value=jti)
    _, first = SpentLogoutToken.objects.get_or_create(jti_digest=digest, defaults={"kept_until": made_at + _KEPT_FOR})
    if not first:
        raise _refused("logout_jti_again")


def _refused(reason: str) -> Refused:
    return Refused(Page.NOT_BELIEVED, reason)
