"""Two people, or two employers of one person, in two tabs of one browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from accounts.models import User
from tests.journeys import doing
from tests.support.browser import PHONE
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox

OTHER_PASSWORD = "harbour velvet biscuit"


def _password_of(user: User) -> str:
    user.refresh_from_db()
    return next(password for password in (PASSWORD, NEW_PASSWORD, OTHER_PASSWORD) if user.check_password(password))


def _types_slowly(person: Walker, password: str) -> None:
    """Type a password and wait for the rules to be ticked."""
    with person.page.expect_response("**/password-check/"):
        person.fill(new_password=password)


def test_one_mailbox_two_employers_two_tabs(
    somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    north = make_user(given_name="Ewa", family_name="Nowak", email="ewa.nowak@nhs.net")
    south = make_user(
        given_name="Ewelina",
        family_name="Kowalczyk",
        email="ewa.nowak@nhs.net",
        organisation=make_organisation(code="998", name="Southern Hospitals"),
    )
    one = somebody(size=PHONE)
    doing.recover(one, email="ewa.nowak@nhs.net")
    deliver_mail()
    links = doing.links_in(inbox, "ewa.nowak@nhs.net")
    assert len(links) == 2
    two = one.new_tab()
    one.open(links[0])
    two.open(links[1])
    first, second = (north, south) if north.username in one.page.inner_text("main") else (south, north)
    two.sees(second.username)

    # The rules are ticked for the person of that tab.
    _types_slowly(one, f"{first.family_name} {first.given_name}")
    one.sees("your name")
    _types_slowly(two, f"{first.family_name} {first.given_name} lantern")
    one.page.reload()
    one.look("reload the first tab")
    one.sees(first.username)

    one.fill(new_password=NEW_PASSWORD)
    one.press("Set password")
    one.sees(first.username)
    assert (_password_of(first), _password_of(second)) == (NEW_PASSWORD, PASSWORD)
    two.fill(new_password=OTHER_PASSWORD)
    two.press("Set password")
    two.sees(second.username)
    assert (_password_of(first), _password_of(second)) == (NEW_PASSWORD, OTHER_PASSWORD)
    one.page.reload()
    one.look("reload the page that says it is done")
    one.sees(first.username)

    # Back and once more.
    one.back(status=410)
    assert one.heading == "This link does not work any more"


def test_two_people_who_must_change_in_two_tabs(somebody: TypeOfPerson) -> None:
    una, ola = make_user(must_change_password=True), make_user(must_change_password=True)
    one = somebody(size=PHONE)
    doing.log_in(one, una)
    two = one.new_tab()
    doing.log_in(two, ola)
    one.sees(una.username)

    one.fill(new_password=NEW_PASSWORD)
    one.press("Change password", status=409)
    assert one.heading == "This page is out of date"
    one.sees("Nothing was changed", ola.username)
    assert (_password_of(una), _password_of(ola)) == (PASSWORD, PASSWORD)
    one.press("Go on logging in")
    one.sees(ola.username)

    two.fill(new_password=OTHER_PASSWORD)
    two.press("Change password")
    assert (_password_of(una), _password_of(ola)) == (PASSWORD, OTHER_PASSWORD)

    # The first tab, sent once more: another person is logged in, and the form's token ended with that.
    one.fill(new_password=NEW_PASSWORD)
    one.press("Change password", status=403)
    assert one.heading == "Please send that again"
    assert _password_of(una) == PASSWORD


def test_the_rules_say_that_a_page_is_out_of_date(somebody: TypeOfPerson) -> None:
    una, ola = make_user(must_change_password=True), make_user(must_change_password=True)
    one = somebody(size=PHONE)
    doing.log_in(one, una)
    doing.log_in(one.new_tab(), ola)
    one.fill(new_password="short")
    one.sees("This page is out of date: this browser has gone on to something else. Nothing was changed.")
