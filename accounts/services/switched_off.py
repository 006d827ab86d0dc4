"""Switching parts of the portal off for all, and on again, at the next request and without a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import SwitchedOff
from accounts.models.security_event import Event
from accounts.services import events

if TYPE_CHECKING:
    from accounts.models import User
    from accounts.models.switched_off import Part


def is_on(part: Part) -> bool:
    """Return whether `part` may be used. It is asked at each use: what was remembered would outlive the switch."""
    return not SwitchedOff.objects.filter(part=part).exists()


def switch(*, part: Part, on: bool, by: User | None, reason: str = "") -> bool:
    """Switch `part` on or off; return whether it was the other way before, and only then record it.

    `by` is the operator, or None at the command line; `reason` is for the other operators, 300 characters at most.
    """
    with transaction.atomic():
        if on:
            deleted, _ = SwitchedOff.objects.filter(part=part).delete()
            is_new = deleted > 0
        else:
            _, is_new = SwitchedOff.objects.get_or_create(part=part, defaults={"by": by, "reason": reason[:300]})
        if is_new:
            events.record(event=Event.PASSKEYS_SWITCHED, user_id=None, by=by, reason="on" if on else "off")
    return is_new


def why_off(part: Part) -> SwitchedOff | None:
    """Return since when, by which operator and why `part` is off, or None where it is on."""
    return SwitchedOff.objects.filter(part=part).select_related("by").first()
