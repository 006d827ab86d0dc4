"""How a request of the doctor's arrived, through every proxy on the way, told to the doctor alone (`manage.py doctor`).

It asks /health/ready at BASE_URL as any browser would, with a header that is signed with SECRET_KEY and good for a
minute. The header is in no log and no address. Who has no SECRET_KEY learns nothing; who takes a header off the wire
learns for a minute how their own requests arrive.
"""

from __future__ import annotations

import datetime
import json
import platform
import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEADER = "X-Portal-Doctor"
# What stands before the facts in a line of /health/ready.
ARRIVED = "arrived "
_META = "HTTP_X_PORTAL_DOCTOR"
_GOOD_FOR = datetime.timedelta(minutes=1)
# A stranger's header that is longer is not looked at.
_LONGEST = 200
_signer = signing.TimestampSigner(salt="hub.arrival")


def header() -> dict[str, str]:
    """Return the header by which the portal knows the doctor, a new one each time."""
    return {HEADER: _signer.sign(secrets.token_urlsafe(12))}


def told(meta: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line with how this request arrived, where the doctor asks; nothing for any other."""
    given = meta.get(_META, "")
    if not given or len(given) > _LONGEST:
        return
    try:
        _signer.unsign(given, max_age=_GOOD_FOR)
    except signing.BadSignature:
        return
    facts = {
        "scheme": meta.get("wsgi.url_scheme", ""),
        "host": meta.get("HTTP_HOST", ""),
        "client": meta.get("REMOTE_ADDR", ""),
        # How many addresses X-Forwarded-For has: 0 where no proxy sets it.
        "forwarded": len([each for each in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]),
        "from_trusted_proxy": bool(meta.get("esr_portal.from_trusted_proxy")),
        "version": settings.VERSION,
        "machine": platform.node(),
    }
    yield ARRIVED + json.dumps(facts)


def read(text: str) -> dict[str, Any] | None:
    """Return the facts in an answer of /health/ready, or None where it tells none."""
    line = next((line for line in text.splitlines() if line.startswith(ARRIVED)), None)
    try:
        facts = json.loads(line.removeprefix(ARRIVED)) if line else None
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None
