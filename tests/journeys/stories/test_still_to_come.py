"""Situations that end in a call today, or with a part of what the person needs: what they meet, honestly."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.core.management import call_command

from tests.journeys import doing
from tests.journeys.at_care_identity import card_of, holder, log_in_from_here
from tests.journeys.test_care_identity_refused import nobody_is_logged_in, reasons
from tests.support.authenticator import PhoneApp
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent
from tests.support.leavers import PAYSLIPS, PERSONAL, WORDS, make_leaver, with_address
from tests.support.stories import story
from tests.support.welsh_walker import WelshWalker, says, subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox
    from tests.support.stand_in import StandIn
    from tests.support.travel import Travel

    Deliver = Callable[[], None]

DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def test_an_email_came_that_i_did_not_ask_for(
    somebody: TypeOfPerson, person: Walker, inbox: Inbox, deliver_mail: Deliver, travel: Travel
) -> None:
    """A thief has talked the person out of password and code, and has changed the password. One press stops it."""
    user, thief = make_user(), somebody()
    app = PhoneApp.of(user)
    thief.page.goto(f"{thief.url}/log-in/?next=/change-password/")
    thief.fill(username=user.username, password=PASSWORD)
    thief.send(doing.LOG_IN)
    thief.fill(**{"6-digit code": app.code()})
    thief.send("Continue")
    thief.fill(current_password=PASSWORD, new_password="harbour velvet biscuit")
    thief.send("Change password")
    deliver_mail()
    mail = inbox.only()
    assert subject(mail) == "Your ESR password was changed"
    assert user.organisation.support_email in mail.text
    [link] = mail.links
    with story("An email came that I did not ask for", person, ends="alone", presses=9, fields=7):
        person.open(link)
        assert person.heading == "Was this not you?"
        person.press("It was not me: stop it")
        assert person.heading == "Your account is stopped"
        person.press("Set a new password by email")
        doing.fill_in_recovery(person, email=user.email)
        deliver_mail()
        doing.set_new_password(person, link=doing.links_in(inbox, user.email)[0], password=NEW_PASSWORD)
        person.press("Login to ESR")
        person.fill(password=NEW_PASSWORD)
        person.press(doing.LOG_IN)
        person.fill(**{"6-digit code": app.code_after(travel)})
        person.press("Continue")
        assert person.path == "/my-esr/"
    person.does_not_see("Your password is frozen")
    thief.open("/my-esr/")
    assert thief.heading == "Login to ESR"
    thief.fill(username=user.username, password="harbour velvet biscuit")
    thief.send(doing.LOG_IN)
    assert thief.heading == "Login to ESR"
    told = {mail.subject for mail in inbox.to(user.organisation.support_email)}
    assert told == {"An ESR account was stopped: its person says that something was not them"}


def test_my_record_has_an_old_email_address(
    somebody: TypeOfPerson, care_identity: StandIn, inbox: Inbox, deliver_mail: Deliver
) -> None:
    """With a smartcard they are in, and ask for the correction; an agent decides about it, without a call."""
    person = somebody(size=DESKTOP, also=[PHONE])
    user = holder("Ewa", email="ewa@old.nhs.example")
    with story("My record has an old email address", person, ends="partly", presses=11, fields=2):
        doing.come_to_log_in(person)
        log_in_from_here(person, care_identity, card_of("Ewa"))
        assert person.path == "/my-esr/"
        person.follow("Correct your email address")
        person.fill(new_email_address="ewa.new@nhs.net")
        person.press("Send a link to this address")
        deliver_mail()
        person.open(inbox.newest("ewa.new@nhs.net").links[0])
        person.press("Confirm")
        person.sees("decides now whether it goes onto your record")
    agent = somebody(size=DESKTOP)
    doing.go_on_from(agent, at_work(make_agent(organisation=user.organisation)))
    agent.open("/admin/desk/corrections/")
    agent.follow(user.get_full_name())
    agent.sees("ewa@old.nhs.example", "ewa.new@nhs.net", "Shown to the portal on")
    agent.fill(your_reason="HR has this address")
    agent.press("Accept")
    agent.sees("The new address is on record.")
    deliver_mail()
    for address in ("ewa@old.nhs.example", "ewa.new@nhs.net"):
        assert subject(inbox.newest(address)) == "Your ESR email address was changed"


def test_my_record_has_an_old_email_address_and_i_have_no_smartcard(
    somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Deliver
) -> None:
    """Nothing comes. Step 7 of the guide: the organisation's ESR address, with Name and ESR number."""
    person = somebody(size=PHONE, also=[DESKTOP])
    make_organisation(code="999", name="Northern Test Hospitals", support_email="esr@north.nhs.example")
    make_organisation(code="998", name="Southern Test Trust", support_email="esr@south.nhs.example")
    make_user(email="jo.smith@old.nhs.example")
    with story("My record has an old email address and I have no smartcard", person, ends="call", presses=7, fields=6):
        doing.come_to_log_in(person)
        doing.ask_by_email(person, email="jo.smith@nhs.net")
        deliver_mail()
        assert not inbox.mails
        person.follow("Find your organisation’s ESR contact", within="main")
        person.fill(name_of_your_organisation="no such place")
        person.press("Search")
        person.sees("No organisation found for “no such place”")
        person.fill(name_of_your_organisation="northern")
        person.press("Search")
        address = person.page.get_by_role("link", name="esr@north.nhs.example").first.get_attribute("href") or ""
        assert address.startswith("mailto:esr@north.nhs.example?")
        assert person.called("Name") in address
        assert quote(person.called("ESR number")) in address
        person.does_not_see("Southern Test Trust")
    person.fill(name_of_your_organisation="")
    person.press("Search")


