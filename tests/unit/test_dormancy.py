"""Dormancy: a password that is not used for long is dormant, after two warnings, until its person wakes it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import Organisation, OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import dormancy, lockout, log_in, mail, recovery, switching
from accounts.services.mail_server import Connection
from tests.support.care_identity import smartcard
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user
from tests.support.links import link_token
from tests.support.smtp import Mail
from tests.support.threads import all_at_once
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

START = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)
DAYS = 90


@pytest.fixture(autouse=True)
def at_the_start(travel: Travel) -> None:
    travel.to(START)


def make_person(**facts: Any) -> User:
    """Return a person of an organisation with dormancy, who is in at the start."""
    organisation = make_organisation()
    Organisation.objects.update(dormant_after_days=DAYS)
    facts.setdefault("created_at", START - datetime.timedelta(days=400))
    return make_user(organisation=organisation, **facts)


def come_in(user: User, *, days_ago: float = 0) -> None:
    at = timezone.now() - datetime.timedelta(days=days_ago)
    SecurityEvent.objects.create(event=Event.LOGGED_IN, user=user, at=at)


def day(travel: Travel, number: float) -> None:
    """Do the daily work on a day after the start."""
    travel.to(START + datetime.timedelta(days=number))
    dormancy.warn()
    dormancy.make_dormant()


def warnings(user: User) -> int:
    rows = OutboxMessage.objects.filter(kind=Kind.DORMANT_SOON)
    return sum(row.about["users"] == [user.pk] for row in rows)


def is_dormant(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_dormant()


def lets_in(user: User, password: str = PASSWORD) -> bool:
    return log_in.check_password(username=user.username, password=password).user is not None


def make_dormant(user: User) -> None:
    User.objects.filter(pk=user.pk).update(dormant_since=timezone.now())
    user.refresh_from_db()


def test_a_person_is_warned_thirty_and_seven_days_before_and_then_their_password_is_dormant(travel: Travel) -> None:
    user = make_person()
    come_in(user)
    seen = []
    for number in range(1, DAYS + 3):
        day(travel, number)
        seen.append((number, warnings(user), is_dormant(user)))
    assert (59, 0, False) in seen
    assert (60, 1, False) in seen
    assert (82, 1, False) in seen
    assert (83, 2, False) in seen
    assert (89, 2, False) in seen
    assert (90, 2, True) in seen
    assert seen[-1] == (DAYS + 2, 2, True)
    assert SecurityEvent.objects.filter(user=user, event=Event.BECAME_DORMANT).count() == 1


def test_an_organisation_that_has_just_begun_with_it_warns_first(travel: Travel) -> None:
    user = make_person()
    come_in(user, days_ago=1000)
    day(travel, 0)
    assert (warnings(user), is_dormant(user)) == (1, False)
    day(travel, 22)
    assert warnings(user) == 1
    day(travel, 23)
    assert (warnings(user), is_dormant(user)) == (2, False)
    day(travel, 29)
    assert not is_dormant(user)
    day(travel, 30)
    assert is_dormant(user)


def test_an_account_that_its_person_switches_to_is_in_use(travel: Travel) -> None:
    user = make_person()
    switching.record(left=make_user().pk, entered=user.pk)
    day(travel, 59)
    before = warnings(user)
    day(travel, 60)
    assert (before, warnings(user)) == (0, 1)


def test_after_an_outage_of_the_daily_work_both_warnings_still_come(travel: Travel) -> None:
    user = make_person()
    come_in(user)
    day(travel, 200)
    assert (warnings(user), is_dormant(user)) == (1, False)
    day(travel, 250)
    assert (warnings(user), is_dormant(user)) == (2, False)
    day(travel, 257)
    assert is_dormant(user)


@pytest.mark.parametrize("number", [61, 84])
def test_who_logs_in_after_a_warning_starts_anew(travel: Travel, number: int) -> None:
    user = make_person()
    come_in(user)
    for each in (60, 83):
        day(travel, each)
        if each < number:
            before = warnings(user)
    travel.to(START + datetime.timedelta(days=number))
    come_in(user)
    day(travel, DAYS + 10)
    assert not is_dormant(user)
    day(travel, number + 60)
    assert warnings(user) > before
    day(travel, number + 83)
    day(travel, number + DAYS)
    assert is_dormant(user)


@pytest.mark.parametrize(
    "facts",
    [
        {"is_active": False},
        {"ends_on": START.date() - datetime.timedelta(days=1)},
        {"starts_on": START.date() + datetime.timedelta(days=1)},
        {"starts_on": START.date() - datetime.timedelta(days=10)},
        {"password": None},
        {"password_changed_at": START - datetime.timedelta(days=10)},
        {"created_at": START - datetime.timedelta(days=10)},
    ],
)
def test_who_cannot_come_or_could_not_for_long_is_not_warned(facts: dict[str, Any]) -> None:
    user = make_person(**facts)
    dormancy.warn()
    assert warnings(user) == 0


def test_a_person_with_a_password_who_was_never_in_is_warned() -> None:
    """The import may have brought the password: it is one that is not used."""
    user = make_person()
    assert dormancy.warn() == 1
    assert warnings(user) == 1


def test_without_a_number_of_days_no_password_is_ever_dormant(travel: Travel) -> None:
    user = make_user(created_at=START)
    day(travel, 2000)
    assert (warnings(user), is_dormant(user)) == (0, False)


def test_only_people_of_the_organisation_that_wants_it(travel: Travel) -> None:
    make_person()
    other = make_user(organisation=make_organisation(code="111", name="Southern"), created_at=START)
    day(travel, 1000)
    assert warnings(other) == 0


def test_the_daily_work_done_twice_on_a_day_warns_once(travel: Travel) -> None:
    user = make_person()
    for _ in range(3):
        call_command("tidy_up")
    assert warnings(user) == 1


@pytest.mark.django_db(transaction=True)
def test_the_daily_work_done_by_two_at_once_warns_once() -> None:
    user = make_person()
    assert sorted(all_at_once([dormancy.warn] * 4)) == [0, 0, 0, 1]
    assert warnings(user) == 1


def test_a_dormant_password_lets_in_no_more_and_its_event_says_why() -> None:
    user = make_person()
    make_dormant(user)
    assert not lets_in(user)
    assert SecurityEvent.objects.filter(user=user, event=Event.LOG_IN_FAILED, reason="dormant").exists()


def test_a_wrong_password_of_a_dormant_person_is_a_wrong_one() -> None:
    user = make_person()
    make_dormant(user)
    assert not lets_in(user, "not the right one")
    assert SecurityEvent.objects.filter(user=user, event=Event.LOG_IN_FAILED, reason="wrong_password").exists()


def test_a_new_password_by_recovery_wakes_it() -> None:
    user = make_person()
    make_dormant(user)
    link = recovery.link_for(token=link_token(user))
    recovery.use(link_id=link.pk, password=NEW_PASSWORD)
    assert lets_in(user, NEW_PASSWORD)
    assert SecurityEvent.objects.get(event=Event.WOKEN).reason == "new_password"


@pytest.mark.parametrize("way", [{"proof": True}, {"by_passkey": True}])
def test_care_identity_or_a_passkey_wakes_it(way: dict[str, bool]) -> None:
    user = make_person()
    make_dormant(user)
    log_in.finish(user=user, proof=smartcard() if "proof" in way else None, by_passkey="by_passkey" in way)
    assert lets_in(user)
    assert SecurityEvent.objects.filter(event=Event.WOKEN, user=user).count() == 1


def test_the_helpdesks_unlocking_does_not_wake_it() -> None:
    user = make_person()
    make_dormant(user)
    lockout.unlock(user=user, by=None)
    assert not lets_in(user)


def test_who_is_woken_is_warned_again_before_the_next_time(travel: Travel) -> None:
    user = make_person()
    come_in(user)
    for number in (60, 83, 90):
        day(travel, number)
    assert is_dormant(user)
    recovery.use(link_id=recovery.link_for(token=link_token(user)).pk, password=NEW_PASSWORD)
    day(travel, 91)
    assert (warnings(user), is_dormant(user)) == (2, False)
    day(travel, 90 + 60)
    assert warnings(user) == 3


@pytest.mark.parametrize("days", [0, 59, 1096])
def test_a_number_of_days_outside_the_bounds_is_refused(days: int) -> None:
    organisation = make_organisation()
    organisation.dormant_after_days = days
    with pytest.raises(ValidationError):
        organisation.full_clean()
    with pytest.raises(IntegrityError):
        organisation.save()


def mail_of(user: User, send: Callable[..., Mail]) -> Mail:
    User.objects.filter(pk=user.pk).update(dormancy_warned_at=timezone.now())
    return send(Kind.DORMANT_SOON, User.objects.get(pk=user.pk))


def test_the_warning_says_the_day_and_the_way_in_words_and_has_no_link(send: Callable[..., Mail]) -> None:
    user = make_person()
    come_in(user, days_ago=60)
    warning = mail_of(user, send)
    assert "log in before 26 December 2026" in warning.text
    assert "a password that was not used for 90 days stops working" in warning.text
    assert warning.links == []


def test_the_day_in_the_warning_is_the_day_on_which_it_happens(travel: Travel) -> None:
    user = make_person()
    come_in(user, days_ago=1000)
    for number in (0, 3, 25, 26, 31, 32, 33):
        day(travel, number)
        said = dormancy.dormant_on(user=User.objects.get(pk=user.pk))
        if number in {25, 26}:
            assert said == START.date() + datetime.timedelta(days=32)
    since = User.objects.get(pk=user.pk).dormant_since
    assert since
    assert since.date() == START.date() + datetime.timedelta(days=32)


def test_a_warning_that_was_held_up_is_not_sent_to_a_person_who_has_been_in_since(travel: Travel) -> None:
    user = make_person()
    come_in(user, days_ago=60)
    dormancy.warn()
    travel(hours=1)
    come_in(user)
    message = OutboxMessage.objects.get(kind=Kind.DORMANT_SOON)
    with Connection() as connection:
        mail.send(message=message, connection=connection)
    assert django_mail.outbox == []
    message.refresh_from_db()
    assert "not needed" in message.last_error
