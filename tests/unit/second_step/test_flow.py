"""What a log-in does at its second step, beyond what its pages show."""

from __future__ import annotations

import pytest

from accounts.models import SecondStepRecord
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
