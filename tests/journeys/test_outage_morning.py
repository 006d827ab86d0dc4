"""The morning after an outage: a lead opens the overview, lets in those who were locked, and one of them gets in."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import daily_counts, lockout, log_in
from accounts.services.events import Origin, coming_from
from tests.journeys import doing
from tests.support.browser import PHONE
from tests.support.factories import PASSWORD, make_user
from tests.support.helpdesk import at_work, make_lead

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.journeys.conftest import TypeOfPerson

DESK: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 768, "height": 1024}
HERE, ELSEWHERE = "127.0.0.1", "198.51.100.9"


def test_a_lead_lets_in_those_whom_an_outage_has_locked_in_four_presses(somebody: TypeOfPerson) -> None:
    people = [make_user(given_name="Jo", family_name=name) for name in ("Adams", "Brown", "Clark")]
    guessed_at = make_user()
    for person in people:
        locked_out(person, HERE)
    locked_out(guessed_at, ELSEWHERE)
    daily_counts.count_day(day=timezone.localdate())
    lead = somebody(size=DESK, also=[NARROW, PHONE])
    doing.go_on_from(lead, at_work(make_lead(family_name="Lead")))
    lead.open("/admin/desk/")
    begun = lead.tally.presses
    lead.follow("Overview")
    assert lead.heading == "Northern Test Hospitals\nThe last 30 days"
    lead.sees("Failed log-ins", "Wrong password")
    lead.look("overview")
    lead.follow("Unlock many after an outage")
    lead.look("which outage")
    lead.press("Show who it would be")
    assert lead.heading == "3 people can be let in"
    lead.sees("Jo Adams", "it may be a stranger who guesses")
    lead.look("who it would be")
    lead.page.locator("#id_note").fill("The database was away this morning")
    lead.press("Let 3 people in")
    assert lead.heading == "3 people were let in"
    lead.look("done")
    assert lead.tally.presses - begun == 4

    inside = somebody()
    doing.log_in_here(inside, people[0])
    inside.sees("Jo Adams")
    assert not any(lockout.is_locked(username=person.username) for person in people)
    assert lockout.is_locked(username=guessed_at.username)


def test_a_lead_does_it_with_the_keyboard_alone(somebody: TypeOfPerson) -> None:
    person = make_user()
    locked_out(person, HERE)
    lead = somebody(size=DESK)
    doing.go_on_from(lead, at_work(make_lead()))
    lead.open("/admin/desk/unlock-many/")
    lead.page.locator("#id_ends").focus()
    with lead.page.expect_navigation(url="**/unlock-many/*/"):
        lead.page.keyboard.press("Enter")
    lead.page.locator("#id_note").focus()
    lead.page.keyboard.type("The database was away")
    with lead.page.expect_navigation():
        lead.page.keyboard.press("Enter")
    assert lead.heading == "1 person was let in"
    assert log_in.check_password(username=person.username, password=PASSWORD).user == person


def locked_out(person: User, address: str) -> None:
    """Have been in from here some days ago, and typed the wrong password ten times now, from `address`."""
    before = timezone.now() - datetime.timedelta(days=3)
    SecurityEvent.objects.create(event=Event.LOGGED_IN, user=person, address=HERE, at=before)
    with coming_from(Origin(address=address)):
        for _ in range(lockout.LIMIT):
            log_in.check_password(username=person.username, password="wrong")
