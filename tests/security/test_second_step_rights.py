"""Threat: an agent weakens the second step of people elsewhere, of a colleague, or of themselves (OWASP ASVS 8.4.1)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Organisation, SecondStepExcuse, SecurityEvent, User
from accounts.models.security_event import Event
from people.services import rights, second_step_excuses
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_operator
from tests.support.steps import PortalClient, come_in

pytestmark = pytest.mark.django_db

EXCUSES = "/admin/accounts/secondstepexcuse/"
TOMORROW = timezone.localdate() + datetime.timedelta(days=1)


@pytest.fixture
def elsewhere() -> Organisation:
    return make_organisation(code="111", name="Southern Elsewhere", domain="south.nhs.uk", second_step="required")


@pytest.fixture
def stranger(elsewhere: Organisation) -> User:
    return make_user(username="111STRANGE01", family_name="Strange", organisation=elsewhere)


def typed(username: str) -> dict[str, Any]:
    return {"username": username, "reason": "None given.", "review_on": TOMORROW}


def faults(response: Any) -> str:
    assert response.status_code == 200
    return str(response.context["adminform"].form.errors)


def test_an_agent_excuses_no_person_of_elsewhere_and_learns_nothing(desk: PortalClient, stranger: User) -> None:
    theirs = faults(desk.post(f"{EXCUSES}add/", typed(stranger.username)))
    nobodys = faults(desk.post(f"{EXCUSES}add/", typed("111NOBODY01")))
    assert theirs == nobodys
    with pytest.raises(rights.NotAllowed):
        second_step_excuses.excuse(person=stranger, reason="x", review_on=TOMORROW, by=make_agent())
    assert not SecondStepExcuse.objects.exists()
    assert not SecurityEvent.objects.filter(event=Event.SECOND_STEP_EXCUSED).exists()


@pytest.mark.parametrize("page", ["change/", "delete/", "history/"])
def test_the_excuses_of_elsewhere_are_not_there_however_they_are_asked_for(
    desk: PortalClient, stranger: User, page: str
) -> None:
    """The key is guessed, typed into the search, filtered by, ticked, or found by autocompletion."""
    theirs = SecondStepExcuse.objects.create(user=stranger, reason="Secret", review_on=TOMORROW)
    assert desk.get(f"{EXCUSES}{theirs.pk}/{page}").status_code == 404
    assert desk.post(f"{EXCUSES}{theirs.pk}/{page}", {"post": "yes", "reason": "x"}).status_code in {404, 405}
    for query in ("", "?q=strange", "?q=111STRANGE01", "?state=now"):
        assert b"Strange" not in desk.get(EXCUSES + query).content.replace(b'value="strange"', b"")
        assert b"Secret" not in desk.get(EXCUSES + query).content
    assert desk.get(f"{EXCUSES}?user__organisation__id__exact={stranger.organisation_id}").status_code == 400
    desk.post(EXCUSES, {"action": "delete_selected", "_selected_action": [theirs.pk], "post": "yes"})
    wanted = {"app_label": "accounts", "model_name": "secondstepexcuse", "field_name": "user", "term": "strange"}
    assert b"STRANGE" not in desk.get("/admin/autocomplete/", wanted).content
    assert SecondStepExcuse.objects.get() == theirs


@pytest.mark.parametrize("maker", [make_agent, make_operator])
def test_no_agent_and_no_operator_excuses_themselves_or_a_colleague(maker: Any) -> None:
    """Source: NHS England MFA policy (2023): all who may use the admin."""
    by, colleague = maker(), make_agent()
    desk = at_work(by)
    for person in (by, colleague):
        assert "always need a second step" in faults(desk.post(f"{EXCUSES}add/", typed(person.username)))
        with pytest.raises(second_step_excuses.Refused):
            second_step_excuses.excuse(person=person, reason="x", review_on=TOMORROW, by=by)
    assert not SecondStepExcuse.objects.exists()


def test_an_excuse_from_before_their_rights_is_without_effect_and_an_operators_to_end(desk: PortalClient) -> None:
    colleague = make_agent()
    old = SecondStepExcuse.objects.create(user=colleague, reason="x", review_on=TOMORROW)
    page = f"{EXCUSES}{old.pk}/"
    assert b"Without effect" in desk.get(EXCUSES).content
    assert b'name="reason"' not in desk.get(f"{page}change/").content
    assert desk.post(f"{page}change/", {"reason": "y", "review_on": TOMORROW}).status_code == 403
    assert desk.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    desk.post(EXCUSES, {"action": "delete_selected", "_selected_action": [old.pk], "post": "yes"})
    with pytest.raises(rights.NotAllowed):
        second_step_excuses.end(excuse=old, by=make_agent())
    assert SecondStepExcuse.objects.exists()
    assert at_work(make_operator()).post(f"{page}delete/", {"post": "yes"}).status_code == 302
    assert not SecondStepExcuse.objects.exists()


def test_an_agent_does_not_change_who_needs_a_second_step(desk: PortalClient, agent: User) -> None:
    page = f"/admin/accounts/organisation/{agent.organisation_id}/change/"
    assert b'name="second_step"' not in desk.get(page).content
    assert desk.post(page, {"second_step": "off", "second_step_share": "0"}).status_code == 403
    agent.organisation.refresh_from_db()
    assert agent.organisation.second_step == "optional"


@pytest.mark.parametrize("address", [EXCUSES, f"{EXCUSES}add/"])
def test_people_without_rights_see_none_of_it(client: PortalClient, address: str) -> None:
    assert client.get(address).status_code == 302
    come_in(client, make_user())
    assert client.get(address).status_code == 403
