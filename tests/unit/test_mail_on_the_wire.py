"""The form in which mails leave: what a strict mail server takes, and what headers say. Sources: RFC 5322, 6152."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from pytest_django import Settings

from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import mail as mail_service
from accounts.services import outbox, recovery
from tests.support.factories import make_organisation, make_user
from tests.support.mails import link_in, token_in
from tests.support.smtp import NOT_SEVEN_BIT, Inbox, Mail, MailServer
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

Deliver = Callable[[], None]
Send = Callable[..., Mail]
NAMES = ["Siân", "王小明", "Zoë 🙂", "О’Шонессі", "x" * 100, "é" * 100, "=41=C3", ".", "From me", "\ufffd\u0378"]


def parts(mail: Mail) -> list[EmailMessage]:
    return [part for part in mail.message.walk() if not part.is_multipart()]


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_server_that_refuses_8_bit_takes_the_mail_whatever_the_name(send: Send, name: str) -> None:
    organisation = make_organisation(code="222", name=f"Ysbyty {name}"[:100])
    user = make_user(given_name=name, organisation=organisation)
    mail = send(Kind.RECOVERY, user)
    assert f"Hello {name}," in mail.text
    assert name in mail.html
    assert recovery.link_for(token=token_in(link_in(mail))).user == user
    assert link_in(mail) in mail.html


def test_every_mail_is_seven_bit_with_short_lines_and_says_how_it_is_encoded(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        assert mail.content.isascii(), mail.subject
        # RFC 5322, 2.1.1: a line has at most 998 characters, and should have at most 78.
        assert max(map(len, mail.content.splitlines())) <= 78
        assert [part["Content-Transfer-Encoding"] for part in parts(mail)] == ["quoted-printable"] * 2
        assert [part.get_content_charset() for part in parts(mail)] == ["utf-8"] * 2


def test_the_mail_server_of_these_tests_is_strict(smtp_server: MailServer, inbox: Inbox) -> None:
    """Else the tests here would show nothing."""
    import smtplib

    with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
        client.ehlo()
        assert not client.has_extn("8bitmime")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("a@esr.example", ["b@esr.example"], "Subject: Siân\r\n\r\nSiân".encode())
        assert refused.value.smtp_code == int(NOT_SEVEN_BIT[:3])
    assert inbox.mails == []


@pytest.mark.parametrize(
    "sender",
    [
        "no-reply@esr.example.nhs.uk",
        "ESR Portal <no-reply@esr.example.nhs.uk>",
        "Porth ESR Siân a’r Tŷ <no-reply@esr.example.nhs.uk>",
        '"ESR Portal, Northern Hospitals" <no-reply@esr.example.nhs.uk>',
    ],
)
def test_the_sender_is_the_configured_one_in_header_and_envelope(send: Send, settings: Settings, sender: str) -> None:
    settings.DEFAULT_FROM_EMAIL = sender
    mail = send(Kind.PASSWORD_CHANGED, make_user())
    assert str(mail.message["From"]) == sender
    assert [str(address.addr_spec) for address in mail.message["From"].addresses] == ["no-reply@esr.example.nhs.uk"]
    assert mail.sender == "no-reply@esr.example.nhs.uk"


def test_the_date_is_that_of_sending_also_where_the_mail_was_held_up(
    deliver_mail: Deliver, inbox: Inbox, travel: Travel
) -> None:
    outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    travel(hours=7)
    deliver_mail()
    (date,) = inbox.only().message.get_all("Date", [])
    late = datetime.datetime.now(datetime.UTC) - parsedate_to_datetime(str(date)).astimezone(datetime.UTC)
    assert abs(late) < datetime.timedelta(seconds=30)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://esr.example.nhs.uk:8443", "esr.example.nhs.uk"),
        ("https://esr.ysbyty-siân.example", "esr.xn--ysbyty-sin-c5a.example"),
        ("http://[::1]:8000", "[::1]"),
    ],
)
def test_the_message_id_is_ascii_wherever_the_portal_stands(settings: Settings, origin: str, host: str) -> None:
    settings.BASE_URL = origin
    message = OutboxMessage(kind=Kind.RECOVERY)
    assert mail_service.message_id(message) == f"<{message.pk}@{host}>"


def test_every_mail_has_the_headers_that_a_mail_must_have_once(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        for header in ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Auto-Submitted"):
            assert len(mail.message.get_all(header, [])) == 1, header
