"""What the helpdesk sees of a person who said that something was not them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import Organisation, SecondStepExcuse, User
from accounts.services import freezing, lockout
from helpdesk import diagnosis
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.freezing import recover
from tests.support.helpdesk import PEOPLE, page_of, text
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

MORNING = datetime.datetime(2026, 11, 26, 9, 5, tzinfo=datetime.UTC)
SINCE = "frozen since 26 November 2026 at 9:05am"


def described(user: User) -> str:
    return diagnosis.describe(person=User.objects.get(pk=user.pk))


def test_the_diagnosis_says_since_when_and_what_to_do_until_the_log_in_after_recovery(
    travel: Travel,
) -> None:
    travel.to(MORNING)
    user = make_user()
    freezing.freeze(user=user)
    assert f"Not with a password: it is {SINCE}" in described(user)
    assert "Send the recovery email; unlocking them does not help." in described(user)
    travel(minutes=5)
    recover(user)
    assert "have set a new password since: with it, they have to show their second step" in described(user)
    freezing.lift(user=user)
    assert described(user) == "Yes."


def test_with_a_care_identity_it_says_that_that_lets_them_in(travel: Travel, settings: Settings) -> None:
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"
    travel.to(MORNING)
    user = link(make_user())
    freezing.freeze(user=user)
    assert described(user).startswith(f"With Care Identity. The password is {SINCE}")


def test_unlocking_does_not_wake_a_dormant_password_and_says_so_and_the_list_finds_them(desk: PortalClient) -> None:
    user = make_user(dormant_since=timezone.now())
    lockout.record_failure(username=user.username)
    listed = desk.get(f"{PEOPLE}?locked=dormant").text
    assert user.username in listed
    assert "password dormant" in listed
    assert make_user().username not in desk.get(f"{PEOPLE}?locked=dormant").text
    answer = desk.post(PEOPLE, {"action": "unlock", "_selected_action": [user.pk]}, follow=True)
    assert f"{user.username} is unlocked. Their password is dormant: send the recovery email." in answer.text


def test_unlocking_does_not_unfreeze_and_says_so_and_the_list_finds_them(desk: PortalClient) -> None:
    user = make_user()
    freezing.freeze(user=user)
    lockout.record_failure(username=user.username)
    listed = desk.get(f"{PEOPLE}?locked=frozen").text
    assert user.username in listed
    assert "password frozen" in listed
    assert make_user().username not in desk.get(f"{PEOPLE}?locked=frozen").text
    ticked = {"action": "unlock", "_selected_action": [user.pk]}
    answer = desk.post(PEOPLE, ticked, follow=True)
    assert f"{user.username} is unlocked. Their password is frozen: send the recovery email." in answer.text
    assert User.objects.get(pk=user.pk).password_is_frozen()


@pytest.mark.parametrize("facts", [{}, {"second_step_share": 0}, {"second_step": "required_outside"}])
def test_a_person_who_can_have_no_second_step_is_excused_and_gets_back_in(
    desk: PortalClient, client: PortalClient, facts: dict[str, object]
) -> None:
    """Threat: a thief of the mailbox presses, and a person without any device is shut out for good."""
    user = make_user()
    Organisation.objects.update(**facts)
    freezing.freeze(user=user)
    recover(user)
    page, excuse = page_of(user), f"/admin/accounts/secondstepexcuse/add/?username={user.username}"
    assert "or can be excused" in text(desk, page) or "Required, and none set up yet" in text(desk, page)
    assert excuse in desk.get(page).text
    assert log_in(client, user, NEW_PASSWORD)["Location"] == "/second-step/set-up/"
    assert "If you have no device for this, ask" in client.get("/second-step/set-up/").text
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    desk.post(excuse, {"username": user.username, "reason": "No device.", "review_on": tomorrow})
    said = text(desk, page)
    assert "Second step: None needed, and none set up. Excused until" in said
    assert "have set a new password since, which lets them in. No second step is needed." in said
    assert log_in(client, user, NEW_PASSWORD)["Location"] == "/my-esr/"
    assert described(user) == "Yes."


def test_an_excuse_takes_no_second_step_away_that_is_there(desk: PortalClient) -> None:
    user = make_user()
    PhoneApp.of(user)
    freezing.freeze(user=user)
    assert "Excuse from the second step" not in text(desk, page_of(user))
    SecondStepExcuse.objects.create(user=user, reason="No phone.", review_on=timezone.localdate())
    recover(user)
    assert log_in(PortalClient(), user, NEW_PASSWORD)["Location"] == "/log-in/second-step/"
