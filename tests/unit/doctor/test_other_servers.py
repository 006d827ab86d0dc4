"""What the doctor finds wrong with mail server, mailbox and Care Identity: real ones, which fail as such servers do."""

from __future__ import annotations

import dataclasses
import datetime
import json
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from helpdesk.doctor.checks import bounces, care_identity, mail_server
from helpdesk.doctor.findings import Severity
from tests.support.imap import read_by_the_worker
from tests.support.openid_server import Answer
from tests.support.portal import free_port
from tests.unit.doctor.test_database import wrong

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.openid_provider import OpenIDProvider
    from tests.support.smtp import Inbox, MailServer

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


def test_a_mail_server_that_answers_is_good_and_gets_no_mail(smtp_server: MailServer) -> None:
    assert wrong(mail_server.check) == []
    assert smtp_server.mails == []


def test_a_mail_server_that_is_down_is_found(smtp_server: MailServer) -> None:
    smtp_server.stop()
    assert wrong(mail_server.check) == [
        (Severity.FAILURE, "The mail server cannot be used: ConnectionRefusedError ECONNREFUSED.")
    ]


def test_a_mail_server_without_the_tls_or_the_log_in_that_we_ask_for_is_found_and_no_password_shown(
    smtp_server: MailServer, settings: Settings
) -> None:
    settings.EMAIL_USE_TLS = True
    ((severity, what),) = wrong(mail_server.check)
    assert severity is Severity.FAILURE
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "s3cret-of-the-mail-server"
    ((severity, what),) = wrong(mail_server.check)
    assert severity is Severity.FAILURE
    assert "s3cret" not in what


def test_a_test_mail_is_sent_where_an_operator_asks_for_one(smtp_server: MailServer, inbox: Inbox) -> None:
    (finding,) = mail_server.sending_to("operator@nhs.net").make()
    assert finding.severity is Severity.GOOD
    (mail,) = inbox.to("operator@nhs.net")
    assert mail.subject == "Test of the ESR Portal"
    # No mail of the portal's has a link that is no token's.
    assert mail.links == []


def test_a_mail_server_that_refuses_the_test_mail_is_found_and_the_address_not_shown(smtp_server: MailServer) -> None:
    smtp_server.answer_to_recipient = "550 5.7.1 Relaying denied for operator@nhs.net"
    (finding,) = mail_server.sending_to("operator@nhs.net").make()
    assert (finding.severity, finding.what) == (
        Severity.FAILURE,
        "The mail server did not take the test mail: SMTPRecipientsRefused 550.",
    )


def test_bounces_that_are_not_read_or_handed_over_are_advice(settings: Settings) -> None:
    settings.BOUNCE_EMAIL, settings.BOUNCE_MAILBOX = "", None
    assert wrong(bounces.check)[0][1].startswith("Mails that come back are not read")
    settings.BOUNCE_EMAIL = "bounces@esr.example.nhs.uk"
    assert wrong(bounces.check)[0][1].startswith("Mails that come back are handed over")


def test_a_mailbox_that_does_not_open_is_found(settings: Settings) -> None:
    with read_by_the_worker(settings):
        assert wrong(bounces.check) == []
    settings.BOUNCE_MAILBOX = dataclasses.replace(settings.BOUNCE_MAILBOX, port=free_port())
    ((severity, what),) = wrong(bounces.check)
    assert severity is Severity.FAILURE
    assert settings.BOUNCE_MAILBOX.password not in what


def test_where_care_identity_is_not_offered_nothing_is_said() -> None:
    assert list(care_identity.check()) == []


def test_care_identity_that_can_be_used_is_good(openid_provider: OpenIDProvider) -> None:
    assert wrong(care_identity.check) == []


def test_care_identity_that_is_down_is_found(openid_provider: OpenIDProvider) -> None:
    """However lately a log-in has read what it says of itself."""
    assert wrong(care_identity.check) == []
    openid_provider.stop()
    ((severity, what),) = wrong(care_identity.check)
    assert severity is Severity.FAILURE
    assert what.startswith("Care Identity cannot be used: provider_")


def test_care_identity_whose_clock_is_not_ours_is_found(openid_provider: OpenIDProvider) -> None:
    path = "/.well-known/openid-configuration"
    body = json.dumps(openid_provider.documents[path]).encode()
    for seconds, severities in ((0, []), (90, [Severity.WARNING])):
        theirs = format_datetime(timezone.now() - datetime.timedelta(seconds=seconds))
        openid_provider.answers[path] = Answer(body, headers={"Date": theirs})
        assert [severity for severity, _ in wrong(care_identity.check)] == severities
