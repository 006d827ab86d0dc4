"""services/recovery/links.py: while a link is under an hour old, a further mail repeats it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from accounts.models import OutboxMessage, RecoveryLink, User
from accounts.models.outbox import Kind
from accounts.services import recovery
from tests.support.factories import DATE_OF_BIRTH, NEW_PASSWORD, make_organisation, make_user
from tests.support.mails import link_in, token_in
from tests.support.smtp import Inbox
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

Ask = Callable[[], str]


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def ask(user: User, inbox: Inbox, deliver_mail: Callable[[], None]) -> Ask:
    """Return a function that sends the form for `user`, and returns the link in the mail that comes."""

    def ask_and_read() -> str:
        inbox.clear()
        recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
        deliver_mail()
        return link_in(inbox.newest(user.email))

    return ask_and_read


def works(link: str) -> bool:
    try:
        recovery.link_for(token=token_in(link))
    except recovery.LinkUnusable:
        return False
    return True


def test_asking_again_does_not_end_the_link_before(user: User, ask: Ask, inbox: Inbox, travel: Travel) -> None:
    """Threat: a stranger who knows address and date sends the form whenever its owner is about to open the link."""
    first = ask()
    ids = {inbox.only().message["Message-ID"]}
    for _ in range(4):
        travel(minutes=12)
        assert ask() == first
        ids.add(inbox.only().message["Message-ID"])
        # It is good for an hour from each of its mails, as they say.
        (link,) = RecoveryLink.objects.filter(user=user)
        assert link.expires_at - datetime.datetime.now(datetime.UTC) > datetime.timedelta(minutes=59)
    # Mail servers throw away a second mail with the same Message-ID.
    assert len(ids) == 5
    recovery.use(link_id=recovery.link_for(token=token_in(first)).pk, password=NEW_PASSWORD)


def test_an_hour_after_it_was_made_another_takes_its_place(ask: Ask, travel: Travel) -> None:
    """No link lives on and on by being asked for: two hours are the most."""
    first = ask()
    travel(minutes=50)
    assert ask() == first
    travel(minutes=11)
    newest = ask()
    assert newest != first
    assert (works(first), works(newest)) == (False, True)


def test_a_used_link_is_not_repeated(ask: Ask) -> None:
    first = ask()
    recovery.use(link_id=recovery.link_for(token=token_in(first)).pk, password=NEW_PASSWORD)
    assert ask() != first


@pytest.mark.parametrize("change", [{"email": "new@nhs.net"}, {"password": "argon2$another"}])
def test_a_link_that_its_person_has_outgrown_is_not_repeated(user: User, ask: Ask, change: dict[str, str]) -> None:
    first = ask()
    User.objects.filter(pk=user.pk).update(**change)
    user.refresh_from_db()
    second = ask()
    assert second != first
    assert (works(first), works(second)) == (False, True)


def test_under_another_secret_key_a_new_link_is_made(ask: Ask, settings: Settings) -> None:
    first = ask()
    settings.SECRET_KEY = "another key for tests alone, 0123456789 abcdefghijkl"
    second = ask()
    assert second != first
    assert (works(first), works(second)) == (False, True)


def test_the_helpdesks_mail_repeats_it_too(
    user: User, ask: Ask, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    first = ask()
    inbox.clear()
    recovery.send_by_helpdesk(user=user, by=make_user(is_staff=True))
    deliver_mail()
    assert link_in(inbox.only()) == first


def test_each_login_of_one_mailbox_keeps_its_own(user: User, inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    other = make_user(email=user.email, organisation=make_organisation(code="998", name="Southern Hospitals"))
    mails = []
    for _ in range(2):
        inbox.clear()
        recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
        deliver_mail()
        mails.append([word for word in inbox.only().text.split() if "/recovery/link/" in word])
    assert mails[0] == mails[1]
    owners = {recovery.link_for(token=token_in(link)).user for link in mails[0]}
    assert owners == {user, other}


def test_a_mail_sent_again_after_a_crash_carries_what_it_carried(
    ask: Ask, inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel
) -> None:
    """Mail programs show the first copy of two: its link must be the one that works, on either side of the hour."""
    first = ask()
    travel(minutes=58)
    assert ask() == first
    inbox.clear()
    OutboxMessage.objects.filter(pk=OutboxMessage.objects.filter(kind=Kind.RECOVERY).latest("created_at").pk).update(
        sent_at=None
    )
    travel(minutes=5)
    deliver_mail()
    assert link_in(inbox.only()) == first
    assert works(first)


def test_a_link_of_the_version_before_is_replaced(ask: Ask) -> None:
    first = ask()
    RecoveryLink.objects.update(message_id=None, last_message_id=None)
    assert ask() != first
    assert RecoveryLink.objects.count() == 1
