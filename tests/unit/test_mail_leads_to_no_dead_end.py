"""No mail sends people to the form for a password where it gives them none, and none answers a form too late."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Organisation, OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import freezing, lockout, mail, outbox
from accounts.services.mail_server import Connection
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.smtp import Inbox, Mail
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

FORM = "Forgotten | Request Username/Password | Unlock Account"
HELD = "the form for a forgotten username or password gives it no link before"
WAYS_TO_FORM = [Kind.HELPED, Kind.DATA_HANDED_OUT, Kind.NEW_BROWSER, Kind.SECOND_STEP_REMOVED]


def held(**facts: Any) -> User:
    return make_user(links_held_until=timezone.now() + datetime.timedelta(hours=20), **facts)


def by_card_alone() -> User:
    """Return a person who is to come by smartcard alone, and has a password of before still."""
    return link(make_user(care_identity_only=True))


@pytest.fixture
def mailed(inbox: Inbox) -> Callable[..., Mail]:
    """Return what sends a mail of a kind to a person, and returns it."""

    def send(user: User, kind: Kind, **about: Any) -> Mail:
        row = outbox.add(kind=kind, about={"users": [user.pk], **about})
        with Connection() as connection:
            mail.send(message=row, connection=connection)
        return inbox.newest(user.email)

    return send


def both(found: Mail) -> tuple[str, str]:
    """Return the two halves of a mail, each in one line."""
    return " ".join(found.text.split()), " ".join(found.html.split())


@pytest.mark.parametrize(
    "kind", [Kind.EMAIL_CHANGED, Kind.FROZEN, Kind.WELCOME, Kind.LOCKED, Kind.INTERNET_ACCESS_GRANTED]
)
def test_an_address_that_gets_no_link_yet_is_told_until_when(mailed: Callable[..., Mail], kind: Kind) -> None:
    new = {"password": None} if kind is Kind.WELCOME else {}
    for said in both(mailed(held(starts_on=timezone.localdate(), **new), kind)):
        assert HELD in said
        assert FORM not in said
        assert "a second person there can confirm the address" in said


@pytest.mark.parametrize("kind", [Kind.EMAIL_CHANGED, Kind.FROZEN, Kind.LOCKED, Kind.DORMANT_SOON, *WAYS_TO_FORM])
def test_who_comes_by_card_alone_is_not_sent_to_the_form(mailed: Callable[..., Mail], kind: Kind) -> None:
    user = by_card_alone()
    warned = timezone.now() - datetime.timedelta(days=1)
    Organisation.objects.update(dormant_after_days=90)
    User.objects.update(dormancy_warned_at=warned, created_at=warned - datetime.timedelta(days=80))
    for said in both(mailed(user, kind)):
        assert FORM not in said
        assert HELD not in said
        assert "Set a new password" not in said


def test_who_never_had_a_password_is_not_told_that_it_is_frozen(mailed: Callable[..., Mail]) -> None:
    said, _ = both(mailed(link(make_user(password=None, care_identity_only=True)), Kind.FROZEN))
    assert "You are logged out of ESR everywhere." in said
    assert "Your password is frozen" not in said


@pytest.mark.parametrize(
    "kind", [Kind.EMAIL_CHANGED, Kind.FROZEN, Kind.LOCKED, Kind.INTERNET_ACCESS_GRANTED, *WAYS_TO_FORM]
)
def test_all_others_are(mailed: Callable[..., Mail], kind: Kind) -> None:
    text, html = both(mailed(make_user(), kind))
    assert FORM in text
    assert FORM in html
    assert HELD not in text + html


def test_a_freeze_after_the_address_was_changed_names_the_way_that_is_left(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = held()
    freezing.freeze(user=user)
    deliver_mail()
    assert HELD in both(inbox.newest(user.email))[0]


def test_the_mail_about_a_lock_says_after_how_many_waiting_is_of_no_use(mailed: Callable[..., Mail]) -> None:
    """It is sent once a day: the next hundred wrong ones of that day bring no other."""
    said, _ = both(mailed(make_user(), Kind.LOCKED))
    assert "The lock ends by itself after 15 minutes. After 100 wrong ones in a row, or 20 in a browser that" in said
    assert lockout.MOST_IN_A_ROW == 100
    assert lockout.MOST_IN_A_ROW_IN_A_KNOWN_BROWSER == 20


@pytest.mark.parametrize("kind", [Kind.RECOVERY, Kind.DATE_OF_BIRTH_DIFFERS])
def test_what_answers_a_form_is_over_after_a_day(kind: Kind, inbox: Inbox, travel: Travel) -> None:
    """Threat: a mailbox refuses it; months later HR puts a stranger's address on record, who gets a way in unasked."""
    user = make_user()
    row = outbox.add(kind=kind, about={"users": [user.pk]})
    travel(hours=23)
    with Connection() as connection:
        mail.send(message=row, connection=connection)
        assert len(inbox.to(user.email)) == 1
        travel(hours=1, seconds=1)
        mail.send(message=row, connection=connection)
    assert len(inbox.to(user.email)) == 1
    assert OutboxMessage.objects.get(pk=row.pk).last_error == outbox.NOT_NEEDED


def test_a_mail_of_something_that_happened_is_told_however_late(mailed: Callable[..., Mail], travel: Travel) -> None:
    user = make_user()
    row = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk]})
    travel(days=40)
    with Connection() as connection:
        mail.send(message=row, connection=connection)
    assert OutboxMessage.objects.get(pk=row.pk).last_error != outbox.NOT_NEEDED
