"""What a person's page says of their second step, and what the helpdesk can do about it there."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Organisation, RecoveryCodes, SecondStepExcuse, SecondStepRecord, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import switched_off
from accounts.services.second_step import wrong_codes
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, at_work, make_agent, make_operator, messages, page_of, text
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(agent: User) -> User:
    Organisation.objects.update(second_step="required")
    return make_user()


def wait(person: User, *, wrong_in_a_row: int = 10, wrong_today: int = 10) -> None:
    now = timezone.now()
    SecondStepRecord.objects.create(
        user=person,
        wrong_in_a_row=wrong_in_a_row,
        wrong_today=wrong_today,
        day_began_at=now,
        last_wrong_at=now,
    )


def test_a_person_who_needs_none(desk: PortalClient) -> None:
    page = text(desk, page_of(make_user()))
    assert "Second step: None needed, and none set up." in page
    assert "Excuse from the second step" not in page


def test_a_person_who_needs_one_and_has_none(desk: PortalClient, person: User) -> None:
    page = text(desk, page_of(person))
    assert "Second step: Required, and none set up yet: the next log-in with the password sets it up." in page
    assert "Yes. They must set up a second step at the next log-in with a password, before anything else." in page
    form = desk.get(page_of(person)).content.decode()
    assert f"/admin/accounts/secondstepexcuse/add/?username={person.username}" in form


def test_a_person_who_is_excused(desk: PortalClient, person: User) -> None:
    SecondStepExcuse.objects.create(user=person, reason="No phone.", review_on=datetime.date(2999, 5, 1))
    page = text(desk, page_of(person))
    assert "Second step: None needed, and none set up. Excused until 1 May 2999." in page
    assert "They must set up" not in page


def test_a_person_who_has_several_ways(desk: PortalClient, person: User) -> None:
    PhoneApp.of(person)
    page = text(desk, page_of(person))
    assert "Second step: Set up: an authenticator app, no recovery codes." in page
    Passkey.objects.create(user=person, credential_id=b"1", credential_id_sha256="1" * 64, public_key=b"1")
    RecoveryCodes.objects.create(user=person, name="codes", sealed=["secret-one", "secret-two"])
    page = text(desk, page_of(person))
    assert "Second step: Set up: 1 passkey, an authenticator app, 2 recovery codes left." in page
    assert "secret" not in page
    assert "switched off" not in page
    switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason="A fault.")
    assert "Passkeys are switched off for all now." in text(desk, page_of(person))


def test_an_agent_lifts_the_wait_after_wrong_codes(desk: PortalClient, agent: User, person: User) -> None:
    PhoneApp.of(person)
    assert "Lift the wait" not in text(desk, page_of(person))
    wait(person)
    page = text(desk, page_of(person))
    assert "After wrong codes, none of their app is looked at until " in page
    assert "Yes. No code of their app is looked at now, after wrong ones: lift the wait" in page
    assert "Lift the wait after wrong codes" in page
    desk.post(f"{PEOPLE}{person.pk}/lift_wait/")
    assert messages(desk) == [f"{person} can type a code again now. Wrong ones are counted anew."]
    assert wrong_codes.Code.APP not in wrong_codes.waits(user=person)
    event = SecurityEvent.objects.get(event=Event.WRONG_CODES_FORGIVEN)
    assert (event.user_id, event.by_id) == (person.pk, agent.pk)
    desk.post(f"{PEOPLE}{person.pk}/lift_wait/")
    assert messages(desk) == [f"{person} had no wrong codes to forget."]
    assert SecurityEvent.objects.filter(event=Event.WRONG_CODES_FORGIVEN).count() == 1


def test_a_hundred_in_a_row_are_waited_out_by_no_day(desk: PortalClient, person: User) -> None:
    PhoneApp.of(person)
    wait(person, wrong_in_a_row=wrong_codes.MOST_IN_A_ROW)
    assert "No code of their app is looked at any more" in text(desk, page_of(person))


def test_the_wait_of_a_colleague_is_an_operators_to_lift(desk: PortalClient) -> None:
    """Threat: an agent who knows a colleague's password guesses codes, and lifts each wait."""
    colleague = make_agent()
    wait(colleague)
    assert desk.post(f"{PEOPLE}{colleague.pk}/lift_wait/").status_code == 403
    stranger = make_user(organisation=make_organisation(code="111", name="South", domain=""))
    wait(stranger)
    assert desk.post(f"{PEOPLE}{stranger.pk}/lift_wait/").status_code == 404
    assert desk.get(f"{PEOPLE}{colleague.pk}/lift_wait/").status_code == 405
    assert SecondStepRecord.objects.filter(wrong_in_a_row=10).count() == 2
    assert at_work(make_operator()).post(f"{PEOPLE}{colleague.pk}/lift_wait/").status_code == 302
    assert SecondStepRecord.objects.filter(wrong_in_a_row=10).count() == 1


def test_an_agent_opens_recovery_codes_again_after_a_hundred_wrong_ones(desk: PortalClient, person: User) -> None:
    PhoneApp.of(person)
    record = SecondStepRecord.objects.create(user=person, wrong_recovery_in_a_row=99, wrong_recovery_today=99)
    assert "Lift the wait" not in text(desk, page_of(person))
    SecondStepRecord.objects.update(wrong_recovery_in_a_row=wrong_codes.MOST_IN_A_ROW)
    page = text(desk, page_of(person))
    assert "No recovery code of theirs is looked at any more, after too many wrong ones: lift the wait." in page
    assert "Yes. No recovery code of theirs is looked at, after wrong ones: lift the wait, or let them" in page
    assert "their app is" not in page
    assert "Lift the wait after wrong codes" in page
    desk.post(f"{PEOPLE}{person.pk}/lift_wait/")
    assert messages(desk) == [f"{person} can type a code again now. Wrong ones are counted anew."]
    record.refresh_from_db()
    assert record.wrong_recovery_in_a_row == record.wrong_recovery_today == 0
