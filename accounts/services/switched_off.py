"""Switching parts of the portal off for all, and on again, at the next request and without a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import SwitchedOff
from accounts.models.security_event import Event
from accounts.models.switched_off import LONGEST_REASON, Part
from accounts.services import events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User

# By which event the log tells that a part was switched.
RECORDED_AS: Mapping[Part, Event] = {Part.PASSKEYS: Event.PASSKEYS_SWITCHED}


class ReasonNeeded(Exception):
    """No part is switched off without a reason, of LONGEST_REASON characters at most and without null characters."""


def is_on(part: Part) -> bool:
    """Return whether `part` may be used. It is asked at each use: what was remembered would outlive the switch."""
    return not SwitchedOff.objects.filter(part=part).exists()


def switch(*, part: Part, on: bool, by: User | None, reason: str = "") -> bool:
    """Switch `part` on or off; return whether it was the other way before, and only then record it.

    `by` is the operator, or None at the command line; `reason` is for agents and the other operators. Raises
    ReasonNeeded where a part is to be switched off.
    """
    reason = reason.strip()
    if not on and (not reason or len(reason) > LONGEST_REASON or "\0" in reason):
        raise ReasonNeeded
    with transaction.atomic():
        if on:
            deleted, _ = SwitchedOff.objects.filter(part=part).delete()
            is_new = deleted > 0
        else:
            _, is_new = SwitchedOff.objects.get_or_create(part=part, defaults={"by": by, "reason": reason})
        if is_new:
            events.record(event=RECORDED_AS[part], user_id=None, by=by, reason="on" if on else "off")
    return is_new


def why_off(part: Part) -> SwitchedOff | None:
    """Return since when, by which operator and why `part` is off, or None where it is on."""
    return SwitchedOff.objects.filter(part=part).select_related("by").first()
