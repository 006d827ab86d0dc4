"""Whether mails go out: how long the oldest has waited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.services import mail_age
from helpdesk.doctor.findings import failure, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


def check() -> Iterator[Finding]:
    """Yield how long the oldest mail has waited; accounts/services/mail_age.py says why strangers are not told."""
    now, oldest = timezone.now(), mail_age.oldest_due()
    if oldest is not None and now - oldest > mail_age.HELD_UP_AFTER:
        yield failure(
            f"The oldest mail has waited for {round((now - oldest).total_seconds() / 60)} minutes.",
            "Look at what is said of the worker and of the mail server. The admin’s outbox has the error of each mail.",
        )
    if oldest is None or now - oldest <= mail_age.HELD_UP_AFTER:
        yield good("No mail is late." if oldest is None else "Mails wait, and none for long.")
