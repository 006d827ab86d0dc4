"""A mail that came back is told by the notice of a mail server, whatever server that is, and by nothing else."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import bounces, mail, outbox
from accounts.services.bounces import Read
from helpdesk import mail_fate
from helpdesk.mail_fate import State
from tests.support.factories import make_user
from tests.support.notices import made_by, of_postfix
from tests.support.smtp import Inbox

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

WHOLE, HEADERS = "message/rfc822", "text/rfc822-headers"


@pytest.fixture
def row() -> OutboxMessage:
    """Return a mail that was sent."""
    row = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    outbox.finish(message=row)
    row.refresh_from_db()
    return row


def notice(
    message_id: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 no such user",
    returned: str = WHOLE,
) -> bytes:
    """Return a notice as RFC 3464 has it: three parts, of which the last is our mail or its headers."""
    return f"""From: MAILER-DAEMON@mx.nhs.example (Mail Delivery System)
To: esr-bounces@esr.nhs.example
Subject: Undelivered Mail Returned to Sender
Message-Id: <20261126143000.ABCDEF@mx.nhs.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.nhs.example. Your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.nhs.example
Arrival-Date: Thu, 26 Nov 2026 14:30:00 +0000

Final-Recipient: rfc822; jo.smith@nhs.net
Action: {action}
Status: {status}
Diagnostic-Code: {said}

--b1
Content-Type: {returned}

From: ESR Portal <no-reply@esr.example.nhs.uk>
To: jo.smith@nhs.net
Message-ID: {message_id}
Subject: Your ESR password was changed

