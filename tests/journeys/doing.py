"""What people do in journeys again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.services import lockout
from tests.support import steps
from tests.support.browser import DESKTOP
from tests.support.factories import DATE_OF_BIRTH, NEW_PASSWORD, PASSWORD

if TYPE_CHECKING:
    import datetime

    from django.test import Client
    from playwright.sync_api import Locator

    from accounts.models import User
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox, Mail

LOG_IN = "Log in via Username Password"
RECOVER = "Forgotten | Request Username/Password | Unlock Account"
WRONG_PASSWORD = "not the password at all"


def tap(person: Walker, place: Locator) -> None:
    """Press a place that has no words of its own, or that leads to no other page."""
    person.tally.presses += 1
    place.click()


def come_to_log_in(person: Walker) -> None:
    """Open the hub and press Login to ESR."""
    person.open("/")
    person.follow("Login to ESR", within="header")


def log_in(person: Walker, user: User, *, password: str = PASSWORD) -> None:
    """Open the hub, press Login to ESR, and log in."""
    come_to_log_in(person)
    person.fill(username=user.username, password=password)
    person.press(LOG_IN)


def log_in_here(person: Walker, user: User, *, password: str = PASSWORD) -> None:
    """Log in, from the log-in page on: for what is not about the way to it. The stories walk that."""
    person.open("/log-in/")
    person.fill(username=user.username, password=password)
    person.press(LOG_IN)


def come_in(person: Walker, user: User) -> None:
    """Be logged in with a password, at My ESR: for what is not about how a person logs in."""
    client = steps.PortalClient()
    steps.log_in(client, user)
    go_on_from(person, client)
    person.open("/my-esr/")


def go_on_from(person: Walker, client: Client) -> None:
    """Give the browser what the portal has given to one without pages: its cookies, a session among them."""
    for name, cookie in client.cookies.items():
        if cookie.value:
            person.page.context.add_cookies(
                [{"name": name, "value": cookie.value, "url": person.url, "secure": True, "httpOnly": True}]
            )


def come_to(person: Walker, address: str) -> None:
    """Type an address, and do not look at the page that comes: another journey does."""
    person.page.goto(address if address.startswith("http") else person.url + address)


def type_wrong_passwords(person: Walker, user: User, *, times: int) -> None:
    """Try wrong passwords on the log-in page, one after the other, looking at what the last one brings."""
    for _ in range(times - 1):
        person.fill(username=user.username, password=WRONG_PASSWORD)
        person.send(LOG_IN)
    person.fill(username=user.username, password=WRONG_PASSWORD)
    person.press(LOG_IN)


def fill_in_recovery(person: Walker, *, email: str, date_of_birth: datetime.date = DATE_OF_BIRTH) -> None:
    """Fill in the recovery form and send it."""
    day, month, year = (str(part) for part in (date_of_birth.day, date_of_birth.month, date_of_birth.year))
    person.fill(email_address=email, day=day, month=month, year=year)
    person.press("Submit")


def recover(person: Walker, *, email: str, date_of_birth: datetime.date = DATE_OF_BIRTH) -> None:
    """Ask for a way in, from the log-in page on."""
    person.open("/log-in/")
    ask_by_email(person, email=email, date_of_birth=date_of_birth)


def recover_unseen(person: Walker, *, email: str) -> None:
    """Ask for a way in without a look at the pages: for what comes before or after a story."""
    person.page.goto(f"{person.url}/recovery/")
    person.fill(email_address=email, day=str(DATE_OF_BIRTH.day), month=str(DATE_OF_BIRTH.month), year="1980")
    person.send("Submit")


def look_at_a_desktop_too(person: Walker, step: str) -> None:
    """Look at this page as it is at a desktop."""
    own = person.page.viewport_size
    assert own
    person.page.set_viewport_size(DESKTOP)
    person.look(f"{step} at a desktop")
    person.page.set_viewport_size(own)


def ask_by_email(person: Walker, *, email: str, date_of_birth: datetime.date = DATE_OF_BIRTH) -> None:
    """Ask for a way in, at the log-in page."""
    person.follow(RECOVER)
    fill_in_recovery(person, email=email, date_of_birth=date_of_birth)
    assert person.heading == "Check your email"


def links_in(inbox: Inbox, address: str) -> list[str]:
    """Return the links that set a password in the newest mail to `address`, in their order."""
    return links_in_mail(inbox.newest(address))


def links_in_mail(mail: Mail) -> list[str]:
    """Return the links that set a password."""
    return [link for link in mail.links if "/recovery/link/" in link]


def set_new_password(person: Walker, *, link: str, password: str = NEW_PASSWORD) -> None:
    """Open a mailed link and set a password."""
    person.open(link)
    assert person.heading == "Set a new password"
    person.fill(new_password=password)
    person.press("Set password")
    assert person.heading == "Your new password is set"


def log_in_with_the_new_password(person: Walker, *, password: str = NEW_PASSWORD) -> None:
    """Go on where a new password has been set: the username stands in the form."""
    person.press("Login to ESR")
    assert person.field("Username").input_value()
    person.fill(password=password)
    person.press(LOG_IN)
    assert person.path == "/my-esr/"


def get_locked_out(person: Walker, user: User) -> None:
    """Send nothing, then ten wrong passwords, then the right one; three wrong ones point to recovery."""
    person.press(LOG_IN)
    person.sees("Enter your username", "Enter your password")
    type_wrong_passwords(person, user, times=1)
    assert person.field("Username").input_value() == user.username
    assert person.field("Password").input_value() == ""
    person.does_not_see("Still cannot log in?")
    type_wrong_passwords(person, user, times=2)
    person.sees("Still cannot log in?")
    type_wrong_passwords(person, user, times=7)
    assert lockout.is_locked(username=user.username)
    person.fill(username=user.username, password=PASSWORD)
    person.press(LOG_IN)
    person.sees("The username or password is not right, or the username is locked")


def make_mistakes_in_the_recovery_form(person: Walker) -> None:
    """Send nothing, then a half address and a day that there is not."""
    person.press("Submit")
    person.sees("Enter your email address", "Enter your date of birth")
    person.fill(email_address="jo.smith", day="31", month="2", year="1980")
    person.press("Submit")
    person.sees("There is no 31 February 1980")
    assert person.field("Email address").input_value() == "jo.smith"
