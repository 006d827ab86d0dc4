"""What a person has forgotten, or never had."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from tests.journeys import doing
from tests.journeys.doing import LOG_IN, RECOVER
from tests.support.factories import DATE_OF_BIRTH, NEW_PASSWORD, PASSWORD, make_user
from tests.support.stories import story

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.browser import Walker
    from tests.support.smtp import Inbox

    Deliver = Callable[[], None]


def test_i_forgot_my_username_and_my_password(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    user = make_user()
    with story("I forgot my username and my password", person, ends="alone", presses=8, fields=6):
        doing.come_to_log_in(person)
        doing.ask_by_email(person, email=user.email)
        deliver_mail()
        assert user.username in inbox.only().text
        doing.set_new_password(person, link=doing.links_in(inbox, user.email)[0])
        doing.log_in_with_the_new_password(person)
    person.sees(user.username)


def test_i_forgot_my_username(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    """An ESR number is typed for it, and a month as a word. The password is known, and the link stays unused."""
    user = make_user()
    with story("I forgot my username", person, ends="alone", presses=7, fields=8):
        doing.come_to_log_in(person)
        person.fill(username=user.employee_number, password=PASSWORD)
        person.press(LOG_IN)
        person.sees("You typed an ESR number. A username looks like")
        person.follow(RECOVER)
        person.fill(email_address=f" {user.email.upper()} ", day=f"{DATE_OF_BIRTH.day}", month="April", year="1980")
        person.press("Submit")
        deliver_mail()
        assert user.username in inbox.only().text
        person.follow("Login to ESR", within="header")
        person.fill(username=f" {user.username.lower()}", password=PASSWORD)
        person.press(LOG_IN)
        assert person.path == "/my-esr/"


def test_i_forgot_my_password(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    user = make_user()
    with story("I forgot my password", person, ends="alone", presses=11, fields=10):
        doing.come_to_log_in(person)
        person.fill(username=user.username)
        for _ in range(3):
            person.fill(password=doing.WRONG_PASSWORD)
            person.press(LOG_IN)
            assert person.field("Username").input_value() == user.username
        person.sees("Still cannot log in?")
        person.follow("Get back in by email")
        doing.fill_in_recovery(person, email=user.email)
        deliver_mail()
        doing.set_new_password(person, link=doing.links_in(inbox, user.email)[0])
        doing.log_in_with_the_new_password(person)


def test_i_am_new_and_never_had_a_password(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    """A joiner knows no word of the log-in page, and looks for an answer first."""
    joiner = make_user(password=None)
    with story("I am new and never had a password", person, ends="alone", presses=8, fields=6):
        person.open("/")
        person.follow("Why can’t I get in?", within="footer")
        person.press("Ask for my username and password")
        person.sees("are new and have never had a username or a password")
        doing.fill_in_recovery(person, email=joiner.email)
        deliver_mail()
        doing.set_new_password(person, link=doing.links_in(inbox, joiner.email)[0], password=NEW_PASSWORD)
        doing.log_in_with_the_new_password(person)
    person.sees("This is the first time that you logged in")


def test_i_was_away_for_a_year(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    """Their password is dormant. The page says no more than of a wrong one; the way back in is the same."""
    user = make_user(dormant_since=timezone.now() - datetime.timedelta(days=200))
    with story("I was away for a year", person, ends="alone", presses=9, fields=8):
        doing.come_to_log_in(person)
        person.fill(username=user.username, password=PASSWORD)
        person.press(LOG_IN)
        person.sees("The username or password is not right")
        doing.ask_by_email(person, email=user.email)
        deliver_mail()
        doing.set_new_password(person, link=doing.links_in(inbox, user.email)[0])
        doing.log_in_with_the_new_password(person)
    user.refresh_from_db()
    assert not user.is_dormant()
