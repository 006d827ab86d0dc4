"""Ten calls, each from the search to mended in four presses at most, by an agent who has no mouse."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import BootstrapCode, CareIdentity, OutboxMessage, User
from accounts.models.security_event import Event
from accounts.services import internet_access, lockout
from helpdesk import second_step_state
from tests.journeys.calls import at_the_desk
from tests.support import situations
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.freezing import recover
from tests.support.helpdesk import lock
from tests.support.stories import call

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.keyboard import Keyboard

DAY = datetime.timedelta(days=1)


def jo(**facts: Any) -> User:
    """Return the person who calls."""
    return make_user(given_name="Jo", family_name="Smith", **facts)


def test_i_am_locked_out(agent: Keyboard) -> None:
    person = jo()
    lock(person)
    with call("I am locked out", agent.person, presses=2):
        at_the_desk.find(agent, person)
        agent.person.sees("Not now: locked after too many wrong passwords")
        at_the_desk.do(agent, "Unlock", note="Jo called from ward 4")
        agent.person.sees("is unlocked and can log in now.")
    assert not lockout.is_locked(username=person.username)


def test_my_contract_was_extended_and_i_cannot_get_in(agent: Keyboard) -> None:
    person, until = jo(ends_on=timezone.localdate() - DAY), timezone.localdate() + 90 * DAY
    with call("My contract was extended and I cannot get in", agent.person, presses=4):
        at_the_desk.find(agent, person)
        agent.person.sees("No: their last day was")
        agent.activate("Change the last day")
        for name, number in (("Day", until.day), ("Month", until.month), ("Year", until.year)):
            agent.tab_to(name)
            # What stands there is selected, as Tab does it: typing replaces it.
            agent.type_here(str(number))
        agent.type_into(at_the_desk.NOTE, "Extended, says the ward manager")
        agent.activate("Continue")
        agent.activate("Change the last day")
        agent.person.sees("The last day of")
    person.refresh_from_db()
    assert person.ends_on == until
    assert person.may_enter()


def test_i_am_new_and_have_no_password(agent: Keyboard) -> None:
    person = jo(password=None)
    with call("I am new and have no password", agent.person, presses=2):
        at_the_desk.find(agent, person)
        agent.person.sees("Not yet: they have no password.")
        at_the_desk.do(agent, "Send recovery email", note="Started on Monday")
        agent.person.sees("is on its way to j")
    (mail,) = OutboxMessage.objects.filter(about__users=[person.pk])
    assert mail.kind == "recovery"


def test_no_email_has_come(agent: Keyboard) -> None:
    """The mail server of the address on record returned it. The caller stands at the desk with their card."""
    person = jo(email="jo.smith@nhs.net")
    situations.mailed(sent=True)(person)
    situations.came_back(person)
    with call("No email has come", agent.person, presses=4):
        at_the_desk.find(agent, person)
        agent.person.sees("came back")
        agent.activate("Change the email address")
        agent.type_into("New email address", "jo.jones@nhs.net")
        agent.tab_to("They read me the code")
        # Among radio buttons an arrow goes on and selects.
        agent.press("ArrowDown")
        agent.type_into("Why", "The mailbox is gone since the merger")
        agent.activate("Change the email address")
        at_the_desk.sees_done(agent, "Change the email address")
    person.refresh_from_db()
    assert person.email == "jo.jones@nhs.net"


def test_i_lost_the_phone_with_my_codes(agent: Keyboard) -> None:
    person = jo()
    PhoneApp.of(person)
    with call("I lost the phone with my codes", agent.person, presses=4):
        at_the_desk.find(agent, person)
        agent.activate("Give a code for a new second step")
        at_the_desk.ask(
            agent,
            "Give a code for a new second step",
            code=at_the_desk.code_of(person),
            reason="Phone fell into a bath",
        )
        agent.activate("Show the code")
        assert len(agent.person.page.locator(".desk-code").inner_text().replace(" ", "")) == 8
    assert BootstrapCode.objects.filter(user=person).exists()


def test_my_email_address_is_another_one_now(agent: Keyboard) -> None:
    person = jo(email="jo.smith@nhs.net")
    with call("My email address is another one now", agent.person, presses=3):
        at_the_desk.find(agent, person)
        agent.activate("Change the email address")
        new = ("New email address", "jo.jones@nhs.net")
        code = at_the_desk.code_of(person)
        at_the_desk.ask(agent, "Change the email address", code=code, value=new, reason="Married")
        at_the_desk.sees_done(agent, "Change the email address")
    person.refresh_from_db()
    assert person.email == "jo.jones@nhs.net"


def test_the_form_says_my_date_of_birth_is_wrong(agent: Keyboard) -> None:
    """What is typed is compared and not shown: the caller had given the form another day."""
    person = jo()
    situations.asked(1)(person)
    with call("The form says my date of birth is wrong", agent.person, presses=3):
        at_the_desk.find(agent, person)
        agent.activate("Compare a date of birth")
        born = person.date_of_birth
        for name, number in (("Day", born.day), ("Month", born.month), ("Year", born.year)):
            agent.type_into(name, str(number))
        agent.type_into(at_the_desk.NOTE, "The form refuses their date")
        agent.activate("Compare")
        agent.person.sees("Match: it is the date of birth of")


def test_it_works_on_the_ward_and_not_at_home(agent: Keyboard) -> None:
    person = jo()
    situations.organisation(requires_internet_access=True)(person)
    situations.happened(Event.LOG_IN_REFUSED, "outside_network", minutes=3)(person)
    with call("It works on the ward and not at home", agent.person, presses=2):
        at_the_desk.find(agent, person)
        agent.person.sees("they have no internet access, and tried outside")
        at_the_desk.do(agent, "Give internet access", note="Works from home on Fridays")
        agent.person.sees("has internet access now, and is told by email.")
    assert internet_access.status(user=User.objects.get(pk=person.pk)) is internet_access.Status.ON


def test_no_code_of_my_app_is_taken(agent: Keyboard) -> None:
    person = jo()
    situations.waits(wrong_in_a_row=10)(person)
    with call("No code of my app is taken", agent.person, presses=2):
        at_the_desk.find(agent, person)
        agent.person.sees("No code of their app is looked at now, after wrong ones")
        at_the_desk.do(agent, "Lift the wait after wrong codes", note="Their phone had the wrong time")
        agent.person.sees("can type a code again now.")
    assert second_step_state.waits(person=User.objects.get(pk=person.pk)).app is None


def test_my_smartcard_is_not_linked(agent: Keyboard, settings: Settings) -> None:
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/"
    person = jo()
    situations.happened(Event.LOG_IN_REFUSED, "care_identity_not_linked", minutes=3)(person)
    with call("My smartcard is not linked", agent.person, presses=3):
        at_the_desk.find(agent, person)
        agent.person.sees("no Care Identity is linked to their record any more.")
        agent.activate("Link a Care Identity")
        new = ("Number of the Care Identity", "5550 0000 0999")
        code = at_the_desk.code_of(person)
        at_the_desk.ask(agent, "Link a Care Identity", code=code, value=new, reason="A new card")
        at_the_desk.sees_done(agent, "Link a Care Identity")
    assert CareIdentity.objects.get(user=person).uid == "555000000999"


def test_i_pressed_this_was_not_me_by_mistake(agent: Keyboard) -> None:
    person = jo()
    situations.freeze(person)
    with call("I pressed “this was not me” by mistake", agent.person, presses=2):
        at_the_desk.find(agent, person)
        agent.person.sees("frozen")
        at_the_desk.do(agent, "Send recovery email", note="Did not know the new browser as theirs")
        agent.person.sees("is on its way to j")
    recover(person)
    person.refresh_from_db()
    assert not person.password_is_frozen()
