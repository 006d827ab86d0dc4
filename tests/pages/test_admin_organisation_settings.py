"""What an organisation's administrator sets in the admin: dormancy, how long events are kept, where leavers ask."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup

from accounts.models import Organisation, SecurityEvent
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import events_kept
from tests.pages.test_admin_trusted_networks import form, page_of
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work
from tests.support.keeping_events import keep
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"dormant_after_days": "59"}, "Enter 60 or more."),
        ({"dormant_after_days": "-5"}, "Enter 60 or more."),
        ({"dormant_after_days": "1096"}, "Enter 1095 or less."),
        ({"events_kept_days": "399"}, "Enter 400 or more."),
        ({"events_kept_days": "2191"}, "Enter 2190 or less."),
        ({"events_kept_days": "a year"}, "Enter a whole number."),
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
    assert (stored.events_kept_days, stored.events_kept_since) == (None, None)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("dormant_after_days", "60", "1095"), ("events_kept_days", "400", "2190")]
)
def test_the_box_says_to_the_browser_how_many_days_it_takes(name: str, least: str, most: str) -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    page = BeautifulSoup(at_work(boss).get(page_of(boss.organisation)).content, "html.parser")
    box = page.select_one(f"#id_{name}")
    assert box
    assert (box["min"], box["max"]) == (least, most)


def test_dormancy_is_set_and_taken_away_again() -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    desk, organisation = at_work(boss), boss.organisation
    for typed, stored in (("180", 180), ("", None)):
        desk.post(page_of(organisation), form(Organisation.objects.get(), dormant_after_days=typed))
        assert Organisation.objects.get().dormant_after_days == stored


def test_how_long_events_are_kept_is_set_lowered_and_taken_back(travel: Travel) -> None:
    """A number that is raised again lets the week of the last lower one run on: nothing goes sooner by it."""
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    desk, organisation = at_work(boss), boss.organisation
    lowered = []
    for typed, stored in (("2000", 2000), ("400", 400), ("2000", 2000), ("", None)):
        travel(minutes=2)
        sent = form(Organisation.objects.get(), events_kept_days=typed)
        assert desk.post(page_of(organisation), sent).status_code == 302
        now = Organisation.objects.get()
        assert now.events_kept_days == stored
        lowered.append(now.events_kept_since)
    first, second, third, fourth = lowered
    assert first is not None
    assert second is not None
    assert second - first > datetime.timedelta(minutes=1)
    assert (third, fourth) == (second, None)
    recorded = SecurityEvent.objects.filter(event=Event.EVENTS_KEPT_CHANGED).order_by("pk")
    assert [row.reason.removeprefix("999_") for row in recorded] == [
        *("none_to_2000", "2000_to_400", "400_to_2000", "2000_to_none"),
    ]


def test_another_setting_that_is_saved_says_nothing_of_events_and_begins_no_week() -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    keep(boss.organisation, 500)
    before = Organisation.objects.get()
    at_work(boss).post(page_of(before), form(before, events_kept_days="500", dormant_after_days="180"))
    after = Organisation.objects.get()
    assert (after.dormant_after_days, after.events_kept_days) == (180, 500)
    assert after.events_kept_since == before.events_kept_since
    assert not SecurityEvent.objects.filter(event=Event.EVENTS_KEPT_CHANGED).exists()


def test_the_page_says_before_it_is_saved_that_events_are_deleted_for_good_and_from_when() -> None:
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    page = BeautifulSoup(at_work(boss).get(page_of(boss.organisation)).content, "html.parser")
    box = page.select_one("#id_events_kept_days")
    assert box
    hint = page.select_one(f"#{str(box['aria-describedby']).split()[0]}")
    assert hint
    said = " ".join(hint.get_text(" ").split())
    assert "deleted for good" in said
    assert f"deletes nothing for {events_kept.HELD_FOR.days} days" in said
    assert "What agents did" in said


def test_an_operator_adds_an_organisation_that_keeps_events_for_less(operators_desk: PortalClient) -> None:
    facts: dict[str, Any] = {
        "code": "321",
        "name": "West",
        "support_email": "esr@west.nhs.example",
        "events_kept_days": "730",
    }
    new = form(make_organisation(), **facts)
    assert operators_desk.post("/admin/accounts/organisation/add/", new).status_code == 302
    added = Organisation.objects.get(code="321")
    assert added.events_kept_days == 730
    assert added.events_kept_since is not None
    assert SecurityEvent.objects.get(event=Event.EVENTS_KEPT_CHANGED).reason == "321_none_to_730"


def test_those_who_may_not_change_it_read_it() -> None:
    auditor = make_user(role=Role.AUDITOR)
    keep(auditor.organisation, 730)
    page = at_work(auditor).get(page_of(auditor.organisation))
    assert "730" in page.text
    assert "id_events_kept_days" not in page.text
