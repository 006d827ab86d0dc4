"""An agent finds the person who calls, by what the caller says, in one box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import RecoveryRequest
from accounts.services import recovery
from helpdesk import desk_addresses
from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.helpdesk import at_work, make_agent, make_lead

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker

# The narrowest that agents work at.
NARROW_TABLET: ViewportSize = {"width": 768, "height": 1024}


def test_the_caller_is_found_by_name_by_reference_and_among_the_requests(somebody: TypeOfPerson) -> None:
    """With the keyboard alone: the box has the focus, and Enter sends it."""
    caller = make_user(given_name="Seán", family_name="O’Brien", email="sean@nhs.net")
    for given_name in ("Ann", "Bob"):
        make_user(given_name=given_name, family_name="Brightwell")
    reference = recovery.ask(email=caller.email, date_of_birth=DATE_OF_BIRTH)
    recovery.decide(request_id=RecoveryRequest.objects.get(reference=reference).pk)
    agent = somebody(size=DESKTOP, also=[NARROW_TABLET, PHONE])
    doing.go_on_from(agent, at_work(make_agent(family_name="Agent")))
    address = desk_addresses.of_person(key=caller.pk)

    agent.open("/admin/desk/")
    assert agent.heading == "Find a person"
    typed_and_sent(agent, "zugzwang")
    agent.look("no person is found")
    agent.sees("No person found", "Type the first letters alone")
    # What was typed is still in the box, which has the focus: it is typed anew.
    agent.page.keyboard.press("Control+A")
    typed_and_sent(agent, "brightw")
    agent.look("two people are found")
    agent.sees("2 people fit", "Ann Brightwell")
    agent.page.keyboard.press("Control+A")
    typed_and_sent(agent, "obrien, sean")
    assert agent.path == address

    agent.open("/admin/")
    typed_and_sent(agent, reference.lower().replace("-", " "))
    assert agent.path == address

    agent.open("/admin/desk/")
    agent.follow("Requests")
    agent.sees(reference, "It matched: a mail with a way in", "Waiting to be sent")
    agent.follow("Seán O’Brien")
    assert agent.path == address


def test_the_desks_pages_take_one_row_at_a_tablet_and_three_on_a_phone(somebody: TypeOfPerson) -> None:
    """A lead has the most. Events are rows of a table at a tablet, and blocks of lines on a phone."""
    lead = somebody(size=DESKTOP)
    doing.go_on_from(lead, at_work(make_lead()))
    for size, rows, display in ((DESKTOP, 1, "table-row"), (NARROW_TABLET, 1, "table-row"), (PHONE, 3, "block")):
        lead.page.set_viewport_size(size)
        lead.open("/admin/desk/events/")
        places = [link.bounding_box() for link in lead.page.locator(".desk-pages a").all()]
        assert len({place["y"] for place in places if place}) == rows
        row = lead.page.locator(".desk-table tbody tr").first
        assert row.evaluate("row => getComputedStyle(row).display") == display


def typed_and_sent(agent: Walker, words: str) -> None:
    """Type into the box that has the focus, and press Enter."""
    with agent.page.expect_navigation():
        agent.page.keyboard.type(words)
        agent.page.keyboard.press("Enter")
