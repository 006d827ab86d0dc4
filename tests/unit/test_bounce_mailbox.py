"""The worker reads notices of mails that came back from a mailbox: on a small server, and on Dovecot where it is."""

from __future__ import annotations

import collections
import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from django.core.management import call_command
from django.db import OperationalError, connection

from accounts import bounce_reading, imap
from accounts.bounce_reading import BounceReading
from accounts.models import OutboxMessage
from accounts.services import bounces
from tests.support import dovecot, notices
from tests.support.dovecot import Dovecot
from tests.support.imap import MailboxServer, SmallServer, on_wire, read_by_the_worker
from tests.support.notices import of_postfix

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.smtp import Inbox

pytestmark = pytest.mark.django_db
# Long before OTHERS_ARE_KEPT_FOR.
OLD = datetime.date(2020, 1, 1)
LETTER = f"To: {notices.ADDRESS}\r\nSubject: Hello\r\n\r\nIs this ESR?\r\n".encode()
LETTER_TO_OTHERS = b"To: postmaster@esr.example.nhs.uk\r\nSubject: Hello\r\n\r\nAre you there?\r\n"


@pytest.fixture(scope="module")
def one_dovecot() -> Iterator[Dovecot]:
    """Return the Dovecot of this file; skip where there is none."""
    with dovecot.running() as running:
        yield running


