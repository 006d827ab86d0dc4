"""What the mails say of username and password outside the organisation's networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.models.outbox import Kind
from accounts.services import recovery
from tests.support.factories import make_organisation, make_user
from tests.support.mails import link_in, token_in
from tests.support.smtp import Mail

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

Send = Callable[..., Mail]
CONTACT = "esr@org999.nhs.example"
WILL_NOT_WORK = "your username and password will not work until you have set up internet access"


def person(*, asks: bool, **facts: Any) -> User:
    return make_user(organisation=make_organisation(requires_internet_access=asks), **facts)


def test_the_recovery_mail_says_that_the_password_will_not_work_outside_and_how_it_would(send: Send) -> None:
    mail = send(Kind.RECOVERY, person(asks=True))
    assert recovery.link_for(token=token_in(link_in(mail)))
    for words in (WILL_NOT_WORK, "log in with your smartcard", "Manage Internet Access", f"email {CONTACT} and state"):
        assert words in mail.text
    assert WILL_NOT_WORK in mail.html


def test_so_it_does_to_whoever_gave_it_up(send: Send) -> None:
    withdrawn = person(asks=False, internet_access_withdrawn_at=timezone.now())
    mail = send(Kind.RECOVERY, withdrawn)
    assert WILL_NOT_WORK in mail.text
    assert link_in(mail)


@pytest.mark.parametrize("facts", [{"asks": False}, {"asks": True, "internet_access_since": timezone.now()}])
def test_whose_password_works_anywhere_reads_nothing_of_it(send: Send, facts: dict[str, Any]) -> None:
    mail = send(Kind.RECOVERY, person(**facts))
    assert "network" not in mail.text + mail.html


def test_whoever_logs_in_with_care_identity_alone_gets_a_link_once_they_have_internet_access(send: Send) -> None:
    user = person(asks=True, care_identity_only=True, password=None, internet_access_since=timezone.now())
    mail = send(Kind.RECOVERY, user)
    assert recovery.link_for(token=token_in(link_in(mail))).user == user


@pytest.mark.parametrize("facts", [{}, {"internet_access_withdrawn_at": timezone.now()}])
def test_until_then_and_once_it_is_withdrawn_they_read_how_to_get_it(send: Send, facts: dict[str, Any]) -> None:
    mail = send(Kind.RECOVERY, person(asks=False, care_identity_only=True, **facts))
    assert "/recovery/link/" not in mail.text + mail.html
    assert "log in with your smartcard on a computer at your organisation first" in mail.text
    assert "Manage Internet Access" in mail.text


def test_a_link_sent_before_it_is_withdrawn_is_dead_for_them(send: Send) -> None:
    user = person(asks=True, care_identity_only=True, internet_access_since=timezone.now())
    link = token_in(link_in(send(Kind.RECOVERY, user)))
    User.objects.filter(pk=user.pk).update(internet_access_since=None, internet_access_withdrawn_at=timezone.now())
    with pytest.raises(recovery.LinkUnusable):
        recovery.link_for(token=link)


def test_setting_it_up_is_told_with_what_to_do_if_it_was_somebody_else(send: Send) -> None:
    user = make_user()
    mail = send(Kind.INTERNET_ACCESS_GRANTED, user)
    assert mail.subject == "You have internet access to ESR"
    for words in ("was set up for your ESR account at", "with a new password", user.username, CONTACT, "not you"):
        assert words in mail.text
    assert 'open ESR as you always do and choose "Login to ESR"' in mail.text
    assert "Forgotten | Request Username/Password | Unlock Account" in mail.text
    assert [link.partition("/link/")[0] for link in mail.links] == ["https://esr.example.nhs.uk/this-was-not-me"]


def test_the_helpdesks_switching_it_on_is_told_as_that(send: Send) -> None:
    mail = send(Kind.INTERNET_ACCESS_GRANTED, make_user(password=None), by_helpdesk=True)
    assert "helpdesk switched on internet access for you" in mail.text
    assert "with a new password" not in mail.text
    assert "or have none yet, ask for a link" in mail.text


def test_withdrawing_it_is_told_with_how_to_get_it_again(send: Send) -> None:
    user = make_user()
    mail = send(Kind.INTERNET_ACCESS_WITHDRAWN, user)
    assert mail.subject == "Your internet access to ESR was withdrawn"
    for words in ("only on your organisation's network", user.username, "Manage Internet Access", CONTACT):
        assert words in mail.text
