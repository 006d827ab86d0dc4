"""What agents do in calls again and again, by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from accounts.models import User
from accounts.services import caller_checks

if TYPE_CHECKING:
    from tests.support.keyboard import Keyboard

NOTE = "Who called, and why?"
BOX = "Name, username, ESR number, email address, Care Identity or recovery reference"


def find(agent: Keyboard, person: User) -> None:
    """Type a username into the box that has the focus, and press Enter: the page of the person comes."""
    agent.lands_on(BOX)
    agent.type_here(person.username)
    agent.activate_here(BOX)
    assert agent.person.heading == person.get_full_name()


def do(agent: Keyboard, action: str, *, note: str) -> None:
    """Write who called, and press the button of an action."""
    agent.type_into(NOTE, note)
    agent.activate(action)


def ask(agent: Keyboard, action: str, *, code: str = "", value: tuple[str, str] | None = None, reason: str) -> None:
    """Fill in the form of an action that takes a check of the caller, and send it.

    `code` is what the caller reads out; without, the caller has been checked or stands before the agent. `value` is
    the label of the new fact, and what is typed.
    """
    if value:
        agent.type_into(*value)
    if code:
        agent.type_into("Their code", code)
    agent.type_into("Why", reason)
    agent.activate(action)


def sees_done(agent: Keyboard, action: str) -> None:
    """Wait for the banner which says that an action was done."""
    agent.person.sees("Done:")
    expect(agent.person.page.get_by_role("alert")).to_contain_text(f"{agent.person.called(action)}.")


def code_of(person: User) -> str:
    """Return the code that a person reads out, as their own page of My ESR shows it (see test_desk_second_agent.py)."""
    return caller_checks.shown_to(person=User.objects.get(pk=person.pk))[0].code