@pytest.fixture
def small() -> Iterator[SmallServer]:
    """Return the small server over TLS, of an authority of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with authority.cert_pem.tempfile() as file:
        server = SmallServer(context=context, authority=Path(file))
        yield server
    server.close()


@pytest.fixture
def unsafe(settings: Settings) -> Iterator[SmallServer]:
    """Return the small server without TLS, whose mailbox the worker reads."""
    with read_by_the_worker(settings) as server:
        yield server


@pytest.fixture(params=["small", "one_dovecot"])
def server(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MailboxServer]:
    """Return an IMAP server whose mailbox the worker reads, and whose authority this machine trusts."""
    server: SmallServer | Dovecot = request.getfixturevalue(request.param)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    settings.BOUNCE_EMAIL, settings.BOUNCE_MAILBOX = notices.ADDRESS, server.mailbox
    yield server
    if isinstance(server, Dovecot):
        with server.client() as client:
            client.select()
            if client.search(None, "ALL")[1] != [b""]:
                client.store("1:*", "+FLAGS", r"(\Deleted)")
            client.close()


@pytest.fixture
def row() -> OutboxMessage:
    """Return a mail that was sent."""
    return notices.sent()


def look() -> None:
    """Look into the mailbox as a worker does that has just been started."""
    BounceReading().do_what_is_due()


def test_a_notice_is_taken_and_deleted(server: MailboxServer, row: OutboxMessage) -> None:
    server.deliver(of_postfix("unknown", about=row))
    look()
    row.refresh_from_db()
    assert row.bounced_at is not None
    assert row.bounce_status == "5.1.1"
    assert server.left() == []


def test_what_is_no_notice_of_ours_stays_unread_for_a_human_being(server: MailboxServer, row: OutboxMessage) -> None:
    others = [LETTER, LETTER_TO_OTHERS, of_postfix("delayed", about=row), of_postfix("unknown")]
    for mail in others:
        server.deliver(mail)
    look()
    assert server.left() == [on_wire(mail) for mail in others]
    assert server.read() == 0
    row.refresh_from_db()
    assert row.bounced_at is None


def test_after_thirty_days_it_goes_where_it_is_addressed_to_us(server: MailboxServer) -> None:
    server.deliver(LETTER, at=OLD)
    server.deliver(LETTER)
    server.deliver(LETTER_TO_OTHERS, at=OLD)
    look()
    assert server.left() == [LETTER, LETTER_TO_OTHERS]


def test_old_mails_are_found_among_very_many_numbers(server: MailboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "MOST_UIDS", 3)
    reading = BounceReading()
    for day in (OLD, None, None, None, None, OLD, None):
        server.deliver(LETTER, at=day)
    for _ in range(4):
        reading._due = 0.0
        reading.do_what_is_due()
    server.deliver(LETTER, at=OLD)
    for _ in range(4):
        reading._due = 0.0
        reading.do_what_is_due()
    assert len(server.left()) == 5


def test_an_old_notice_is_taken_all_the_same(server: MailboxServer, row: OutboxMessage) -> None:
    server.deliver(of_postfix("full", about=row), at=OLD)
    look()
    row.refresh_from_db()
    assert row.bounce_status == "5.2.2"


def test_an_empty_mailbox_is_no_failure(server: MailboxServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    reading = BounceReading()
    server.deliver(of_postfix("unknown", about=notices.sent()))
    for _ in range(2):
        reading._due = 0.0
        reading.do_what_is_due()
    assert [(line.levelname, line.message) for line in caplog.records if line.name == "esr_portal.bounces"] == [
        ("INFO", "mailbox read")
    ]


def test_what_comes_later_is_read_at_the_next_look_and_nothing_twice(server: MailboxServer) -> None:
    rows, reading = [notices.sent(), notices.sent()], BounceReading()
    for row in rows:
        server.deliver(LETTER)
        server.deliver(of_postfix("unknown", about=row))
        reading._due = 0.0
        reading.do_what_is_due()
        row.refresh_from_db()
        assert row.bounced_at is not None
    assert server.left() == [LETTER, LETTER]
    if isinstance(server, SmallServer):
        assert sum(heard.startswith("UID FETCH") for heard in server.heard) == 4


def test_it_is_looked_at_once_a_minute(server: MailboxServer, row: OutboxMessage) -> None:
    reading = BounceReading()
    reading.do_what_is_due()
    server.deliver(of_postfix("unknown", about=row))
    reading.do_what_is_due()
    assert len(server.left()) == 1
    assert bounce_reading.BETWEEN_LOOKS == 60


def test_of_a_storm_of_notices_each_is_taken(server: MailboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounce_reading, "MOST_AT_ONCE", 3)
    reading = BounceReading()
    for _ in range(7):
        server.deliver(of_postfix("unknown", about=notices.sent()))
    for left in (4, 1, 0):
        reading._due = 0.0
        reading.do_what_is_due()
        assert len(server.left()) == left
    assert OutboxMessage.objects.filter(bounced_at__isnull=False).count() == 7


def test_a_notice_stays_while_the_database_is_away(server: MailboxServer, row: OutboxMessage) -> None:
    def fail(*_: object) -> None:
        raise OperationalError

    server.deliver(of_postfix("unknown", about=row))
    reading = BounceReading()
    for _ in range(bounce_reading.MOST_TRIES + 1):
        reading._due = 0.0
        with connection.execute_wrapper(fail), pytest.raises(OperationalError):
            reading.do_what_is_due()
    assert len(server.left()) == 1
    reading._due = 0.0
    reading.do_what_is_due()
    row.refresh_from_db()
    assert row.bounced_at is not None


def test_a_worker_that_runs_once_looks_too(server: MailboxServer, row: OutboxMessage, inbox: Inbox) -> None:
    server.deliver(of_postfix("policy", about=row))
    call_command("work", once=True)
    row.refresh_from_db()
    assert row.bounce_status == "5.7.1"


def test_a_new_mailbox_is_read_from_its_beginning(unsafe: SmallServer, row: OutboxMessage) -> None:
    """Its numbers mean other mails where it has another validity (RFC 3501, 2.3.1.1)."""
    reading = BounceReading()
    unsafe.deliver(LETTER)
    reading.do_what_is_due()
    unsafe.begin_anew()
    unsafe.deliver(of_postfix("unknown", about=row))
    reading._due = 0.0
    reading.do_what_is_due()
    row.refresh_from_db()
    assert row.bounced_at is not None


def test_without_uidplus_it_is_deleted_all_the_same(unsafe: SmallServer, row: OutboxMessage) -> None:
    unsafe.instead["CAPABILITY"] = lambda tag, _: [f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n".encode()]
    unsafe.deliver(of_postfix("unknown", about=row))
    look()
    assert unsafe.left() == []


def test_what_another_program_has_marked_as_deleted_stays(server: MailboxServer, row: OutboxMessage) -> None:
    server.deliver(LETTER)
    server.mark_as_deleted()
    server.deliver(of_postfix("unknown", about=row))
    look()
    assert server.left() == [LETTER]


def test_two_workers_at_once_take_a_notice_once(server: MailboxServer, row: OutboxMessage) -> None:
    """Each looks at what the other has left, and finds gone what the other has deleted."""
    rows = [row, notices.sent(), notices.sent()]
    for each in rows:
        server.deliver(of_postfix("unknown", about=each))
    first, second = BounceReading(), BounceReading()
    with imap.opened(server.mailbox, longest=bounces.LONGEST) as behind:
        first.do_what_is_due()
        second._look(behind, collections.Counter())
    assert server.left() == []
    assert OutboxMessage.objects.filter(bounced_at__isnull=False).count() == 3


def test_nothing_is_read_where_no_mailbox_is_named(unsafe: SmallServer, settings: Settings) -> None:
    settings.BOUNCE_MAILBOX = None
    look()
    assert unsafe.heard == []
