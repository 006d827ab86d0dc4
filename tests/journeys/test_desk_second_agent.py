"""A lost phone and a new address, on the telephone: agent, caller and second agent, each in a browser of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User
from tests.journeys import doing
from tests.support.authenticator import PhoneApp
from tests.support.browser import PHONE
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_agent, make_lead

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.journeys.conftest import TypeOfPerson

DESK: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 768, "height": 1024}


def test_a_caller_who_lost_their_phone_reads_a_code_and_is_given_another(somebody: TypeOfPerson) -> None:
    agent, caller = somebody(size=DESK), somebody(size=PHONE)
    person = make_user(given_name="Jo", family_name="Smith")
    PhoneApp.of(person)
    doing.go_on_from(agent, at_work(make_agent(given_name="Pat", family_name="Desk")))
    agent.open("/admin/desk/")
    # From the search to the code: Enter, the action, the form, and the code when the caller is ready to write.
    agent.page.keyboard.type(person.username)
    with agent.page.expect_navigation(url=f"**/people/{person.pk}/"):
        agent.page.keyboard.press("Enter")
    agent.page.get_by_text("Give a code for a new second step").first.click()
    agent.look("check the caller")
    word = agent.page.locator(".desk-word").inner_text()
    # They are still logged in at the ward, with the app that they do not have any more.
    doing.go_on_from(caller, at_work(person))
    caller.open("/my-esr/helpdesk-code/")
    caller.look("code for the helpdesk")
    caller.sees(word, "Pat has asked for it.")
    code = caller.page.locator("main strong").nth(1).inner_text()
    agent.page.get_by_label("They read me the code").check()
    agent.page.get_by_label("Their code").fill(code)
    agent.page.get_by_label("Why").fill("Phone fell into the bath")
    agent.page.get_by_role("button", name="Give a code for a new second step").click()
    agent.page.get_by_role("button", name="Show the code").wait_for()
    agent.look("approved")
    agent.page.get_by_role("button", name="Show the code").click()
    agent.page.locator(".desk-code").wait_for()
    agent.look("code to read out")
    assert len(agent.page.locator(".desk-code").inner_text().replace(" ", "")) == 8


def test_without_a_check_a_new_address_waits_for_a_second_agent(somebody: TypeOfPerson) -> None:
    agent, lead = (somebody(size=DESK, also=[NARROW]) for _ in range(2))
    person = make_user(given_name="Jo", family_name="Smith", email="jo.smith@nhs.net")
    doing.go_on_from(agent, at_work(make_agent(given_name="Pat", family_name="Desk")))
    agent.open(f"/admin/desk/people/{person.pk}/change_email/")
    agent.page.get_by_label("New email address").fill("jo.jones@nhs.net")
    agent.page.get_by_label("I could not find out").check()
    agent.page.get_by_role("button", name="Change the email address").click()
    agent.look("a reason is missing")
    agent.sees("Enter a reason")
    agent.page.get_by_label("Why").fill("Married")
    agent.page.get_by_role("button", name="Change the email address").click()
    agent.page.get_by_role("button", name="Take it back").wait_for()
    agent.look("waits")
    doing.go_on_from(lead, at_work(make_lead(given_name="Lee", family_name="Lead")))
    lead.open("/admin/desk/second-agent/")
    lead.look("queue")
    lead.page.get_by_role("link", name="Change the email address").click()
    lead.page.get_by_role("button", name="Agree").wait_for()
    lead.look("decide")
    lead.sees("jo.smith@nhs.net", "jo.jones@nhs.net", "Married", "Pat Desk")
    lead.page.get_by_role("button", name="Agree").click()
    lead.page.get_by_text("You agreed, and it is done.").wait_for()
    lead.look("agreed")
    assert User.objects.get(pk=person.pk).email == "jo.jones@nhs.net"
