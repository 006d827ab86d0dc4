"""A person calls who is locked out: from the search to mended in four presses, by mouse and by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from accounts.services import lockout, log_in
from tests.journeys import doing
from tests.support.browser import PHONE
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_agent

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.journeys.conftest import TypeOfPerson


DESK: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 768, "height": 1024}


def test_a_locked_person_is_found_and_unlocked_in_four_presses(somebody: TypeOfPerson) -> None:
    agent = somebody(size=DESK, also=[NARROW, PHONE])
    person = make_user(given_name="Jo", family_name="Smith")
    for _ in range(lockout.LIMIT):
        log_in.check_password(username=person.username, password="wrong")
    doing.go_on_from(agent, at_work(make_agent()))
    agent.open("/admin/desk/")
    agent.page.keyboard.type(person.username)
    with agent.page.expect_navigation(url=f"**/people/{person.pk}/"):
        agent.page.keyboard.press("Enter")
    agent.look("found")
    assert agent.heading == "Jo Smith"
    agent.sees("Not now: locked after too many wrong passwords", "10 in other browsers, locked until")
    for seen in (".desk-sentence", "button.desk-first", ".desk-events > li:last-child"):
        box = agent.page.locator(seen).bounding_box()
        assert box
        assert box["y"] + box["height"] <= 800, f"{seen} is below the fold"
    agent.page.locator("#id_note").fill("Jo Smith called from ward 4")
    with agent.page.expect_navigation(url=f"**/people/{person.pk}/"):
        agent.page.keyboard.press("Enter")
    agent.look("unlocked")
    agent.sees(f"{person.username} is unlocked and can log in now.")
    assert not lockout.is_locked(username=person.username)


def test_the_username_is_copied_and_it_is_said_each_time_whether_it_was(somebody: TypeOfPerson) -> None:
    agent, person = somebody(size=DESK), make_user()
    doing.go_on_from(agent, at_work(make_agent()))
    agent.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    agent.open(f"/admin/desk/people/{person.pk}/")
    said = agent.page.locator(".desk-copy__status")
    for _ in range(2):
        agent.button("Copy").click()
        expect(said).to_be_empty()
        expect(said).to_have_text("Copied")
    assert agent.page.evaluate("navigator.clipboard.readText()") == person.username
    agent.look("copied")
    agent.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()) }")
    agent.button("Copy").click()
    expect(said).to_have_text("Not copied. It is selected: copy it with your keyboard.")
    assert agent.page.evaluate("getSelection().toString()") == person.username
    agent.look("not copied")
