"""A person who leaves: the email two weeks before, a personal address, and what it is good for afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management import call_command

from accounts.services import leaving
from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.leavers import PAYSLIPS, PERSONAL, make_leaver

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.smtp import Inbox
    from tests.support.travel import Travel


def test_from_the_email_before_the_last_day_to_the_page_in_week_three(
    somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel
) -> None:
    user = make_leaver(days=14)
    call_command("tidy_up")
    deliver_mail()
    asked = inbox.newest(user.email)
    assert asked.subject == "You leave soon: give ESR a personal email address"
    assert asked.links == []

    person = somebody(size=PHONE, also=[DESKTOP])
    doing.log_in_here(person, user)
    person.follow("Give a personal email address")
    person.press("Send a link to this address")
    person.sees("Enter your personal email address")
    person.fill(personal_email_address="jo@nhs.net")
    person.press("Send a link to this address")
    person.sees("This address is one of your organisation’s")
    person.fill(personal_email_address=PERSONAL)
    person.press("Send a link to this address")
    deliver_mail()

    # At home, in a browser without a session.
    home = somebody(size=PHONE)
    home.open(inbox.newest(PERSONAL).links[0])
    home.press("Confirm")
    assert home.heading == "Your address is confirmed"
    deliver_mail()
    assert inbox.newest(user.email).subject == "A personal email address was added to your ESR account"

    travel(days=14 + 21)
    assert leaving.erase_old() == 0
    home.open("/log-in/")
    doing.ask_by_email(home, email=PERSONAL)
    deliver_mail()
    home.open(inbox.newest(PERSONAL).links[0])
    home.press("Show")
    home.sees(PAYSLIPS, user.organisation.name)
    home.press("Close the page here")

    travel(days=90)
    assert leaving.erase_old() == 1
    doing.recover_unseen(home, email=PERSONAL)
    before = len(inbox.to(PERSONAL))
    deliver_mail()
    assert len(inbox.to(PERSONAL)) == before