{"The text of the mail." if returned == WHOLE else ""}
--b1--
""".encode()


@pytest.mark.parametrize("returned", [WHOLE, HEADERS])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_notice_marks_the_mail_that_it_is_about(row: OutboxMessage, returned: str, line_end: bytes) -> None:
    raw = notice(mail.message_id(row), returned=returned).replace(b"\n", line_end)
    assert bounces.take(notice=raw) is Read.RECORDED
    row.refresh_from_db()
    assert row.bounced_at is not None
    assert row.bounce_status == "5.1.1"


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("postfix-unknown", "5.1.1", "There is no such mailbox"),
        ("postfix-full", "5.2.2", "The mailbox is full."),
        ("postfix-policy", "5.7.1", "refuses our mail"),
        # Exim says 5.0.0 of every failure, and repeats what the other server has said.
        ("exim-unknown", "5.1.1", "There is no such mailbox"),
    ],
)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_notice_that_a_mail_server_has_made_is_read(
    row: OutboxMessage, name: str, status: str, says: str, line_end: bytes
) -> None:
    raw = made_by(name, about=row).replace(b"\n", line_end)
    assert bounces.take(notice=raw) is Read.RECORDED
    row.refresh_from_db()
    assert row.bounce_status == status
    assert says in mail_fate.of(person=User.objects.get(pk=row.about["users"][0]))[0].reason


def test_a_notice_of_postfix_that_it_tries_on_marks_nothing(row: OutboxMessage) -> None:
    assert bounces.take(notice=of_postfix("delayed", about=row)) is Read.NO_NOTICE
    row.refresh_from_db()
    assert row.bounced_at is None


def test_a_notice_of_a_mail_that_is_forgotten_marks_nothing(row: OutboxMessage) -> None:
    assert bounces.take(notice=of_postfix("unknown")) is Read.NOT_OURS


def test_a_notice_that_comes_before_the_worker_has_noted_that_it_sent_the_mail_counts() -> None:
    outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    row = outbox.claim(kinds={Kind.PASSWORD_CHANGED})
    assert row is not None
    assert bounces.take(notice=of_postfix("unknown", about=row)) is Read.RECORDED
    outbox.finish(message=row)
    row.refresh_from_db()
    assert (row.bounced_at is not None, row.bounce_status) == (True, "5.1.1")


def test_the_first_of_several_notices_counts(row: OutboxMessage) -> None:
    bounces.take(notice=notice(mail.message_id(row), status="5.2.2"))
    assert bounces.take(notice=notice(mail.message_id(row))) is Read.RECORDED
    row.refresh_from_db()
    assert row.bounce_status == "5.2.2"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_what_is_no_failure_marks_nothing(row: OutboxMessage, action: str) -> None:
    assert bounces.take(notice=notice(mail.message_id(row), action=action, status="4.4.7")) is Read.NO_NOTICE
    row.refresh_from_db()
    assert row.bounced_at is None


@pytest.mark.parametrize("status", ["", "five", "5.1", "5.1.1.1", "5.1.1234567", "9.9.9", "<b>5.1.1</b>"])
def test_a_status_that_is_none_is_kept_as_unknown(row: OutboxMessage, status: str) -> None:
    assert bounces.take(notice=notice(mail.message_id(row), status=status)) is Read.RECORDED
    row.refresh_from_db()
    assert row.bounce_status == "5.0.0"


@pytest.mark.parametrize(
    ("status", "said", "kept"),
    [
        ("5.0.0", "smtp; 550 5.1.1 no such user", "5.1.1"),
        ("5.0.0", "SMTP;552-5.2.2 full", "5.2.2"),
        ("", "smtp; 550 5.1.1 no such user", "5.1.1"),
        ("5.1.1", "smtp; 550 5.7.1 refused", "5.1.1"),
        ("5.0.0", "smtp; 550 no such user", "5.0.0"),
        ("5.0.0", "smtp; 550 9.1.1 no such user", "5.0.0"),
        ("5.0.0", "x-unix; 550 5.1.1 no such user", "5.0.0"),
    ],
)
def test_a_status_that_says_nothing_gives_way_to_what_the_other_server_said(
    row: OutboxMessage, status: str, said: str, kept: str
) -> None:
    assert bounces.take(notice=notice(mail.message_id(row), status=status, said=said)) is Read.RECORDED
    row.refresh_from_db()
    assert row.bounce_status == kept


def test_what_is_about_no_mail_of_ours_marks_nothing(row: OutboxMessage) -> None:
    ours = mail.message_id(row)
    waits = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    for message_id in (
        ours.replace("@", "@evil."),
        f"<00000000-0000-4000-8000-000000000000@{ours.partition('@')[2]}",
        "<hello@esr.example.nhs.uk>",
        "",
        mail.message_id(waits),
    ):
        assert bounces.take(notice=notice(message_id)) is Read.NOT_OURS, message_id
    assert not OutboxMessage.objects.filter(bounced_at__isnull=False).exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: Out of office\n\nI am on leave.",
        b"Content-Type: message/delivery-status\n\nAction: failed\n",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\n--b--",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 500,
    ],
)
def test_what_is_no_notice_is_left_out_without_an_error(raw: bytes) -> None:
    assert bounces.take(notice=raw) in {Read.NO_NOTICE, Read.NOT_OURS}


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("5.1.1", "There is no such mailbox"),
        ("5.2.2", "The mailbox is full."),
        ("5.7.1", "refuses our mail"),
        ("5.0.0", "could not deliver it"),
    ],
)
def test_the_helpdesk_reads_that_it_came_back_and_why(row: OutboxMessage, status: str, says: str) -> None:
    bounces.take(notice=notice(mail.message_id(row), status=status))
    person = make_user()
    OutboxMessage.objects.filter(pk=row.pk).update(about={"users": [person.pk]})
    (shown,) = mail_fate.of(person=person)
    assert shown.state is State.BOUNCED
    assert says in shown.reason


def test_the_page_says_whether_it_knows_of_mails_that_came_back(settings: Settings) -> None:
    assert "does not know" in mail_fate.on_bounces()
    settings.BOUNCE_EMAIL = "esr-bounces@esr.example.nhs.uk"
    assert "has read no notice that it came back" in mail_fate.on_bounces()


def test_a_mail_server_is_told_where_to_send_what_it_cannot_deliver(
    settings: Settings, deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    settings.BOUNCE_EMAIL = "esr-bounces@esr.example.nhs.uk"
    outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    deliver_mail()
    sent = inbox.only()
    assert sent.sender == "esr-bounces@esr.example.nhs.uk"
    assert str(sent.message["From"]) == settings.DEFAULT_FROM_EMAIL


def test_the_command_reads_a_pipe_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.BytesIO(b"x" * (bounces.LONGEST + 200_000))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
    call_command("take_bounce")
    assert pipe.tell() == bounces.LONGEST + 200_000


def test_the_command_reads_one_from_its_standard_input(
    row: OutboxMessage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(notice(mail.message_id(row)))))
    call_command("take_bounce")
    assert capsys.readouterr().out == "Read: recorded.\n"
    row.refresh_from_db()
    assert row.bounced_at is not None
