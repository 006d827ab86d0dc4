"""Ending many waits after wrong codes at once, where a clock of ours was wrong.

Threat: an attacker who knows a password gets more codes to guess each time that it is done.
"""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.models import OutageUnlock, SecondStepRecord, SecurityEvent, User
from accounts.models.outage_unlock import Cause
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.events import Origin, coming_from
from helpdesk.kept_out import Why
from helpdesk.services import outage
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.helpdesk import make_lead

pytestmark = pytest.mark.django_db

HOME, ELSEWHERE = "192.0.2.10", "198.51.100.9"


def was_in(user: User) -> None:
    before = timezone.now() - datetime.timedelta(days=3)
    SecurityEvent.objects.create(event=Event.LOGGED_IN, user=user, address=HOME, at=before)


def preview(by: User) -> OutageUnlock:
    now = timezone.now()
    begins_at = now - datetime.timedelta(hours=1)
    return outage.preview(
        by=by, organisation=by.organisation, cause=Cause.WRONG_CODES, begins_at=begins_at, ends_at=now
    )


def wait_for_codes(user: User, wrong: int, address: str = HOME) -> None:
    PhoneApp.of(user)
    with coming_from(Origin(address=address)):
        for _ in range(wrong):
            SecondStepRecord.objects.filter(user=user).update(last_wrong_at=None)
            with pytest.raises(second_step.WrongCode):
                second_step.check(user=user, code="000000")


def test_waits_after_wrong_codes_end_and_those_in_a_row_stay() -> None:
    """A clock that was wrong refuses right codes, which twenty of a day then make wait for the next."""
    lead, person, guessed_at = make_lead(), make_user(), make_user()
    was_in(person)
    was_in(guessed_at)
    wait_for_codes(person, 20)
    wait_for_codes(guessed_at, 20, address=ELSEWHERE)
    row = preview(lead)
    assert (row.people, row.left_out) == ([person.pk], {Why.STRANGERS: 1})
    assert outage.unlock(row=row, by=lead, note="x") == 1
    assert second_step.check(user=person, code=PhoneApp.of(person).code())
    record = SecondStepRecord.objects.get(user=guessed_at)
    assert record.wrong_today == 20
    assert SecurityEvent.objects.filter(event=Event.WRONG_CODES_FORGIVEN).get().reason == "after_outage"


def test_a_hundred_wrong_codes_in_a_row_stay_a_hundred() -> None:
    lead, person = make_lead(), make_user()
    was_in(person)
    wait_for_codes(person, 20)
    SecondStepRecord.objects.update(wrong_in_a_row=99)
    assert outage.unlock(row=preview(lead), by=lead, note="x") == 1
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=person, code="000000")
    assert preview(lead).left_out == {Why.USED_UP: 1}
