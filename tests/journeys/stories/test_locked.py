"""A username that is locked, by its person or by a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE, TABLET, ZOOMED
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.helpdesk import lock
from tests.support.stories import aside, story
from tests.support.welsh_walker import subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox


def test_i_am_locked_after_ten_wrong_passwords(
    somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """The guide that staff are given, from step 2 to step 6, on a phone, a tablet, a desktop, and that at 400 %."""
    user = make_user(given_name="Jo", family_name="Smith")
    # In the smallest window, where the least can be reached without scrolling.
    person = somebody(size=ZOOMED, also=[PHONE, TABLET, DESKTOP])

    # 2. On the hub, Login to ESR in the top right-hand corner, without a menu to open.
    person.open("/")
    for _ in person.sizes():
        assert_top_right(person)
    person.follow("Login to ESR", within="header")
    assert person.heading == "Login to ESR"

    # 3. Username and password.
    doing.get_locked_out(person, user)

    with story("I am locked after ten wrong passwords", person, ends="alone", presses=6, fields=6):
        # 4. Forgotten | Request Username/Password | Unlock Account: Email address and Date of Birth, Submit.
        person.follow(doing.RECOVER)
        with aside(person):
            doing.make_mistakes_in_the_recovery_form(person)
        doing.fill_in_recovery(person, email=user.email)
        assert person.heading == "Check your email"

        # 5. An email with the username and a link, and one that says that the username was locked.
        deliver_mail()
        subjects = [subject(mail) for mail in inbox.mails]
        assert subjects == ["Your ESR username was locked", "Your ESR username and a link to set your password"]
        mail = inbox.newest(user.email)
        assert mail.recipients == [user.email]
        assert user.username in mail.text
        (link,) = doing.links_in(inbox, user.email)

        # 6. A new password, under the rules.
        person.open(link)
        assert link.rsplit("/", 2)[1] not in person.page.url
        choose_a_password(person)
        assert person.heading == "Your new password is set"

        # And in: the lock is gone, and a mail says that the password was changed.
        deliver_mail()
        assert subject(inbox.newest(user.email)) == "Your ESR password was changed"
        doing.log_in_with_the_new_password(person)
    assert "Jo Smith" in person.heading
    person.sees(user.employee_number, user.organisation.name)
    person.press("Log out")
    assert person.heading == "You are logged out"


def assert_top_right(person: Walker) -> None:
    """Check that Login to ESR is seen at the top right without opening anything."""
    link = person.page.locator("header").get_by_role("link", name=person.called("Login to ESR"), exact=True)
    expect(link).to_be_visible()
    box, size = link.bounding_box(), person.page.viewport_size
    assert box
    assert size
    assert box["y"] < 150
    assert box["x"] + box["width"] > size["width"] * 0.6


def choose_a_password(person: Walker) -> None:
    """Try a common password, then the former one, then a good one; the rules are ticked off while it is typed.

    Ticks come at once and crosses late, and the box stays where it is under the finger.
    """
    box = person.field("New password")
    # Firefox adds up fractions of a pixel in more than one way.
    place = "box => (box.getBoundingClientRect().top + window.scrollY).toFixed(2)"
    stands = box.evaluate(place)
    states = "() => [...document.querySelectorAll('[data-rule]')].map((rule) => rule.dataset.state)"
    with aside(person):
        box.press_sequentially("password1")
        assert "broken" not in person.page.evaluate(states)
        expect(person.page.locator('[data-rule="too_short"]')).to_have_attribute("data-state", "broken")
        expect(person.page.locator('[data-rule="common"]')).to_have_attribute("data-state", "broken")
        expect(person.page.locator("[data-messages] p")).to_have_count(2)
        assert box.evaluate(place) == stands
        person.look("a password that breaks two rules")
        person.press("Set password")
        person.sees("Use at least 12 characters")
        assert person.field("New password").input_value() == ""
        person.fill(new_password=PASSWORD)
        person.press("Set password")
        person.sees("This is one of your last 4 passwords")
    stands = box.evaluate(place)
    person.fill(new_password=NEW_PASSWORD)
    assert "kept" in person.page.evaluate(states)
    with aside(person):
        person.button("Show password").click()
    assert person.field("New password").get_attribute("type") == "text"
    expect(person.page.locator("[data-rule][data-state=kept]")).to_have_count(3)
    assert box.evaluate(place) == stands
    person.look("a password that keeps the rules")
    person.press("Set password")


def test_a_stranger_locked_my_username(somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    """The phone that knows its person still lets them in; another browser does after a new password."""
    user = make_user()
    phone, ward = somebody(size=PHONE), somebody()
    doing.log_in(phone, user)
    phone.press("Log out")
    lock(user)
    with story("A stranger locked my username", phone, ward, ends="alone", presses=12, fields=10):
        doing.log_in(ward, user)
        assert ward.heading == "Login to ESR"
        doing.ask_by_email(ward, email=user.email)
        doing.log_in(phone, user)
        assert phone.path == "/my-esr/"
        deliver_mail()
        doing.set_new_password(ward, link=doing.links_in(inbox, user.email)[0])
        doing.log_in_with_the_new_password(ward)
    # The stranger goes on, and this browser knows its person by now.
    lock(user)
    ward.press("Log out")
    doing.log_in(ward, user, password=NEW_PASSWORD)
    assert ward.path == "/my-esr/"
