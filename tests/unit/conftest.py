"""What unit tests can ask for besides."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.jobs import MAILING
from accounts.models import FormerEmail, OutboxMessage, RecoveryRequest, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import caller_checks, events, lockout, outbox, recovery
from demo import seed
from helpdesk.services import doing
from people.services import people
from tests.support import database, growth
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.growth import Grown
from tests.support.helpdesk import make_agent
from tests.support.mails import (
    joiners,
    link_in,
    of_corrections,
    of_leavers,
    of_second_steps,
    token_in,
    warned_of_dormancy,
)
from tests.support.remembered_browsers import CHROME
from tests.support.smtp import Inbox, Mail

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker


@pytest.fixture
def send(deliver_mail: Callable[[], None], inbox: Inbox) -> Callable[..., Mail]:
    """Return a function that sends one mail to people and returns it as it arrived."""

    def send_to(kind: Kind, *users: User, **about: Any) -> Mail:
        inbox.clear()
        outbox.add(kind=kind, about={"users": [user.pk for user in users], **about})
        deliver_mail()
        return inbox.only()

    return send_to


@pytest.fixture
def grown() -> Grown:
    """Return a function that says by how much a figure for the operators' monitoring has grown in this test."""
    return growth.watch()


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Have the demo's people and organisations in the database for all the tests of a file that is about them alone.

    What a test does to them is undone after it, as without this.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        seed.seed()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let a test begin in a database without tables, beside that of the others: see tests/support/versions.py."""
    with django_db_blocker.unblock(), database.beside("empty"):
        yield


# Those of the first test of this process that asks for them: the others only read them.
_every_mail: list[Mail] = []


@pytest.fixture
def every_mail(request: pytest.FixtureRequest) -> list[Mail]:
    """Return one mail of each kind, and of each state of an account that the recovery mail has words for."""
    if not _every_mail:
        _every_mail.extend(_sent(*(request.getfixturevalue(name) for name in ("send", "deliver_mail", "inbox"))))
    return list(_every_mail)


def _sent(send: Callable[..., Mail], deliver_mail: Callable[[], None], inbox: Inbox) -> list[Mail]:
    jo, ended, some_day = make_user(password=None), datetime.date(2020, 1, 1), datetime.date(2040, 1, 1)
    two = [make_user(email="both@nhs.net", given_name=name) for name in ("Jo", "Sam")]
    fourth, fifth = make_user(), make_user()
    former = FormerEmail.objects.create(user=jo, email="former@nhs.net")
    wanted: list[tuple[Kind, list[User], dict[str, Any]]] = [
        (Kind.RECOVERY, [jo], {}),
        (Kind.RECOVERY, [jo], {"by_helpdesk": True}),
        (Kind.RECOVERY, [make_user(care_identity_only=True)], {}),
        (Kind.RECOVERY, [make_user(ends_on=ended)], {}),
        (Kind.RECOVERY, [make_user(starts_on=some_day)], {}),
        (Kind.RECOVERY, [make_user(is_active=False)], {}),
        (Kind.RECOVERY, [make_user(internet_access_withdrawn_at=timezone.now())], {}),
        (Kind.RECOVERY, two, {}),
        (Kind.DATE_OF_BIRTH_DIFFERS, [jo], {}),
        (Kind.RECOVERY, [fourth], {"request": _mailed_today(fourth, times=4)}),
        (Kind.DATE_OF_BIRTH_DIFFERS, [fifth], {"request": _mailed_today(fifth, times=5)}),
        (Kind.PASSWORD_CHANGED, [jo], {}),
        (Kind.LOCKED, [jo], {}),
        (Kind.LOCKED, [make_user(wrong_passwords_before=lockout.MOST_IN_A_ROW)], {}),
        (Kind.EMAIL_CHANGED, [jo], {"former_email": former.pk}),
        (Kind.EMAIL_CHANGED, [jo], {}),
        (Kind.CARE_IDENTITY_CHANGED, [jo], {"linked": True}),
        (Kind.CARE_IDENTITY_CHANGED, [jo], {"linked": False}),
        (Kind.INTERNET_ACCESS_GRANTED, [jo], {}),
        (Kind.INTERNET_ACCESS_GRANTED, [jo], {"by_helpdesk": True}),
        (Kind.INTERNET_ACCESS_WITHDRAWN, [jo], {}),
        (Kind.ROLE_CHANGED, [jo], {}),
        (Kind.FROZEN, [jo], {}),
        (Kind.FROZEN, [jo], {"event": _recorded(jo)}),
        (Kind.FROZEN, [jo], {"event": _recorded(jo, by=fourth)}),
        (Kind.FROZEN_FOR_CONTACT, [jo], {}),
        *((Kind.WELCOME, [joiner], {}) for joiner in joiners()),
        *of_leavers(),
        *of_corrections(),
        (Kind.DORMANT_SOON, [warned_of_dormancy()], {}),
        (Kind.CALLER_CODE, [jo], {"check": caller_checks.begin(person=jo, agent=make_agent()).pk}),
        *((Kind.DONE_FOR_CALLER, [jo], {what: True}) for what in doing.TOLD_HERE.values()),
        (Kind.RECOVERY, [make_user(links_held_until=timezone.now() + people.LINKS_HELD_FOR)], {}),
        (Kind.HELPED, [jo], {"event": _recorded(jo, by=fourth)}),
        (Kind.DATA_HANDED_OUT, [jo], {"event": _recorded(jo)}),
        (Kind.DATA_HANDED_OUT, [jo], {"event": _recorded(jo), "by_operator": True}),
    ]
    wanted += [(kind, [jo], {**about, "event": _recorded(jo)}) for kind, about in of_second_steps()]
    assert {kind for kind, _, _ in wanted} == MAILING
    mails = [send(kind, *users, **about) for kind, users, about in wanted]
    return [*mails, _second_copy_after_its_link_was_used(send, deliver_mail, inbox)]


def _recorded(user: User, *, by: User | None = None) -> int:
    """Let something have happened to a user, in a browser; return the key of the event."""
    with events.coming_from(events.Origin(address="192.0.2.7", user_agent=CHROME)):
        return events.record(event=Event.UNLOCKED if by else Event.LOGGED_IN, user_id=user.pk, by=by).pk


def _mailed_today(user: User, *, times: int) -> int:
    """Let the recovery form have sent a user so many mails; return the key of the newest request."""
    requests = [
        RecoveryRequest.objects.create(
            reference=f"{user.pk}-{number}",
            email_digest=recovery.email_digest(email=user.email),
            outcome=Outcome.MAILED,
            decided_at=timezone.now(),
        )
        for number in range(times)
    ]
    return requests[-1].pk


def _second_copy_after_its_link_was_used(
    send: Callable[..., Mail], deliver_mail: Callable[[], None], inbox: Inbox
) -> Mail:
    user = make_user()
    link = recovery.link_for(token=token_in(link_in(send(Kind.RECOVERY, user))))
    recovery.use(link_id=link.pk, password=NEW_PASSWORD)
    OutboxMessage.objects.filter(kind=Kind.RECOVERY, about__users=[user.pk]).update(sent_at=None)
    deliver_mail()
    return next(mail for mail in inbox.to(user.email) if mail.subject == "Your ESR username")
