"""What was typed into the form that sends an email, and the email that does not come."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from accounts.models.user import PersonType
from tests.journeys import doing
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.stories import story
from tests.support.welsh_walker import says, subject, wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.browser import Walker
    from tests.support.smtp import Inbox
    from tests.support.travel import Travel

    Deliver = Callable[[], None]


def test_i_mistyped_my_date_of_birth(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    """The mailbox alone is told."""
    user = make_user()
    with story("I mistyped my date of birth", person, ends="alone", presses=10, fields=9):
        doing.come_to_log_in(person)
        doing.ask_by_email(person, email=user.email, date_of_birth=datetime.date(1981, 1, 1))
        deliver_mail()
        assert subject(inbox.only()) == "The date of birth did not match your ESR record"
        person.press("Not right? Change it")
        person.fill(day="23", month="4", year="1980")
        person.press("Submit")
        deliver_mail()
        doing.set_new_password(person, link=doing.links_in(inbox, user.email)[0])
        doing.log_in_with_the_new_password(person)


def test_i_mistyped_my_email_address(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    """A volunteer, whose personal address it is: a slip in its domain, and one in its name."""
    volunteer = make_user(person_type=PersonType.VOLUNTEER, email="sam@gmail.com")
    with story("I mistyped my email address", person, ends="alone", presses=12, fields=10):
        doing.come_to_log_in(person)
        person.follow(doing.RECOVER)
        doing.fill_in_recovery(person, email="san@gmial.com")
        person.sees("Did you mean san@gmail.com?")
        doing.look_at_a_desktop_too(person, "which address")
        person.tick("san@gmail.com")
        person.press("Submit")
        person.sees("san@gmail.com", "Send again in 0:")
        person.press("Not right? Change it")
        assert person.field("Email address").input_value() == "san@gmail.com"
        assert person.field("Day").input_value() == ""
        doing.look_at_a_desktop_too(person, "the form with the address in it")
        doing.fill_in_recovery(person, email="Sam@Gmail.com")
        deliver_mail()
        doing.set_new_password(person, link=doing.links_in(inbox, volunteer.email)[0], password=NEW_PASSWORD)
        doing.log_in_with_the_new_password(person)


def test_the_email_does_not_come(person: Walker, inbox: Inbox, deliver_mail: Deliver, travel: Travel) -> None:
    """A private address was typed, which is not the one on record; the page says which it has to be."""
    user = make_user()
    person.page.clock.install()
    with story("The email does not come", person, ends="alone", presses=10, fields=10):
        doing.come_to_log_in(person)
        doing.ask_by_email(person, email="jo.smith@example.org")
        deliver_mail()
        assert not inbox.mails
        person.sees("It must be the one on your ESR record", "NHS.net address", "Your reference is")
        first = person.page.locator("main .nhsuk-u-nowrap").first.inner_text()
        # Send again waits, and says so, without leaving the page.
        waiting = person.page.locator("[data-send-again] button")
        waiting.press("Enter")
        status = person.page.locator("[data-send-again] [data-status]")
        expect(status).to_contain_text(wording(person, "You can send it again in"))
        travel(seconds=61)
        person.page.clock.fast_forward(61_000)
        person.press("Send again")
        doing.fill_in_recovery(person, email=user.email)
        second = person.page.locator("main .nhsuk-u-nowrap").first.inner_text()
        deliver_mail()
        assert first != second
        assert says(inbox.only(), f"Your reference is {second}")
        assert second in inbox.only().text
        doing.set_new_password(person, link=doing.links_in(inbox, user.email)[0])
        doing.log_in_with_the_new_password(person)
