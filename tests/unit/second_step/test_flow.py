"""What a log-in does at its second step, beyond what its pages show."""

from __future__ import annotations

import dataclasses

import pytest

from accounts.log_in_under_way import LogInUnderWay
from accounts.models import SecondStepRecord, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import last_check, second_step
from accounts.services import log_in as log_in_service
from accounts.services.second_step import recovery_codes
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, log_in_by_care_identity, smartcard
from tests.support.factories import make_organisation, make_user
from tests.support.steps import PortalClient, log_in, send

pytestmark = pytest.mark.django_db

CHALLENGE = "/log-in/second-step/"


def test_a_smartcard_ends_the_hundred_wrong_codes_in_a_row(client: PortalClient) -> None:
    user = make_user()
    PhoneApp.of(user)
    SecondStepRecord.objects.create(user=user, wrong_in_a_row=100)
    log_in_by_care_identity(client, link(user, "555012345678"), smartcard(uid="555012345678"))
    assert client.get("/my-esr/").status_code == 200
    assert SecondStepRecord.objects.get().wrong_in_a_row == 0


def test_a_second_step_that_was_used_is_noted_as_working(client: PortalClient) -> None:
    user = make_user()
    app = PhoneApp.of(user)
    log_in(client, user)
    send(client, CHALLENGE, {"code": app.code()})
    assert SecondStepRecord.objects.get().shown_to_work_at is not None


def test_a_recovery_code_is_a_second_step_for_the_admin_too(client: PortalClient) -> None:
    agent = make_user(is_staff=True)
    PhoneApp.of(agent)
    code = recovery_codes.make(user=agent)[0]
    log_in(client, agent)
    send(client, CHALLENGE, {"code": code})
    assert client.get("/admin/").status_code == 200


def test_with_two_ways_already_a_new_app_needs_no_codes(client: PortalClient) -> None:
    """A smartcard is a way of its own: the loss of the phone leaves it."""
    user = make_user(organisation=make_organisation(code="997", second_step="required"))
    link(user, "555012345679")
    assert log_in(client, user)["Location"] == "/second-step/set-up/"
    page = client.get("/second-step/set-up/app/").content.decode()
    app = PhoneApp.typed(page.partition('portal-secret">')[2].partition("<")[0])
    assert send(client, "/second-step/set-up/app/", {"code": app.code()})["Location"] == "/my-esr/"


def test_a_second_step_that_is_gone_or_of_another_person_is_refused_at_the_last_check() -> None:
    """Threat: the operator takes an attacker's phone away in the second in which the attacker's log-in ends."""
    user, other = make_user(), make_user()
    device = second_step.check(user=user, code=PhoneApp.of(user).code())
    theirs = second_step.check(user=other, code=PhoneApp.of(other).code())
    under_way = LogInUnderWay(password_fingerprint=log_in_service.fingerprint(user), second_step=device)
    assert last_check.may_finish(user=user, under_way=under_way)
    assert not last_check.may_finish(user=user, under_way=dataclasses.replace(under_way, second_step=theirs))
    second_step.remove(user=user, by=None)
    assert not last_check.may_finish(user=user, under_way=under_way)
    assert set(SecurityEvent.objects.filter(event=Event.LOG_IN_REFUSED).values_list("reason", flat=True)) == {
        "second_step_gone"
    }
