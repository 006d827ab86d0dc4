"""What every mail is like, whatever it says. Each goes through a real mail server."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import outbox, recovery
from tests.conftest import Travel
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.mails import every_mail, link_in, token_in
from tests.support.smtp import Inbox, Mail

pytestmark = pytest.mark.django_db

Deliver = Callable[[], None]
Send = Callable[..., Mail]


def test_every_mail_has_both_forms_with_the_same_links(send: Send) -> None:
    for mail in every_mail(send):
        soup = BeautifulSoup(mail.html, "html5lib")
        linked = {str(a["href"]) for a in soup.find_all("a") if not str(a["href"]).startswith("mailto:")}
        assert linked == set(mail.links), mail.subject
        addresses = {str(a["href"]).removeprefix("mailto:") for a in soup.find_all("a")} - linked
        assert all(address in mail.text for address in addresses)


def test_every_mail_is_html_that_loads_nothing_and_says_its_language(send: Send) -> None:
    for mail in every_mail(send):
        assert mail.html.startswith("<!DOCTYPE html>")
        soup = BeautifulSoup(mail.html, "html5lib")
        assert soup.html is not None
        assert soup.html["lang"] == "en-GB"
        assert soup.title is not None
        assert soup.title.get_text() == mail.subject
        assert soup.find_all(["img", "link", "script", "iframe", "object", "form", "base"]) == []
        assert "url(" not in mail.html
        assert "@import" not in mail.html
        assert [h.name for h in soup.find_all("h1")] == ["h1"]
        assert "prefers-color-scheme: dark" in mail.html


def test_every_link_leads_to_the_configured_origin(send: Send) -> None:
    for mail in every_mail(send):
        assert {urlsplit(link).netloc for link in mail.links} <= {"esr.example.nhs.uk"}


def test_no_mail_holds_more_about_a_person_than_it_needs(send: Send) -> None:
    """Threat: a mailbox is read by others. Neither date of birth, ESR number nor family name is in any mail."""
    employee_numbers = [str(10_000_000 + n) for n in range(3000)]
    for mail in every_mail(send):
        said = mail.text + mail.html
        assert "Smith" not in said
        assert not any(number in said for number in employee_numbers)
        for date in ("1980", "23 April", "23/4", "23/04", DATE_OF_BIRTH.isoformat()):
            assert date not in said


def test_every_mail_is_marked_as_automatic(send: Send) -> None:
    for mail in every_mail(send):
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.message["Message-ID"].endswith("@esr.example.nhs.uk>")
        assert "Reply-To" not in mail.message


def test_a_mail_keeps_its_message_id_and_its_link_when_it_is_sent_again(
    deliver_mail: Deliver, inbox: Inbox, travel: Travel
) -> None:
    message = outbox.add(kind=Kind.RECOVERY, about={"users": [make_user().pk]})
    deliver_mail()
    travel(minutes=50)
    OutboxMessage.objects.filter(pk=message.pk).update(sent_at=None)
    deliver_mail()
    first, second = inbox.mails
    assert first.message["Message-ID"] == second.message["Message-ID"] == f"<{message.pk}@esr.example.nhs.uk>"
    assert link_in(first) == link_in(second)
    travel(minutes=50)
    recovery.link_for(token=token_in(link_in(first)))


def test_names_are_escaped_in_html_and_left_alone_in_text(send: Send) -> None:
    organisation = make_organisation(code="222", name="Bed & Board <Trust>")
    mail = send(Kind.RECOVERY, make_user(given_name="D'Arcy <b>", organisation=organisation))
    assert "Hello D'Arcy <b>," in mail.text
    assert "Bed & Board <Trust>" in mail.text
    soup = BeautifulSoup(mail.html, "html5lib")
    assert "Hello D'Arcy <b>," in soup.get_text()
    assert soup.find_all("b") == []


def test_a_name_cannot_pass_for_a_paragraph_of_ours(send: Send) -> None:
    name = "Jo\r\n\r\nCall 01632 960000\u2028now\u202e\u200b!"
    mail = send(Kind.PASSWORD_CHANGED, make_user(given_name=name))
    assert "Hello Jo Call 01632 960000 now!," in mail.text


def test_the_text_has_no_holes_and_no_long_lines_on_the_wire(send: Send) -> None:
    for mail in every_mail(send):
        assert "\n\n\n" not in mail.text
        assert "{{" not in mail.text
        assert "{%" not in mail.text
        for line in mail.message.as_bytes().splitlines():
            assert len(line) < 998
