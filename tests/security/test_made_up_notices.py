"""Anybody can write to the address that mails come back to: what strangers send there marks and keeps back nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from accounts.bounce_reading import BounceReading
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import mail, outbox
from tests.support import notices
from tests.support.factories import make_user
from tests.support.imap import SmallServer, read_by_the_worker
from tests.support.notices import of_postfix

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Settings) -> Iterator[SmallServer]:
    """Return an IMAP server whose mailbox the worker reads."""
    with read_by_the_worker(settings) as running:
        yield running


@pytest.fixture
def row() -> OutboxMessage:
    """Return a mail that was sent."""
    return notices.sent()


def look() -> None:
    BounceReading().do_what_is_due()


@pytest.mark.parametrize(
    "forged",
    ["<00000000-0000-4000-8000-000000000000@esr.example.nhs.uk>", "<jo.smith@nhs.net>", "", "waits", "another domain"],
)
def test_a_made_up_notice_marks_nothing_and_stays(server: SmallServer, row: OutboxMessage, forged: str) -> None:
    """Threat: a stranger sends a notice, so that the helpdesk changes the address of a person whose mail works."""
    waiting = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    ours = mail.message_id(row)
    forged = {"waits": mail.message_id(waiting), "another domain": ours.replace("@", "@evil.")}.get(forged, forged)
    made_up = of_postfix("unknown", about=row).replace(ours.encode(), forged.encode())
    server.deliver(made_up)
    look()
    assert not OutboxMessage.objects.filter(bounced_at__isnull=False).exists()
    assert len(server.left()) == 1


MALFORMED = {
    "nothing": b"",
    "no text": b"\x00\xff\xfe" * 1000,
    "parts in parts": b"Content-Type: multipart/mixed; boundary=b\n\n" * 5000,
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 4000,
    "parts of parts of their own": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(2000)
    ),
    "blocks without end": b"Content-Type: multipart/report; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\n" + b"a:\n\n" * 30000,
    "a boundary without end": b"Content-Type: multipart/report; boundary=" + b"a" * 60000 + b"\n\n" + b"--\n" * 20000,
    "a header in pieces": b"Content-Type: multipart/report" + b";\n boundary*0*=a" * 7000,
    "a charset that is none": b"Content-Type: text/rfc822-headers; charset=\xff\nContent-Transfer-Encoding: x-uu\n\n",
    "mails without end": b"Content-Type: multipart/report; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\nAction: failed\n\n"
    + b"".join(b"--b\nMessage-ID: <%08x-0000-0000-0000-000000000000@x>\n\n" % i for i in range(1500)),
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_keeps_nothing_back(server: SmallServer, row: OutboxMessage, raw: bytes) -> None:
    """Threat: one mail that the parser fails at, or takes minutes for, and no notice after it is read."""
    server.deliver(raw)
    server.deliver(of_postfix("unknown", about=row))
    began = time.thread_time()
    look()
    # Seconds of this thread's own: what the machine does besides does not count.
    assert time.thread_time() - began < 10
    row.refresh_from_db()
    assert row.bounced_at is not None
    assert len(server.left()) == 1
