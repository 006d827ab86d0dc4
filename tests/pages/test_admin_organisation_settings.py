"""What an organisation's administrator sets in the admin: dormancy, and where leavers ask for payslips."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from accounts.models import Organisation
from accounts.models.role import Role
from tests.pages.test_admin_trusted_networks import form, page_of
from tests.support.factories import make_user
from tests.support.helpdesk import at_work

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"dormant_after_days": "59"}, "Enter 60 or more."),
        ({"dormant_after_days": "-5"}, "Enter 60 or more."),
        ({"dormant_after_days": "1096"}, "Enter 1095 or less."),
        ({"payslip_address": "http://payslips.example"}, "or a web address that begins with https"),
        ({"payslip_address": "room 5"}, "Put an email address"),
    ],
)
def test_what_cannot_be_set_is_said(typed: dict[str, Any], says: str) -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    desk = at_work(boss)
    answer = desk.post(page_of(boss.organisation), form(boss.organisation, **typed))
    assert says in answer.text
    stored = Organisation.objects.get()
    assert (stored.dormant_after_days, stored.payslip_address) == (None, "")


def test_the_box_says_to_the_browser_how_many_days_it_takes() -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    page = BeautifulSoup(at_work(boss).get(page_of(boss.organisation)).content, "html.parser")
    box = page.select_one("#id_dormant_after_days")
    assert box
    assert (box["min"], box["max"]) == ("60", "1095")


def test_dormancy_is_set_and_taken_away_again() -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    desk, organisation = at_work(boss), boss.organisation
    for typed, stored in (("180", 180), ("", None)):
        desk.post(page_of(organisation), form(organisation, dormant_after_days=typed))
        assert Organisation.objects.get().dormant_after_days == stored
