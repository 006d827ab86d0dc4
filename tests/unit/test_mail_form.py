"""What every mail is like, whatever it says. Each goes through a real mail server."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import outbox, recovery
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.mails import link_in, token_in
from tests.support.smtp import Inbox, Mail
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

Deliver = Callable[[], None]
Send = Callable[..., Mail]
TOKEN_LINK = re.compile(
    r"https://esr\.example\.nhs\.uk/"
    r"((recovery|confirm-address|after-leaving)/link/[A-Za-z0-9_-]{43}|this-was-not-me/link/[A-Za-z0-9_-]{60})/"
)


def test_no_mail_has_a_link_but_one_that_holds_a_one_time_token(every_mail: list[Mail]) -> None:
    """Threat: people who have learnt to log in by a link in a mail follow that of a thief.

    An email address is shown as text: what a link says and where it leads can differ.
    """
    with_link = 0
    for mail in every_mail:
        soup = BeautifulSoup(mail.html, "html5lib")
        links = [str(element["href"]) for element in soup.select("[href]")]
        assert all(TOKEN_LINK.fullmatch(link) for link in links)
        assert links == mail.links, mail.subject
        assert mail.html.count("href=") == len(links)
        for said in (mail.text, mail.html):
            rest = TOKEN_LINK.sub("", said).casefold()
            assert not [word for word in ("http", "mailto", "src=", "www.", "esr.example") if word in rest]
        with_link += bool(links)
    assert with_link == 44


def test_text_and_html_say_the_same(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        soup = BeautifulSoup(mail.html, "html5lib")
        body = soup.select_one("[role=article]")
        assert body is not None
        for only_there in body.select("h1, p:has(> a[href])"):
            only_there.decompose()
        html = body.get_text(" ").replace("If the button does not work, copy this address into your browser:", "")
        assert words(html) == words(re.sub(r"(?m)^[0-9]\. ", "", mail.text)), mail.subject


def words(text: str) -> str:
    """Return a text without what either form has of its own: quotation marks or bold letters, blanks, lines."""
    plain = re.sub('["“”]|-{20}', " ", text.replace("’", "'"))
    return re.sub(r" +([,.:;])", r"\1", " ".join(plain.split()))


def test_the_way_in_is_named_with_the_labels_of_the_pages(client: PortalClient, every_mail: list[Mail]) -> None:
    """Source: the guide that staff are given."""
    recovery_label, way_in = "Forgotten | Request Username/Password | Unlock Account", "Login to ESR"
    assert way_in in client.get("/").content.decode()
    assert recovery_label in client.get("/log-in/").content.decode()
    for mail in every_mail:
        if recovery_label in mail.text:
            assert f'open ESR as you always do, choose "{way_in}" and then "{recovery_label}"' in mail.text
    assert sum(recovery_label in mail.text for mail in every_mail) == 40


def test_every_mail_is_html_that_loads_nothing_and_says_its_language(every_mail: list[Mail]) -> None:
    for mail in every_mail:
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


def test_every_link_leads_to_the_configured_origin(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        assert {urlsplit(link).netloc for link in mail.links} <= {"esr.example.nhs.uk"}


def test_no_mail_holds_more_about_a_person_than_it_needs(every_mail: list[Mail]) -> None:
    """Threat: a mailbox is read by others. Neither date of birth, ESR number nor family name is in any mail."""
    employee_numbers = [str(10_000_000 + n) for n in range(3000)]
    for mail in every_mail:
        # A username ends in how many people the tests have made before.
        said = re.sub(r"999JSMITH\d+", "", mail.text + mail.html)
        assert "Smith" not in said
        assert not any(number in said for number in employee_numbers)
        for date in ("1980", "23 April", "23/4", "23/04", DATE_OF_BIRTH.isoformat()):
            assert date not in said


def test_every_mail_is_marked_as_automatic(every_mail: list[Mail]) -> None:
    for mail in every_mail:
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


def test_the_text_has_no_holes_and_no_long_lines_on_the_wire(every_mail: list[Mail]) -> None:
    for mail in every_mail:
        assert "\n\n\n" not in mail.text
        assert "{{" not in mail.text
        assert "{%" not in mail.text
        for line in mail.message.as_bytes().splitlines():
            assert len(line) < 998
