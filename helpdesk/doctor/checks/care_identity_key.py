"""How old our own key is, by which Care Identity knows us."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from accounts.browser import preferred_method
from care_identity.services import client_keys
from helpdesk.doctor.findings import advice, failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# NIST SP 800-57 part 1, 5.3.6: a private key that signs serves for one to three years.
OLD_AFTER, TOO_OLD_AFTER = datetime.timedelta(days=365), datetime.timedelta(days=3 * 365)
_NEW = "docs/care-identity.md says how a new one is put in place."


def check() -> Iterator[Finding]:
    """Yield whether it can be used, and how old it is. A PEM file says no date: its own is taken."""
    if not preferred_method.is_offered():
        return
    if not settings.CARE_IDENTITY_PRIVATE_KEY_FILE:
        yield advice("Care Identity knows us by a secret, which it knows too.", "Use a key of your own: " + _NEW)
        return
    try:
        client_keys.signing_key()
        written = Path(settings.CARE_IDENTITY_PRIVATE_KEY_FILE).stat().st_mtime
    except (client_keys.Unusable, OSError):
        yield failure("CARE_IDENTITY_PRIVATE_KEY_FILE cannot be used.", "manage.py check says why.")
        return
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromtimestamp(written, datetime.UTC)
    if age > OLD_AFTER:
        make = warning if age > TOO_OLD_AFTER else advice
        yield make(f"Our key for Care Identity was written {age.days} days ago.", _NEW[0].upper() + _NEW[1:])
    else:
        yield good("Our key for Care Identity can be used, and is younger than a year.")