def test_i_have_left_and_need_my_payslip(somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Deliver) -> None:
    """Three weeks later: the log-in page says what it says of a wrong password, the personal address gets the page."""
    person = somebody(size=PHONE, also=[DESKTOP])
    user = make_leaver(days=-21)
    with_address(user)
    with story("I have left and need my payslip", person, ends="partly", presses=7, fields=6):
        doing.log_in(person, user)
        person.sees("The username or password is not right, or the username is locked")
        doing.ask_by_email(person, email=PERSONAL)
        deliver_mail()
        person.open(inbox.newest(PERSONAL).links[0])
        person.press("Show")
        assert person.heading == "What you may still do"
        address = person.page.get_by_role("link", name=PAYSLIPS).get_attribute("href") or ""
        assert address.startswith(f"mailto:{PAYSLIPS}?")
        person.sees(WORDS, user.organisation.support_email)
        person.does_not_see(user.username, user.get_full_name(), user.employee_number)
    person.press("Close the page here")
    assert nobody_is_logged_in(person)
    # Without a personal address: the contact, in the email to the address on record.
    doing.recover_unseen(person, email=user.email)
    deliver_mail()
    assert says(inbox.newest(user.email), "need a payslip or a P60")
    assert not doing.links_in(inbox, user.email)
    for page in ("Accessibility statement", "Privacy", "Cookies"):
        person.follow(page, within="footer")
        assert person.heading == page


def test_my_contract_has_ended_or_has_not_begun(person: Walker, care_identity: StandIn) -> None:
    """Both, at two employers: with a smartcard the page says each day, who can correct it, and what else is missing."""
    left = holder("Ewa", ends_on=today() - 2 * DAY)
    southern = make_organisation(code="998", name="Southern Test Trust")
    begins = holder("Ewa", organisation=southern, starts_on=today() + DAY, password=None)
    with story("My contract has ended or has not begun", person, ends="call", presses=9, fields=1):
        doing.come_to_log_in(person)
        log_in_from_here(person, care_identity, card_of("Ewa"))
        assert person.heading == "Your ESR account is not in use"
        person.sees("your last day was", "You can log in from that day", "state your Name and ESR number")
        person.sees("What is still missing, and whose it is:", "You set one yourself, from your first day.")
        person.sees(left.organisation.support_email, begins.organisation.support_email)
        person.does_not_see(left.username, begins.username)
        assert set(reasons()) == {"not_in_force"}
        person.follow("Why can’t I get in?", within="main")
        person.press("Find who corrects my dates")
    assert nobody_is_logged_in(person)


def test_i_start_tomorrow(person: Walker, inbox: Inbox, deliver_mail: Deliver, travel: Travel) -> None:
    """The email of today says what is missing; that of the first day how to get in. Then they are in."""
    user = make_user(starts_on=today() + DAY, password=None)
    with story("I start tomorrow", person, ends="alone", presses=12, fields=10):
        doing.come_to_log_in(person)
        doing.ask_by_email(person, email=user.email)
        deliver_mail()
        told = inbox.newest(user.email)
        assert says(told, "This account starts on")
        assert says(told, "You have no password yet. You set one yourself, from your first day.")
        travel(days=1)
        call_command("tidy_up")
        deliver_mail()
        welcome = inbox.newest(user.email)
        assert subject(welcome) == "Welcome to ESR: how to log in"
        assert not welcome.links
        doing.come_to_log_in(person)
        doing.ask_by_email(person, email=user.email)
        deliver_mail()
        doing.set_new_password(person, link=doing.links_in(inbox, user.email)[0])
        doing.log_in_with_the_new_password(person)


def test_i_read_welsh_rather_than_english(somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Deliver) -> None:
    """The ward's computer asks for English: one press, and every page and email is in Welsh."""
    person, user = somebody(kind=WelshWalker, size=PHONE, locale="en-GB"), make_user()
    with story("I read Welsh rather than English", person, ends="alone", presses=4, fields=2):
        person.language = "en-GB"
        person.open("/")
        person.language = "cy"
        person.follow("Cymraeg")
        person.follow("Login to ESR", within="header")
        person.fill(username=user.username, password=PASSWORD)
        person.press(doing.LOG_IN)
        assert person.path == "/my-esr/"
    person.press("Log out")
    person.follow("Login to ESR", within="header")
    doing.ask_by_email(person, email=user.email)
    deliver_mail()
    assert inbox.newest(user.email).message["Content-Language"] == "cy"
    person.language = "en-GB"
    person.follow("English")
    assert person.path == "/recovery/requested/"
