"""Notices that Postfix 3.7 and Exim 4.96 have made of mails of the portal's, as they arrived."""

from __future__ import annotations

import re
from pathlib import Path

from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import mail, outbox
from tests.support.factories import make_user

ADDRESS = "esr-bounces@esr.example.nhs.uk"
_OUR_ID = re.compile(rb"(?<=^Message-ID: )<[0-9a-f-]{36}@[^>]+>", re.MULTILINE)


def of_postfix(name: str, *, about: OutboxMessage | None = None) -> bytes:
    """Return a notice of Postfix."""
    return made_by(f"postfix-{name}", about=about)


def made_by(name: str, *, about: OutboxMessage | None = None) -> bytes:
    """Return a notice, about a mail of the test's where it is given."""
    raw = (Path(__file__).parent / f"{name}.eml").read_bytes()
    if about is None:
        return raw
    changed, times = _OUR_ID.subn(mail.message_id(about).encode(), raw)
    assert times == 1
    return changed


def sent() -> OutboxMessage:
    """Return a mail that was sent, which notices can be about."""
    row = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    outbox.finish(message=row)
    row.refresh_from_db()
    return row
