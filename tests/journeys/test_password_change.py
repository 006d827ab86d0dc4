"""A person who knows their password changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.support.factories import NEW_PASSWORD, make_user

if TYPE_CHECKING:
    from tests.support.browser import Walker


def test_a_password_is_changed_by_who_knows_the_current_one(person: Walker) -> None:
    user = make_user()
    doing.come_in(person, user)
    person.press("Change password")
    person.press("Change password")
    person.sees("Enter your current password", "Enter a new password")
    person.fill(current_password=doing.WRONG_PASSWORD, new_password="short")
    person.press("Change password")
    person.sees("This is not your current password", "Use at least 12 characters")
    person.fill(current_password="violet harbour tandem 7", new_password=NEW_PASSWORD)
    person.press("Change password")
    assert person.path == "/my-esr/"
    person.sees("Your password was changed")
    person.press("Log out")
    doing.log_in_here(person, user, password=NEW_PASSWORD)
    assert person.path == "/my-esr/"
