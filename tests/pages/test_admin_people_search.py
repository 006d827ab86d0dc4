"""The search for people in the admin: whom it finds for an agent, how many, and at what cost."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from helpdesk import search
from tests.pages.test_admin_people import found
from tests.support.care_identity import link
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import PEOPLE, text
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ZOE: dict[str, Any] = {"given_name": "Zoë", "family_name": "O’Malley", "employee_number": "20000204"}
TYPED = "Zoë|zoe|O'Malley|omalley, zoe|2000 0204|20000204|111ZOMALLEY01|zomalley|zoe.o@|zoe.o|5550 0000 0101"


def test_no_way_of_searching_finds_a_person_of_another_organisation(
    desk: PortalClient, operators_desk: PortalClient
) -> None:
    """Threat: an agent of one organisation reads the people of another (OWASP ASVS 8.4.1)."""
    south = make_organisation(code="111", name="Southern", domain="south.nhs.uk")
    zoe = make_user(username="111ZOMALLEY01", email="zoe.o@south.nhs.uk", organisation=south, **ZOE)
    link(zoe, uid="555000000101")
    for typed in TYPED.split("|"):
        assert found(desk, q=typed) == set(), typed
        assert found(operators_desk, q=typed) == {"111ZOMALLEY01"}, typed


def test_of_more_people_than_an_agent_reads_the_list_says_that_there_are_more(
    desk: PortalClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(family_name="Gray")
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    assert len(found(desk, q="999")) == 2
    assert "2 or more people" in text(desk, f"{PEOPLE}?q=999")
    assert "or more" not in text(desk, f"{PEOPLE}?q=gray")


def test_a_search_asks_the_database_as_often_for_forty_people_as_for_one(desk: PortalClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found(desk, q="zoe")
        return len(captured)

    zoe = make_user(username="999ZMANY00", **ZOE)
    few = queries()
    same: dict[str, Any] = {"organisation": zoe.organisation, "date_of_birth": DATE_OF_BIRTH, "password": "!"}
    User.objects.bulk_create(
        User(**same | ZOE | {"username": f"999ZMANY{n}", "email": f"{n}@nhs.net", "employee_number": f"300000{n}"})
        for n in range(10, 50)
    )
    assert len(found(desk, q="zoe")) == 41
    assert queries() == few


def test_the_admin_finds_organisations_as_the_help_does(operators_desk: PortalClient, desk: PortalClient) -> None:
    def listed(client: PortalClient, typed: str) -> list[str]:
        page = BeautifulSoup(client.get("/admin/accounts/organisation/", {"q": typed}).text, "html.parser")
        return [cell.get_text() for cell in page.select(".field-name_shown")]

    make_organisation(code="101", name="King’s College Hospital")
    for typed in ("king's", "KCH", "colege", "101", "101JSMITH01"):
        assert listed(operators_desk, typed) == ["King’s College Hospital"], typed
        assert listed(desk, typed) == [], typed
    assert listed(desk, "northern") == ["Northern Test Hospitals"]
