"""Mails that came back: a notice of a mail server (RFC 3464) about a mail that the portal has sent.

A notice is written by strangers. What is read of it is the Message-ID of our mail, which its recipient and the servers
on the way alone have seen, and the status of the failure. Nothing else of it is kept.
"""

from __future__ import annotations

import email
import enum
import itertools
import re
import uuid
from email import policy
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import OutboxMessage
from accounts.services import mail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

# Bytes. A notice with the whole of one of our mails in it has some 20,000; one that is made to be slow to read, and is
# as long as this, takes two seconds.
LONGEST = 128 * 1024
# Mails that one notice is looked through for: it returns one.
_MOST_MAILS = 10
_OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>\s]{1,255}>", re.ASCII)
# RFC 3463, 2: class, subject, detail.
_UNKNOWN = "5.0.0"
_STATUS = re.compile(r"\s*([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])", re.ASCII)
# RFC 3464, 2.3.6; RFC 2034, 4: what the server said that refused the mail.
_SAID = re.compile(
    r"\s*smtp\s*;\s*[45][0-9]{2}[\s-]+([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])", re.ASCII | re.IGNORECASE
)


class Read(enum.Enum):
    """What came of a notice: noted, no notice of a failure, or about no mail of ours."""

    RECORDED = "recorded"
    NO_NOTICE = "no_notice"
    NOT_OURS = "not_ours"


def take(*, notice: bytes) -> Read:
    """Note that a mail of ours came back, where `notice` says so. Of several about one mail the first counts."""
    try:
        parsed = email.message_from_bytes(notice[:LONGEST], policy=policy.compat32)
        status = next(_failures(parsed), None)
        ids = list(itertools.islice(_mails_of_ours(parsed), _MOST_MAILS))
    except Exception:  # noqa: BLE001 - the library fails in many ways on what is malformed.
        return Read.NO_NOTICE
    if status is None:
        return Read.NO_NOTICE
    for row in OutboxMessage.objects.filter(pk__in=[uuid.UUID(_OUR_ID.fullmatch(each)[1]) for each in ids]):  # type: ignore[index]
        # A server that answers at once may be quicker than the worker that is still noting that it has sent the mail.
        went_out = row.sent_at is not None or row.leased_until is not None
        if mail.message_id(row) in ids and went_out:
            OutboxMessage.objects.filter(pk=row.pk, bounced_at__isnull=True).update(
                bounced_at=timezone.now(), bounce_status=status
            )
            return Read.RECORDED
    return Read.NOT_OURS


def _failures(notice: Message) -> Iterator[str]:
    """Yield the status of each recipient to whom the mail was not delivered for good (RFC 3464, 2.3.3 and 2.3.4)."""
    for part in notice.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.get_payload():
            if str(block.get("Action", "")).strip().lower() == "failed":  # type: ignore[union-attr]
                yield _status(block)  # type: ignore[arg-type]


def _status(block: Message) -> str:
    """Return why one recipient does not get the mail. Exim's own word is 5.0.0 whatever the other server has said."""
    found = _STATUS.match(str(block.get("Status", "")))
    if found and found[1] != _UNKNOWN:
        return found[1]
    said = _SAID.match(str(block.get("Diagnostic-Code", "")))
    return said[1] if said else _UNKNOWN


def _mails_of_ours(notice: Message) -> Iterator[str]:
    """Yield the Message-IDs in ours' form of the mails that a notice returns, whole or their headers alone."""
    for part in list(notice.walk())[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            returned = email.message_from_bytes(part.get_payload(decode=True) or b"", policy=policy.compat32)  # type: ignore[arg-type]
            found = str(returned.get("Message-ID", "")).strip()
        else:
            found = str(part.get("Message-ID", "")).strip()
        if _OUR_ID.fullmatch(found):
            yield found
