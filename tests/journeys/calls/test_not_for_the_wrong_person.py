"""Calls that end with nothing changed: the caller is another person, or the agent is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import CallerCheck, Proposal, SecurityEvent, User
from accounts.models.proposal import State
from accounts.models.security_event import Event
from accounts.services import caller_checks
from helpdesk import desk_addresses
from tests.journeys import doing
from tests.journeys.calls import at_the_desk
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, lock, make_agent
from tests.support.keyboard import Keyboard

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson

CHANGE = "Change the email address"
NEW = ("New email address", "mallory@nhs.net")


def jo() -> User:
    """Return the person on record."""
    return make_user(given_name="Jo", family_name="Smith", email="jo.smith@nhs.net")


def test_a_caller_who_is_not_the_person_gets_nothing_changed(agent: Keyboard) -> None:
    """They know the name and guess at the code. The check ends, and the agent reads what to do."""
    person = jo()
    at_the_desk.find(agent, person)
    agent.activate(CHANGE)
    right = at_the_desk.code_of(person).replace(" ", "")
    guess = f"{(int(right) + 1) % 10**caller_checks.DIGITS:06}"
    at_the_desk.ask(agent, CHANGE, code=guess, value=NEW, reason="Married, says the caller")
    agent.person.sees("This is not the code. Ask for it again: 4 tries are left.")
    for _ in range(caller_checks.MOST_WRONG_TRIES - 1):
        agent.type_into("Their code", guess)
        agent.activate_here("Their code")
    agent.person.sees("This check is over. There is a new word and a new code: begin again.")
    # They could not find out: it waits for a second agent, who would ask anew.
    agent.tab_to("They read me the code")
    agent.press("ArrowUp")
    agent.activate(CHANGE)
    agent.person.sees("waits for a second agent")
    person.refresh_from_db()
    assert person.email == "jo.smith@nhs.net"
    assert Proposal.objects.get(user=person).state == State.WAITING
    wrong = SecurityEvent.objects.filter(user=person, event=Event.CALLER_CHECK_FAILED)
    assert wrong.count() == caller_checks.MOST_WRONG_TRIES


def test_two_agents_do_not_share_one_code(agent: Keyboard, somebody: TypeOfPerson) -> None:
    """The caller reads the code to Pat, who passes it on: it is worth nothing to Sam, whose check has another."""
    person = jo()
    at_the_desk.find(agent, person)
    agent.activate(CHANGE)
    code = at_the_desk.code_of(person)
    at_the_desk.ask(agent, CHANGE, code=code, value=("New email address", person.email), reason="To have it checked")
    agent.person.sees("There is nothing to do: it is so already.")
    # Pat's check counts now. Sam has the code, and asks for what Pat would not.
    walker = somebody()
    doing.go_on_from(walker, at_work(make_agent(given_name="Sam", family_name="Desk")))
    walker.open("/admin/desk/")
    sam = Keyboard(walker)
    at_the_desk.find(sam, person)
    sam.activate(CHANGE)
    assert walker.page.get_by_text("You have checked the caller").count() == 0
    at_the_desk.ask(sam, CHANGE, code=code, value=NEW, reason="Married")
    walker.sees("This is not the code.")
    person.refresh_from_db()
    assert person.email == "jo.smith@nhs.net"
    assert not Proposal.objects.exists()
    assert CallerCheck.objects.filter(passed_at__isnull=False).count() == 1


def test_an_agent_mends_nothing_on_their_own_account(agent: Keyboard, pat: User) -> None:
    """The page says so, and has nothing to press. What is sent all the same is refused (tests/security)."""
    lock(pat)
    at_the_desk.find(agent, pat)
    agent.person.sees("This is you. Another agent has to do what you need.")
    main = agent.person.page.locator("main")
    assert main.get_by_role("button").all_inner_texts() == [agent.person.called("Copy")]
    assert main.get_by_role("link").count() == 0
    agent.person.open(f"{desk_addresses.of_person(key=pat.pk)}change_email/", status=403)
