"""Whether mails that come back are read: in a mailbox, or handed over by the mail server (decision 58)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from accounts import imap
from accounts.services import bounces
from helpdesk.doctor.findings import advice, failure, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


def check() -> Iterator[Finding]:
    """Yield which way is set up, and whether the mailbox opens."""
    if not settings.BOUNCE_EMAIL:
        yield advice(
            "Mails that come back are not read: the helpdesk cannot see that a mailbox is closed.",
            "Set BOUNCE_EMAIL, and BOUNCE_MAILBOX where you can: docs/mails-that-come-back.md.",
        )
        return
    if settings.BOUNCE_MAILBOX is None:
        yield advice(
            "Mails that come back are handed over by the mail server, which cannot be seen from here.",
            "Send a mail to an address that there is not, and look whether the admin’s outbox says that it came back.",
        )
        return
    try:
        with imap.opened(settings.BOUNCE_MAILBOX, longest=bounces.LONGEST):
            pass
    except imap.MailboxFails as problem:
        yield failure(
            f"The mailbox of mails that came back does not open: {problem}.",
            "Look at BOUNCE_MAILBOX, and whether this machine may reach that server.",
        )
    else:
        yield good("The mailbox of mails that came back opens.")
