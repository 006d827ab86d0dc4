"""Keys that were replaced, and are still believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from helpdesk.doctor.findings import advice, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


def check() -> Iterator[Finding]:
    """Yield a finding for each variable that holds more keys than it needs to."""
    old, sealing = len(settings.SECRET_KEY_FALLBACKS), len(settings.SECOND_STEP_KEYS)
    if old:
        yield advice(
            f"SECRET_KEY_FALLBACKS holds old keys ({old}): who has one of them can still sign with it.",
            "Take it away eight hours after the new key was put in: no session is older.",
        )
    if sealing > 1:
        yield advice(
            f"SECOND_STEP_KEYS holds {sealing} keys: an old one still opens secrets of second steps.",
            "Run manage.py reseal_second_steps and manage.py seal_events. A day later, take the old key out.",
        )
    if not old and sealing <= 1:
        yield good("No key is left over from a replacement.")
