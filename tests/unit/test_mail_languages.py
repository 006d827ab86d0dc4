"""Each mail, with its subject, is in the language of its reader: text, HTML and header alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils.translation import get_language, override

from accounts.languages import ENGLISH, WELSH
from accounts.models import FormerEmail, OutboxMessage, RecoveryRequest, User
from accounts.models.given_address import Purpose
from accounts.models.outbox import Kind
from accounts.services import freezing, given_addresses, recovery
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.freezing import not_me_token
from tests.support.freezing import recover as by_recovery
from tests.support.helpdesk import make_agent
from tests.support.leavers import make_leaver, with_address
from tests.support.smtp import Inbox, Mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("welsh")]

Send = Callable[..., Mail]


def language_of(mail: Mail) -> str:
    """Return the language of a mail, of which no part is in another."""
    marks = {part.lstrip().startswith("«") for part in (mail.subject, mail.text)}
    assert len(marks) == 1, mail.subject
    said = mail.message["Content-Language"]
    assert f'<html lang="{said}">' in mail.html
    assert ("«ESR Portal»" in mail.html) is marks.pop() is (said == "cy")
    return {"cy": WELSH, "en-GB": ENGLISH}[said]


def test_what_was_not_asked_for_is_in_the_language_of_the_account(send: Send) -> None:
    for chosen, last, said in (("", "", ENGLISH), (WELSH, "", WELSH), ("", WELSH, WELSH), (ENGLISH, WELSH, ENGLISH)):
        user = make_user(language=chosen, last_language=last)
        assert language_of(send(Kind.PASSWORD_CHANGED, user)) == said


def test_a_former_address_is_told_in_the_language_of_the_person(send: Send) -> None:
    user = make_user(language=WELSH)
    former = FormerEmail.objects.create(user=user, email="former@nhs.net")
    assert language_of(send(Kind.EMAIL_CHANGED, user, former_email=former.pk)) == WELSH


def test_the_contact_of_an_organisation_is_told_in_english(send: Send) -> None:
    assert language_of(send(Kind.FROZEN_FOR_CONTACT, make_user(language=WELSH))) == ENGLISH


def test_one_mail_leaves_the_next_in_its_own_language(deliver_mail: Callable[[], None], inbox: Inbox) -> None:
    """The worker is in no language of a person's."""
    for chosen in (WELSH, "", WELSH):
        OutboxMessage.objects.create(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user(language=chosen).pk]})
    before = get_language()
    deliver_mail()
    assert [language_of(mail) for mail in inbox.mails] == [WELSH, ENGLISH, WELSH]
    assert get_language() == before


@pytest.mark.parametrize("asked", [ENGLISH, WELSH])
@pytest.mark.parametrize("own", [ENGLISH, WELSH])
def test_what_a_recovery_form_asked_for_is_in_the_language_of_its_page(
    asked: str, own: str, deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    user, other, leaver = make_user(language=own), make_user(language=own), make_leaver(days=-3, language=own)
    with_address(leaver, "ann@home.example")
    with override(asked):
        recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
        recovery.ask(email=other.email, date_of_birth=DATE_OF_BIRTH.replace(day=2))
        recovery.ask(email="ann@home.example", date_of_birth=leaver.date_of_birth)
    assert {request.language for request in RecoveryRequest.objects.all()} == {asked}
    deliver_mail()
    assert [language_of(mail) for mail in inbox.mails] == [asked] * 3
    kinds = {Kind.RECOVERY, Kind.DATE_OF_BIRTH_DIFFERS, Kind.STILL_OPEN}
    assert {row.kind for row in OutboxMessage.objects.exclude(kind=Kind.DECIDE_RECOVERY)} == kinds


def test_a_request_of_the_version_before_is_answered_in_the_language_of_the_account(
    deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    with override(ENGLISH):
        recovery.ask(email=make_user(language=WELSH).email, date_of_birth=DATE_OF_BIRTH)
    RecoveryRequest.objects.update(language="")
    deliver_mail()
    assert language_of(inbox.only()) == WELSH


def test_what_a_person_does_with_a_link_is_told_in_the_language_of_its_page(
    deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    """They never logged in, or did so in English, and go on in Welsh."""
    sets_password, stops = make_user(last_language=ENGLISH), make_user()
    stopping = freezing.read(token=not_me_token(stops))
    OutboxMessage.objects.all().delete()
    with override(WELSH):
        by_recovery(sets_password)
        freezing.use(link=stopping)
    deliver_mail()
    to_people = [mail for mail in inbox.mails if mail.recipients[0] in {sets_password.email, stops.email}]
    assert [language_of(mail) for mail in to_people] == [WELSH, WELSH]


def test_an_address_is_asked_to_be_confirmed_in_the_language_of_the_page(
    deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    with override(WELSH):
        given_addresses.give(user=make_leaver(), purpose=Purpose.PERSONAL, email="ann@home.example")
    deliver_mail()
    assert language_of(inbox.only()) == WELSH


def test_what_an_agent_does_is_told_in_the_language_of_the_person_and_not_of_the_agent(
    deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    person, agent = make_user(language=WELSH), make_agent(language=ENGLISH)
    for read_by_agent in (ENGLISH, WELSH):
        with override(read_by_agent):
            recovery.send_by_helpdesk(user=person, by=agent)
    deliver_mail()
    assert [language_of(mail) for mail in inbox.mails] == [WELSH, WELSH]
    assert User.objects.get(pk=person.pk).last_language == ""
