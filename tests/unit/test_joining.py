"""Joiners: a welcome on the first day, once, and what a person still lacks, with whose it is."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from accounts import joining_words
from accounts.models import Organisation, OutboxMessage, SecurityEvent, User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import joining, mail
from accounts.services.joining import Missing
from accounts.services.mail_server import Connection
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.situations import diagnosed
from tests.support.smtp import Mail
from tests.support.threads import all_at_once
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 26, 6, tzinfo=datetime.UTC)
TODAY, DAY = NOW.date(), datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def early_in_the_morning(travel: Travel) -> None:
    travel.to(NOW)


def joiner(**facts: Any) -> User:
    return make_user(**{"starts_on": TODAY, "password": None, **facts})


def welcomes(user: User) -> int:
    return sum(row.about["users"] == [user.pk] for row in OutboxMessage.objects.filter(kind=Kind.WELCOME))


def test_a_joiner_is_welcomed_on_the_first_day_and_once(travel: Travel) -> None:
    user = joiner(starts_on=TODAY + DAY)
    seen = []
    for number in range(5):
        travel.to(NOW + number * DAY)
        joining.welcome()
        joining.welcome()
        seen.append(welcomes(user))
    assert seen == [0, 1, 1, 1, 1]


@pytest.mark.parametrize(("days", "number"), [(0, 1), (3, 1), (4, 0), (400, 0)])
def test_a_few_days_are_caught_up_with_and_no_more(days: int, number: int) -> None:
    user = joiner(starts_on=TODAY - days * DAY)
    joining.welcome()
    assert welcomes(user) == number


@pytest.mark.parametrize(
    "facts", [{"starts_on": None}, {"is_active": False}, {"starts_on": TODAY - DAY, "ends_on": TODAY - DAY}]
)
def test_who_has_no_first_day_or_may_not_enter_is_not_welcomed(facts: dict[str, Any]) -> None:
    user = joiner(**facts)
    joining.welcome()
    assert welcomes(user) == 0


def test_who_has_been_in_is_not_welcomed() -> None:
    user = joiner()
    SecurityEvent.objects.create(event=Event.LOGGED_IN, user=user)
    joining.welcome()
    assert welcomes(user) == 0


def test_a_first_day_that_is_moved_after_the_welcome_brings_no_second(travel: Travel) -> None:
    user = joiner()
    joining.welcome()
    User.objects.filter(pk=user.pk).update(starts_on=TODAY + 5 * DAY)
    travel.to(NOW + 5 * DAY)
    joining.welcome()
    assert welcomes(user) == 1


@pytest.mark.django_db(transaction=True)
def test_the_daily_work_done_by_many_at_once_welcomes_once() -> None:
    user = joiner()
    assert sorted(all_at_once([joining.welcome] * 4)) == [0, 0, 0, 1]
    assert welcomes(user) == 1


def test_the_welcome_says_how_to_get_in_and_has_no_link(send: Callable[..., Mail]) -> None:
    user = joiner()
    welcome = send(Kind.WELCOME, user)
    assert welcome.subject == "Welcome to ESR: how to log in"
    assert welcome.links == []
    assert user.username in welcome.text
    assert "your first day, 26 November 2026" in welcome.text
    assert "To set your password, open ESR as you always do" in welcome.text
    assert "still missing" not in welcome.text


def test_the_welcome_of_who_comes_by_smartcard_speaks_of_no_password(send: Callable[..., Mail]) -> None:
    user = joiner(care_identity_only=True)
    welcome = send(Kind.WELCOME, user)
    assert "put in your smartcard" in welcome.text
    assert "password" not in welcome.text
    assert "No smartcard is linked to your ESR record yet." in welcome.text
    assert f"ESR contact does that: email {user.organisation.support_email}" in welcome.text


def test_a_welcome_that_was_held_up_is_not_sent_to_a_person_who_may_not_enter_by_now() -> None:
    user = joiner()
    joining.welcome()
    User.objects.filter(pk=user.pk).update(starts_on=TODAY + DAY)
    message = OutboxMessage.objects.get(kind=Kind.WELCOME)
    with Connection() as server:
        mail.send(message=message, connection=server)
    assert django_mail.outbox == []


REQUIRED = {"second_step": SecondStepPolicy.REQUIRED}
OUTSIDE = {"requires_internet_access": True}


@pytest.mark.parametrize(
    ("facts", "organisation", "lacks"),
    [
        ({}, {}, [Missing.PASSWORD]),
        ({"password": "violet harbour tandem 7"}, {}, []),
        ({"starts_on": TODAY + DAY}, {}, [Missing.FIRST_DAY, Missing.PASSWORD]),
        ({}, REQUIRED, [Missing.PASSWORD, Missing.SECOND_STEP]),
        ({}, OUTSIDE, [Missing.PASSWORD, Missing.INTERNET_ACCESS]),
        ({"care_identity_only": True}, REQUIRED, [Missing.CARD_ON_RECORD, Missing.SMARTCARD]),
        ({"care_identity_only": True, "internet_access_since": NOW}, {}, [Missing.PASSWORD]),
    ],
)
def test_what_a_joiner_lacks(facts: dict[str, Any], organisation: dict[str, Any], lacks: list[Missing]) -> None:
    user = joiner(**facts)
    Organisation.objects.filter(pk=user.organisation_id).update(**organisation)
    user.organisation.refresh_from_db()
    assert joining.missing(user=user) == lacks
    assert len(joining_words.said_to(user)) == len([what for what in lacks if what is not Missing.FIRST_DAY])


def test_what_is_there_is_not_missing() -> None:
    user = joiner(care_identity_only=True)
    assert joining.missing(user=link(user)) == [Missing.SMARTCARD]
    other = joiner(
        organisation=make_organisation(code="994", name="Eastern Care", second_step=SecondStepPolicy.REQUIRED)
    )
    PhoneApp.of(other)
    assert joining.missing(user=other) == [Missing.PASSWORD]


def test_each_sentence_says_whose_it_is() -> None:
    organisation = make_organisation(
        code="994",
        name="Eastern Care",
        it_support_email="it@east.nhs.example",
        second_step=SecondStepPolicy.REQUIRED,
        requires_internet_access=True,
    )
    by_card = joiner(organisation=organisation, starts_on=TODAY + DAY, care_identity_only=True)
    said = " ".join(joining_words.said_to(by_card) + joining_words.said_to(joiner(organisation=organisation)))
    for whose in ("it@east.nhs.example", "ESR contact", "yourself"):
        assert whose in said


def test_the_agent_reads_what_a_joiner_lacks_and_whose_it_is() -> None:
    evidence = diagnosed(joiner(starts_on=TODAY + DAY)).evidence
    assert "Before the first day. HR corrects the date where it is wrong." in evidence
    assert "Still missing: a password. They set it themselves, by recovery, from their first day." in evidence
    assert any("Still missing" in line for line in diagnosed(joiner(starts_on=TODAY - 14 * DAY)).evidence)


@pytest.mark.parametrize("facts", [{"starts_on": None}, {"starts_on": TODAY - 15 * DAY}, {"ends_on": TODAY - DAY}])
def test_of_others_the_agent_reads_nothing_of_the_kind(facts: dict[str, Any]) -> None:
    facts = {"starts_on": TODAY - 2 * DAY, **facts}
    assert not any("Still missing" in line for line in diagnosed(joiner(**facts)).evidence)


def test_nor_of_a_joiner_who_has_been_in() -> None:
    user = joiner()
    SecurityEvent.objects.create(event=Event.LOGGED_IN, user=user, at=timezone.now())
    assert not any("Still missing" in line for line in diagnosed(user).evidence)
