"""The link in the email: used, ended, mangled, opened elsewhere, and one of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.journeys.doing import LOG_IN
from tests.journeys.test_two_tabs import OTHER_PASSWORD, password_of
from tests.support.browser import PHONE
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user
from tests.support.stories import aside, story

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox
    from tests.support.travel import Travel

    Deliver = Callable[[], None]

ENDED = "This link does not work any more"


def test_my_link_has_ended(person: Walker, inbox: Inbox, deliver_mail: Deliver, travel: Travel) -> None:
    """It is over an hour old; the one that comes instead is not copied whole, used, and opened again."""
    user = make_user()
    doing.recover_unseen(person, email=user.email)
    deliver_mail()
    (older,) = doing.links_in(inbox, user.email)
    travel(minutes=61)
    with story("My link has ended", person, ends="alone", presses=7, fields=7):
        person.open(older, status=410)
        assert person.heading == ENDED
        person.press("Ask for a new link")
        assert person.path == "/recovery/"
        doing.fill_in_recovery(person, email=user.email)
        deliver_mail()
        (newer,) = doing.links_in(inbox, user.email)
        with aside(person):
            person.open(newer[:-2] + "/", status=410)
            assert person.heading == ENDED
        doing.set_new_password(person, link=newer)
        with aside(person):
            for link in (newer, older):
                person.open(link, status=410)
                assert person.heading == ENDED
        person.follow("log in", within="main")
        person.fill(username=user.username, password=NEW_PASSWORD)
        person.press(LOG_IN)
        assert person.path == "/my-esr/"


def test_my_email_app_opened_the_link_in_a_browser_of_its_own(
    somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Deliver
) -> None:
    """It took what stands behind the link for a part of it. "Open in Chrome" hands on an address without the token."""
    user, in_the_app, chrome = make_user(), somebody(size=PHONE), somebody(size=PHONE)
    with story(
        "My email app opened the link in a browser of its own", in_the_app, chrome, ends="alone", presses=9, fields=6
    ):
        doing.recover(chrome, email=user.email)
        deliver_mail()
        (link,) = doing.links_in(inbox, user.email)
        in_the_app.open(link + ").")
        assert in_the_app.heading == "Set a new password"
        chrome.open(in_the_app.page.url, status=410)
        chrome.sees("open the link again")
        doing.set_new_password(chrome, link=link)
        doing.log_in_with_the_new_password(chrome)


def test_two_employers_write_to_one_mailbox(somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Deliver) -> None:
    """One email with a link for each, both opened in two tabs: each sets the password that it says."""
    north, south = accounts_of("ewa.nowak@nhs.net")
    one = somebody(size=PHONE)
    with story("Two employers write to one mailbox", one, ends="alone", presses=14, fields=10):
        doing.come_to_log_in(one)
        doing.ask_by_email(one, email="ewa.nowak@nhs.net")
        deliver_mail()
        text, links = inbox.only().text, doing.links_in(inbox, "ewa.nowak@nhs.net")
        assert len(links) == 2
        two = one.new_tab()
        one.open(links[0])
        two.open(links[1])
        first, second = sorted((north, south), key=lambda user: text.index(user.username))
        one.sees(first.username)
        two.sees(second.username)

        # The rules are ticked for the person of that tab.
        with aside(one):
            types_slowly(one, f"{first.family_name} {first.given_name}")
            one.sees("your name")
            types_slowly(two, f"{first.family_name} {first.given_name} lantern")
        one.page.reload()
        one.look("reload the first tab")
        one.sees(first.username)

        one.fill(new_password=NEW_PASSWORD)
        one.press("Set password")
        one.sees(first.username)
        assert (password_of(first), password_of(second)) == (NEW_PASSWORD, PASSWORD)
        two.fill(new_password=OTHER_PASSWORD)
        two.press("Set password")
        two.sees(second.username)
        assert (password_of(first), password_of(second)) == (NEW_PASSWORD, OTHER_PASSWORD)
        one.page.reload()
        one.look("reload the page that says it is done")
        one.sees(first.username)
        # The log-in page begins with neither of the two usernames.
        two.press("Login to ESR")
        two.fill(username=second.username, password=OTHER_PASSWORD)
        two.press(LOG_IN)
        two.sees(second.organisation.name)
        two.press("Log out")
        doing.log_in(two, first, password=NEW_PASSWORD)
        two.sees(first.organisation.name)

    # Back and once more.
    one.back(status=410)
    assert one.heading == ENDED


def accounts_of(email: str) -> tuple[User, User]:
    """Return the accounts that two organisations have for one mailbox."""
    north = make_user(given_name="Ewa", family_name="Nowak", email=email)
    south = make_user(
        given_name="Ewelina",
        family_name="Kowalczyk",
        email=email,
        organisation=make_organisation(code="998", name="Southern Hospitals"),
    )
    return north, south


def types_slowly(person: Walker, password: str) -> None:
    """Type a password and wait for the rules to be ticked."""
    with person.page.expect_response("**/password-check/"):
        person.fill(new_password=password)
