"""Somebody says that an address of the network is guessing: an agent finds what it did, and to whom."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import filing_events
from helpdesk import desk_addresses
from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_lead

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.journeys.conftest import TypeOfPerson

# The narrowest that agents work at.
NARROW_TABLET: ViewportSize = {"width": 768, "height": 1024}
GUESSER = "203.0.113.9"


def test_what_an_address_did_is_found_with_the_keyboard_alone(somebody: TypeOfPerson) -> None:
    people = [make_user(given_name=name, family_name="Brightwell") for name in ("Ann", "Bob", "Cem")]
    lead = make_lead(family_name="Lead")
    for number in range(60):
        at = timezone.now() - datetime.timedelta(minutes=number)
        SecurityEvent.objects.create(
            event=Event.LOG_IN_FAILED, user=people[number % 3], at=at, address=GUESSER, device="Chrome on Windows"
        )
    for number, person in enumerate(people):
        at = timezone.now() - datetime.timedelta(minutes=number)
        SecurityEvent.objects.create(event=Event.LOGGED_IN, user=person, at=at, address=f"192.0.2.{number}")
        SecurityEvent.objects.create(event=Event.UNLOCKED, user=person, at=at, by=lead, note="Called from ward 4")
    filing_events.file_new()
    agent = somebody(size=DESKTOP, also=[NARROW_TABLET, PHONE])
    doing.go_on_from(agent, at_work(lead))

    agent.open("/admin/desk/")
    agent.follow("Events")
    agent.sees("Log-in failed", GUESSER, "Called from ward 4")

    # Tabs lead through the boxes in the order in which they are read.
    agent.page.get_by_label("Address or network").focus()
    agent.page.keyboard.type("203.0.113.0/33")
    with agent.page.expect_navigation():
        agent.page.keyboard.press("Enter")
    agent.look("the network is none")
    agent.sees("Write a network like 10.20.0.0/16")
    agent.page.get_by_label("Address or network").focus()
    agent.page.keyboard.press("Control+A")
    agent.page.keyboard.type("203.0.113.0/24")
    with agent.page.expect_navigation():
        agent.page.keyboard.press("Enter")
    agent.look("what the network did")
    assert agent.page.locator("tbody tr").count() == 50
    agent.follow("Earlier events")
    assert agent.page.locator("tbody tr").count() == 10

    agent.page.get_by_label("What happened").select_option("Logged in")
    with agent.page.expect_navigation():
        agent.page.get_by_role("button", name="Find events").click()
    agent.look("nothing fits")
    agent.sees("There is none.")

    agent.open(f"/admin/desk/events/?person={people[0].username}")
    agent.page.locator(f'a[href="{desk_addresses.of_person(key=people[0].pk)}"]').first.click()
    agent.page.wait_for_url(f"**{desk_addresses.of_person(key=people[0].pk)}")
