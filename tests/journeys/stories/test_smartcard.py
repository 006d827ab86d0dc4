"""A smartcard that is to be needed no more, is left at home, is not read, or is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.journeys.at_care_identity import LOG_IN as CARE_IDENTITY
from tests.journeys.at_care_identity import card_of, go_to_the_card_reader, holder, insert, log_in_from_here
from tests.journeys.test_care_identity_cards import AMINA, BACK, WRONG
from tests.journeys.test_care_identity_outages import AGAIN, LONGEST_WAIT, NOT_ANSWERING, press_and_wait
from tests.journeys.test_internet_access import HOME, MANAGE, WORK, set_up
from tests.support.browser import DESKTOP, PHONE
from tests.support.care_identity import trust
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation
from tests.support.portal import free_port
from tests.support.stories import aside, story
from tests.support.welsh_walker import says

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox
    from tests.support.stand_in import StandIn

HARJIT, MONA = card_of("Harjit"), card_of("Mona")


def test_i_want_to_log_in_from_home(
    somebody: TypeOfPerson, care_identity: StandIn, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """Steps 8 and 9 of the guide: a smartcard and no password, at an organisation whose passwords stay inside."""
    organisation = make_organisation(requires_internet_access=True)
    trust(organisation, "10.20.0.0/16")
    amina = holder("Amina", organisation=organisation, password=None, care_identity_only=True, email="amina@nhs.net")
    at_work, at_home = (somebody(size=PHONE, also=[DESKTOP]) for _ in range(2))
    at_work.moves_to(WORK)
    at_home.moves_to(HOME)
    with story("I want to log in from home", at_work, at_home, ends="alone", presses=19, fields=8):
        doing.come_to_log_in(at_home)
        doing.ask_by_email(at_home, email=amina.email)
        deliver_mail()
        assert says(inbox.only(), MANAGE)
        assert not doing.links_in(inbox, amina.email)

        doing.come_to_log_in(at_work)
        log_in_from_here(at_work, care_identity, AMINA)
        at_work.sees("You have no password yet. With your smartcard you can set one up")
        at_work.press(MANAGE)
        at_work.sees("Not requested", amina.username, "a•••••@nhs.net")
        with aside(at_work):
            at_work.press("Set up internet access")
            at_work.sees("Select yes if this is your email address", "Enter a new password")
            set_up(at_work, password="password1")
            at_work.sees("Use at least 12 characters", "common password")
            assert at_work.field("Yes").is_checked()
        set_up(at_work)
        at_work.sees(f"You can now log in from anywhere with username {amina.username}", "On")
        deliver_mail()
        assert says(inbox.newest(amina.email), "You can now log in from anywhere")
        at_work.press("Go to My ESR")
        at_work.press("Log out")

        doing.log_in(at_home, amina, password=NEW_PASSWORD)
        assert at_home.path == "/my-esr/"
    at_home.sees("Your username and password work anywhere")


def test_my_smartcard_does_not_work_today(person: Walker, care_identity: StandIn) -> None:
    """A wrong passcode locks it; the username and password open ESR until it is unlocked."""
    user = holder("Harjit")
    with story("My smartcard does not work today", person, ends="alone", presses=13, fields=5):
        go_to_the_card_reader(person, care_identity)
        for _ in range(3):
            insert(person, HARJIT, passcode=WRONG)
        person.sees("This card is locked, because a wrong passcode was entered 3 times")
        with aside(person):
            insert(person, HARJIT)
            person.sees("This card is locked")
        unlocking = person.page.get_by_role("link", name=person.called("Unlock a demo card")).evaluate(
            "link => link.href"
        )
        person.follow("Cancel")
        assert person.heading == BACK
        person.follow("log in with your username and password")
        person.fill(username=user.username, password=PASSWORD)
        person.press(doing.LOG_IN)
        assert person.path == "/my-esr/"
    person.press("Log out")
    person.open(unlocking)
    person.press(f"Unlock the card of {HARJIT.name}")
    person.open("/log-in/")
    log_in_from_here(person, care_identity, HARJIT)
    assert person.path == "/my-esr/"


def test_care_identity_is_down(person: Walker, care_identity: StandIn, settings: Settings) -> None:
    user = holder("Amina")
    settings.CARE_IDENTITY_DISCOVERY_URL = f"http://localhost:{free_port()}/.well-known/openid-configuration"
    with story("Care Identity is down", person, ends="alone", presses=6, fields=2):
        doing.come_to_log_in(person)
        assert press_and_wait(person, CARE_IDENTITY) < LONGEST_WAIT
        assert person.heading == NOT_ANSWERING
        assert press_and_wait(person, AGAIN) < LONGEST_WAIT
        assert person.heading == NOT_ANSWERING
        person.follow("log in with your username and password")
        person.fill(username=user.username, password=PASSWORD)
        person.press(doing.LOG_IN)
        assert person.path == "/my-esr/"


def test_my_smartcard_is_lost_for_good(person: Walker, care_identity: StandIn) -> None:
    """It was cancelled, and its person never had a password."""
    mona = holder("Mona", password=None, care_identity_only=True)
    with story("My smartcard is lost for good", person, ends="call", presses=10, fields=2):
        go_to_the_card_reader(person, care_identity)
        insert(person, MONA)
        person.sees("This card was cancelled. Ask the team that issues smartcards for a new one")
        doing.look_at_a_desktop_too(person, "a cancelled card")
        person.follow("Cancel")
        person.follow("Why can’t I get in?", within="main")
        person.press("Find who stops my card")
        person.fill(name_of_your_organisation="Northern")
        person.press("Search")
        person.sees("Renew a smartcard", mona.organisation.smartcard_contact)
