"""`manage.py sendtestemail` goes the way of every mail, and says what is wrong where that fails."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from accounts import mail_trouble
from tests.support.portal import free_port

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.smtp import MailServer

TO = "operator@esr.example.nhs.uk"


def test_a_mail_arrives_from_the_portals_address(smtp_server: MailServer, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sendtestemail", TO)
    (mail,) = smtp_server.mails
    assert mail.recipients == [TO]
    assert "Nothing is to be done" in mail.text
    assert f"port {smtp_server.port}" in capsys.readouterr().out


def test_what_is_wrong_is_said_and_where_to_look(smtp_server: MailServer, settings: Settings) -> None:
    smtp_server.answer_to_recipient = "550 5.1.1 no such person hunter2"
    for more, words in (
        ({}, "it refuses the address that the mail is to (SMTPRecipientsRefused 550)"),
        ({"EMAIL_USE_TLS": True}, "it offers no log-in or no STARTTLS"),
        ({"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}, "it speaks no TLS at this port"),
        ({"EMAIL_USE_SSL": False, "EMAIL_PORT": free_port()}, "nothing listens there"),
    ):
        for name, value in more.items():
            setattr(settings, name, value)
        with pytest.raises(CommandError) as refused:
            call_command("sendtestemail", TO)
        assert words in str(refused.value)
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name is not known"),
        (TimeoutError(), "it does not answer"),
        (ssl.SSLCertVerificationError(), "its certificate is not trusted"),
        (OSError(113, "No route to host"), "it cannot be reached (OSError EHOSTUNREACH)"),
    ],
)
def test_what_cannot_be_made_here_is_told_apart(error: Exception, words: str) -> None:
    assert mail_trouble.in_words(error).startswith(words)
