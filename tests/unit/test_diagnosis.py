"""The diagnosis beyond its table: what it must not tell, and what it says to the minute."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from accounts.models import RecoveryRequest, User
from accounts.models.security_event import Event
from accounts.services import events, recovery
from accounts.services.recovery import looking_up
from helpdesk import diagnosis, happened, mail_fate
from helpdesk.diagnosis import Cause
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.helpdesk import lock
from tests.support.situations import NOW, TODAY, asked, diagnosed, mailed
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def half_past_two(travel: Travel) -> None:
    travel.to(NOW)


def test_a_card_alone_is_no_way_in_where_the_portal_is_not_connected(settings: Settings) -> None:
    settings.CARE_IDENTITY_DISCOVERY_URL = ""
    found = diagnosed(link(make_user(password=None, care_identity_only=True)))
    assert (found.cause, found.recommended) == (Cause.NOT_CONNECTED, None)


def test_when_the_date_of_birth_did_not_match_is_said_to_the_minute(travel: Travel) -> None:
    user = make_user()
    travel.to(NOW - datetime.timedelta(minutes=28))
    asked(1)(user)
    travel.to(NOW)
    assert "The date of birth did not match: 26 November 2026 at 2:02pm." in diagnosed(user).evidence


@pytest.mark.parametrize("right", [0, 99])
def test_of_more_than_three_dates_a_right_and_a_wrong_one_read_alike(right: int) -> None:
    """Threat: an agent sends the form with made-up dates, and reads the diagnosis to learn a date of birth."""
    user = make_user()
    asked(1, 2, 3, right)(user)
    found = diagnosed(user)
    assert found.cause is Cause.MANY_REQUESTS
    assert found.evidence == ("Never logged in.",)


@pytest.mark.parametrize("minutes", [1, 60 * 25])
def test_nor_do_they_where_the_helpdesk_had_sent_a_mail_or_a_day_is_over(travel: Travel, minutes: int) -> None:
    """The same threat, by whether an earlier mail counts still, or by what is read of requests that waited a day."""
    read = []
    for right in (0, 99):
        travel.to(NOW)
        user = make_user()
        mailed(sent=True)(user)
        travel(seconds=30)
        asked(1, 2, 3, right)(user)
        travel(minutes=minutes)
        person = User.objects.select_related("organisation").get(pk=user.pk)
        entries = [(entry.words, entry.network) for entry in happened.last(person=person)]
        read.append((diagnosed(user), entries, [(mail.kind, mail.state) for mail in mail_fate.of(person=person)]))
    assert read[0] == read[1]


def test_a_request_for_an_address_that_no_person_has_was_received(agent: User) -> None:
    reference = recovery.ask(email="nobody@nhs.net", date_of_birth=TODAY)
    (request,) = looking_up.requests(organisation=agent.organisation).filter(reference=reference)
    assert diagnosis.of_request(request=request).cause is Cause.RECEIVED
    assert RecoveryRequest.objects.count() == 1
    person = make_user()
    theirs = recovery.ask(email=person.email, date_of_birth=TODAY)
    (request,) = looking_up.requests(organisation=agent.organisation).filter(reference=theirs)
    assert diagnosis.of_request(request=request).cause is Cause.WAITS_FOR_DECISION


def test_what_happened_to_another_person_is_no_evidence() -> None:
    user, other = make_user(), make_user()
    lock(other)
    events.record(event=Event.CARE_IDENTITY_REFUSED, user_id=other.pk, reason="level_below_organisations")
    assert diagnosed(user).cause is Cause.ALL_WELL


def test_a_password_of_the_hour_after_midnight_in_summer_is_of_that_day() -> None:
    """The night shift's: 0:30am is 11:30pm of the day before in UTC."""
    at = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC)
    assert diagnosis.describe_password(person=make_user(password_changed_at=at)) == "Set on 2 July 2026"
