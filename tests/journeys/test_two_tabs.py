"""Two people in two tabs of one browser. Two employers of one person: stories/test_link.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User
from tests.journeys import doing
from tests.support.browser import PHONE
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson

OTHER_PASSWORD = "harbour velvet biscuit"


def password_of(user: User) -> str:
    """Return which of the tests' passwords is a person's now."""
    user.refresh_from_db()
    return next(password for password in (PASSWORD, NEW_PASSWORD, OTHER_PASSWORD) if user.check_password(password))


def test_two_people_who_must_change_in_two_tabs(somebody: TypeOfPerson) -> None:
    una, ola = make_user(must_change_password=True), make_user(must_change_password=True)
    one = somebody(size=PHONE)
    doing.log_in_here(one, una)
    two = one.new_tab()
    doing.log_in_here(two, ola)
    one.sees(una.username)

    one.fill(new_password=NEW_PASSWORD)
    one.press("Change password", status=409)
    assert one.heading == "This page is out of date"
    one.sees("Nothing was changed", ola.username)
    assert (password_of(una), password_of(ola)) == (PASSWORD, PASSWORD)
    one.press("Go on logging in")
    one.sees(ola.username)

    two.fill(new_password=OTHER_PASSWORD)
    two.press("Change password")
    assert (password_of(una), password_of(ola)) == (PASSWORD, OTHER_PASSWORD)

    # The first tab, sent once more: another person is logged in, and the form's token ended with that.
    one.fill(new_password=NEW_PASSWORD)
    one.press("Change password", status=403)
    assert one.heading == "Please send that again"
    assert password_of(una) == PASSWORD


def test_the_rules_say_that_a_page_is_out_of_date(somebody: TypeOfPerson) -> None:
    una, ola = make_user(must_change_password=True), make_user(must_change_password=True)
    one = somebody(size=PHONE)
    doing.log_in_here(one, una)
    doing.log_in_here(one.new_tab(), ola)
    one.fill(new_password="short")
    one.sees("This page is out of date: this browser has gone on to something else. Nothing was changed.")
