"""Whether Care Identity can be reached, says of itself what we were told, publishes keys, and its clock is ours."""

from __future__ import annotations

import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from django.conf import settings

from accounts import clocks
from accounts.browser import preferred_method
from care_identity.services import provider
from care_identity.services.refusals import Refused
from helpdesk.doctor import asking
from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


def check() -> Iterator[Finding]:
    """Yield what comes of asking it, as a log-in would."""
    if not preferred_method.is_offered():
        return
    try:
        provider.read_anew()
    except Refused as refused:
        yield failure(
            f"Care Identity cannot be used: {refused.reason}.",
            "Look at CARE_IDENTITY_DISCOVERY_URL, and let this machine reach it: docs/care-identity.md.",
        )
        return
    yield good("Care Identity can be reached, and publishes keys that we can use.")
    yield from _clock()
    yield from asking.certificate(settings.CARE_IDENTITY_DISCOVERY_URL, whose="Care Identity")


def _clock() -> Iterator[Finding]:
    answer = asking.ask(settings.CARE_IDENTITY_DISCOVERY_URL)
    try:
        theirs = parsedate_to_datetime(answer.header("Date"))
    except ValueError:
        return
    apart = abs(datetime.datetime.now(datetime.UTC) - theirs)
    if apart > clocks.MOST_APART:
        yield warning(
            f"This machine's clock and Care Identity's are {round(apart.total_seconds())} seconds apart.",
            "Have this machine keep time by NTP: answers of Care Identity are refused as too old or too new.",
        )
