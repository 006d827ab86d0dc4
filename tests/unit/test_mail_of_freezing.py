"""Mails by which a person says that something was not them, and those that tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import FormerEmail, OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import freezing
from tests.support.factories import make_user
from tests.support.mails import token_in
from tests.support.smtp import Inbox, Mail
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

Send = Callable[..., Mail]
SAYS_SO = (
    'you can stop your account at once: open this link and press "It was not me: stop it". It works once, for 7 days.'
)


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        (Kind.PASSWORD_CHANGED, {}),
        (Kind.LOCKED, {}),
        (Kind.CARE_IDENTITY_CHANGED, {"linked": True}),
        (Kind.CARE_IDENTITY_CHANGED, {"linked": False}),
        (Kind.INTERNET_ACCESS_GRANTED, {}),
        (Kind.INTERNET_ACCESS_WITHDRAWN, {}),
    ],
)
def test_a_mail_that_tells_of_a_change_has_a_link_that_stops_the_account(
    send: Send, kind: Kind, about: dict[str, Any]
) -> None:
    user = make_user()
    mail = send(kind, user, **about)
    assert SAYS_SO in mail.text
    [link] = mail.links
    assert freezing.use(link=freezing.read(token=token_in(link))) == user


def test_a_changed_address_is_stopped_from_the_old_one_and_not_from_the_new(send: Send) -> None:
    """The new one may have been mistyped: a stranger reads it. The old one is the person's, if the change was not."""
    user = make_user()
    former = FormerEmail.objects.create(user=user, email="old@nhs.net")
    assert send(Kind.EMAIL_CHANGED, user).links == []
    mail = send(Kind.EMAIL_CHANGED, user, former_email=former.pk)
    assert mail.recipients == ["old@nhs.net"]
    freezing.use(link=freezing.read(token=token_in(mail.links[0])))
    assert User.objects.get(pk=user.pk).password_is_frozen()


def test_a_mail_to_a_person_whose_password_is_frozen_already_has_none(send: Send) -> None:
    user = make_user()
    freezing.freeze(user=user)
    OutboxMessage.objects.all().delete()
    assert send(Kind.PASSWORD_CHANGED, user).links == []


def test_the_person_and_their_contact_are_told_of_a_freeze(
    deliver_mail: Callable[[], None], inbox: Inbox, travel: Travel
) -> None:
    user = make_user()
    message = OutboxMessage.objects.create(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk]})
    address = freezing.link_in_mail(message_id=message.pk, user=user)
    message.delete()
    freezing.use(link=freezing.read(token=token_in(address)))
    deliver_mail()
    told = {mail.recipients[0]: mail for mail in inbox.mails}
    assert set(told) == {user.email, user.organisation.support_email}
    theirs, contacts = told[user.email], told[user.organisation.support_email]
    assert theirs.subject == "Your ESR account is stopped"
    for words in (user.username, "page that one of our emails leads to", "Your password is frozen", "second step"):
        assert words in theirs.text
    assert f"Jo ({user.username}) says that something in their ESR account was not them." in contacts.text
    assert theirs.links == contacts.links == []
    for personal in (user.email, user.family_name, user.employee_number, "1980"):
        assert personal not in contacts.text + contacts.html


def test_where_it_was_pressed_in_my_esr_the_mail_says_that(deliver_mail: Callable[[], None], inbox: Inbox) -> None:
    user = make_user()
    freezing.freeze(user=user)
    deliver_mail()
    assert "was pressed in My ESR" in inbox.newest(user.email).text
