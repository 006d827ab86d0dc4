"""Threat: an agent learns of the people of another organisation through the desk (OWASP ASVS 8.2.2, 8.4.1)."""

from __future__ import annotations

import datetime
import re

import pytest

from accounts.models import CareIdentity, Organisation, RecoveryRequest, User
from accounts.services import recovery
from accounts.services.recovery import looking_up
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FIND = "/admin/desk/"
CARE_IDENTITY = "555500009999"


@pytest.fixture
def elsewhere() -> Organisation:
    return make_organisation(code="111", name="Southern Elsewhere", domain="south.nhs.uk")


@pytest.fixture
def stranger(elsewhere: Organisation) -> User:
    person = make_user(
        username="111STRANGE01",
        given_name="Zelda",
        family_name="Strange",
        email="strange@south.nhs.uk",
        employee_number="20077777",
        organisation=elsewhere,
    )
    CareIdentity.objects.create(user=person, uid=CARE_IDENTITY)
    return person


def answer(desk: PortalClient, typed: str) -> str:
    """Return the page that a search leads to, without what was typed and what is new each time."""
    response = desk.get(FIND, {"q": typed})
    assert response.status_code == 200, typed
    page = response.text.split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"page-[0-9a-f]{16}", "", page.replace(typed, "…"))


def test_no_input_tells_another_organisations_people_from_people_who_do_not_exist(stranger: User) -> None:
    desk = at_work(make_agent())
    inputs = {
        "111STRANGE01": "111NOTHERE01",
        "Strange": "Estrangei",
        "Strange, Zelda": "Estrangei, Zelda",
        "strange@south.nhs.uk": "estrange@south.nhs.uk",
        "20077777": "20088888",
        "2007 77": "2008 88",
        CARE_IDENTITY: "555500008888",
    }
    for real, made_up in inputs.items():
        assert answer(desk, real) == answer(desk, made_up), real


def test_a_reference_tells_no_more_than_that_it_was_received(stranger: User) -> None:
    """It says the same while the request waits, once it is decided, and for an address that no person has."""
    desk = at_work(make_agent())
    references = [recovery.ask(email=stranger.email, date_of_birth=DATE_OF_BIRTH) for _ in range(2)]
    references.append(recovery.ask(email="nobody@south.nhs.uk", date_of_birth=DATE_OF_BIRTH))
    for reference in references[1:]:
        recovery.decide(request_id=RecoveryRequest.objects.get(reference=reference).pk)
    pages = {answer(desk, reference) for reference in references}
    assert len(pages) == 1
    assert str(looking_up.RECEIVED) in pages.pop()


def test_a_shared_mailbox_leads_to_the_agents_own_people_alone_whatever_the_date(stranger: User) -> None:
    """The dates that were tried are told apart by neither the people nor the page."""
    own = make_user(email=stranger.email, date_of_birth=DATE_OF_BIRTH + datetime.timedelta(days=9))
    desk = at_work(make_agent())
    for days in (0, 9, 40):
        born = DATE_OF_BIRTH + datetime.timedelta(days=days)
        reference = recovery.ask(email=own.email, date_of_birth=born)
        waiting = desk.get(FIND, {"q": reference})["Location"]
        recovery.decide(request_id=RecoveryRequest.objects.get(reference=reference).pk)
        assert desk.get(FIND, {"q": reference})["Location"] == waiting
        assert f"/{own.pk}/" in waiting
