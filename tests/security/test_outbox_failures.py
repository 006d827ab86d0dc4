"""What goes wrong with one mail stays with that mail, and tells nothing about its person."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from accounts import jobs
from accounts.models import OutboxMessage, RecoveryRequest, User
from accounts.models.outbox import Kind
from accounts.services import outbox, recovery
from esr_portal.logs import JSONFormatter
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.mails import link_in, token_in
from tests.support.page_facts import tells
from tests.support.smtp import REFUSED_FOR_GOOD, REFUSED_FOR_NOW, Inbox, MailServer

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session
    from pytest_django import Settings

    from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Deliver = Callable[[], None]


class ClosedMailbox(MailServer):
    """Refuses one mailbox for good, repeating its address in the answer as many servers do."""

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("closed"):
            return f"550 5.1.1 <{address}>: no such mailbox"
        return await super().handle_RCPT(server, session, envelope, address, options)


def add_mail(user: User) -> OutboxMessage:
    return outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})


def error_of(message: OutboxMessage) -> str:
    message.refresh_from_db()
    assert message.sent_at is None
    assert message.attempts == 1
    return message.last_error


def test_a_refused_mail_is_retried_and_does_not_hold_up_the_next(settings: Settings, travel: Travel) -> None:
    """Threat: one closed mailbox stops all other mail."""
    server = ClosedMailbox()
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    try:
        refused = add_mail(make_user(email="closed@nhs.net"))
        others = [make_user() for _ in range(3)]
        for user in others:
            add_mail(user)
        jobs.Worker().do_what_is_due()
        assert {mail.recipients[0] for mail in server.mails} == {user.email for user in others}
        assert error_of(refused) == "SMTPRecipientsRefused 550"
        User.objects.filter(email="closed@nhs.net").update(email="open@nhs.net")
        travel(seconds=7)
        jobs.Worker().do_what_is_due()
        assert server.mails[-1].recipients == ["open@nhs.net"]
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        ({"answer_to_recipient": REFUSED_FOR_NOW}, "SMTPRecipientsRefused 451"),
        ({"answer_to_recipient": REFUSED_FOR_GOOD}, "SMTPRecipientsRefused 550"),
        ({"answer_to_data": REFUSED_FOR_NOW}, "SMTPDataError 451"),
        ({"answer_to_data": "554 5.7.1 jo.smith@nhs.net looks like spam"}, "SMTPDataError 554"),
        ({"drops_connections": True}, "SMTPServerDisconnected"),
        ({"seconds_before_answer": 1.0}, "SMTPServerDisconnected"),
    ],
)
def test_every_failure_of_the_mail_server_is_kept_as_its_kind_and_retried(
    failing: dict[str, object],
    error: str,
    smtp_server: MailServer,
    settings: Settings,
    travel: Travel,
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    message = add_mail(make_user())
    for name, value in failing.items():
        setattr(smtp_server, name, value)
    jobs.Worker().do_what_is_due()
    assert error_of(message) == error
    smtp_server.mend()
    travel(seconds=7)
    settings.EMAIL_TIMEOUT = 10
    jobs.Worker().do_what_is_due()
    assert len(smtp_server.mails) == 1
    message.refresh_from_db()
    assert message.last_error == ""


def test_a_mail_server_that_is_down_is_tried_with_one_mail_and_costs_the_others_no_attempt(
    smtp_server: MailServer, travel: Travel
) -> None:
    first, *others = [add_mail(make_user()) for _ in range(4)]
    smtp_server.stop()
    worker = jobs.Worker()
    worker.do_what_is_due()
    worker.do_what_is_due()
    assert error_of(first) == "Unreachable: ConnectionRefusedError ECONNREFUSED"
    assert {OutboxMessage.objects.get(pk=message.pk).attempts for message in others} == {0}
    smtp_server.start()
    travel(seconds=7)
    worker.do_what_is_due()
    assert not OutboxMessage.objects.filter(sent_at__isnull=True).exists()


def test_a_mail_outage_does_not_delay_deciding(smtp_server: MailServer) -> None:
    """Threat: while mail is down, typed addresses and dates of birth pile up undecided, and limits do not count."""
    smtp_server.stop()
    for _ in range(3):
        add_mail(make_user())
    for _ in range(5):
        recovery.ask(email=make_user().email, date_of_birth=DATE_OF_BIRTH)
    jobs.Worker().do_what_is_due()
    assert not RecoveryRequest.objects.filter(decided_at__isnull=True).exists()


def test_deciding_goes_before_mailing_and_a_flood_of_it_does_not_keep_mails_back(
    smtp_server: MailServer, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "DECISIONS_BETWEEN_MAILS", 3)
    waiting = make_user()
    add_mail(waiting)
    for n in range(10):
        recovery.ask(email=f"nobody{n}@nhs.net", date_of_birth=DATE_OF_BIRTH)

    def decided_before_the_mail() -> bool:
        return bool(inbox.mails) or RecoveryRequest.objects.filter(decided_at__isnull=False).count() > 3

    jobs.Worker(stopping=decided_before_the_mail).do_what_is_due()
    assert inbox.to(waiting.email)
    assert RecoveryRequest.objects.filter(decided_at__isnull=False).count() == 3


def test_a_row_that_makes_no_sense_does_not_stop_the_queue(deliver_mail: Deliver, inbox: Inbox) -> None:
    """Threat: one poisoned row, first in the queue, stops all other mail."""
    poisoned = [
        OutboxMessage.objects.create(kind=Kind.RECOVERY, about={}),
        OutboxMessage.objects.create(kind=Kind.DECIDE_RECOVERY, about={"request": "x"}),
        OutboxMessage.objects.create(kind=Kind.PASSWORD_CHANGED, about={"users": "all"}),
    ]
    user = make_user()
    add_mail(user)
    deliver_mail()
    assert inbox.only().recipients == [user.email]
    for message in poisoned:
        assert re.fullmatch(r"(Key|Value)Error at [a-z_]+\.[a-z_]+:[0-9]+", error_of(message))


def test_an_address_with_a_line_end_is_never_mailed_to(deliver_mail: Deliver, inbox: Inbox) -> None:
    """Threat: header injection. An address that got into the record some other way adds a recipient or a header."""
    user = make_user()
    User.objects.filter(pk=user.pk).update(email="jo@nhs.net\r\nBcc: thief@elsewhere.example")
    message = add_mail(user)
    deliver_mail()
    assert inbox.mails == []
    assert error_of(message).startswith("ValueError at mail_server.send:")


def test_names_never_reach_a_header(deliver_mail: Deliver, inbox: Inbox) -> None:
    """Threat: header injection by way of a name."""
    name = "Jo\r\nBcc: thief@elsewhere.example\r\n\r\nHello"
    user = make_user(given_name=name, family_name=name)
    add_mail(user)
    deliver_mail()
    mail = inbox.only()
    assert mail.recipients == [user.email]
    assert mail.message["To"] == user.email
    assert "Bcc" not in mail.message
    assert "thief" not in " ".join(mail.message.values())


def test_rows_and_logs_hold_no_address_no_name_and_no_link(
    smtp_server: MailServer, inbox: Inbox, caplog: pytest.LogCaptureFixture, travel: Travel
) -> None:
    """Threat: a reader of the admin, a backup or the logs learns who asked for what, or gets a link."""
    caplog.set_level(logging.DEBUG)
    user = make_user(given_name="Persephone", email="persephone@nhs.net")
    add_mail(user)
    smtp_server.answer_to_data = f"554 5.7.1 {user.email} looks like spam"
    jobs.Worker().do_what_is_due()
    smtp_server.mend()
    travel(seconds=7)
    jobs.Worker().do_what_is_due()
    token = token_in(link_in(inbox.only()))
    row = OutboxMessage.objects.get()
    formatted = [JSONFormatter().format(r) for r in caplog.records if r.name.startswith("esr_portal")]
    assert [json.loads(line)["message"] for line in formatted] == ["failed", "done"]
    kept = " ".join([*formatted, str(row.about), row.last_error, row.kind, str(row)]).casefold()
    for secret in ("persephone", user.username.casefold(), token.casefold()):
        assert secret not in kept
    assert not tells(kept, "1980")


def test_mails_of_one_burst_share_a_connection(smtp_server: MailServer, inbox: Inbox) -> None:
    sessions = set()

    class CountsSessions(MailServer):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
            sessions.add(id(session))
            return await super().handle_DATA(server, session, envelope)

    smtp_server.stop()
    counting = CountsSessions()
    counting.port = smtp_server.port
    counting.start()
    try:
        for _ in range(4):
            add_mail(make_user())
        jobs.Worker().do_what_is_due()
        assert len(counting.mails) == 4
        assert len(sessions) == 1
    finally:
        counting.stop()


def test_tidying_up_twice_does_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        call_command("tidy_up")
    assert "outbox rows done long ago: 0 deleted" in capsys.readouterr().out
