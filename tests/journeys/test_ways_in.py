"""The other ways in: joiners without a password, volunteers, two employers, a password to change, and no way in."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from accounts.models.user import PersonType
from tests.journeys import doing
from tests.journeys.doing import LOG_IN
from tests.support.factories import NEW_PASSWORD, make_organisation, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.browser import Walker
    from tests.support.smtp import Inbox

    Deliver = Callable[[], None]

YESTERDAY = datetime.timedelta(days=1)


def test_a_joiner_who_never_had_a_password_gets_one(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    joiner = make_user(password=None)
    doing.recover(person, email=joiner.email)
    deliver_mail()
    doing.set_new_password(person, link=doing.links_in(inbox, joiner.email)[0])
    doing.log_in(person, joiner, password=NEW_PASSWORD)
    person.sees("This is the first time that you logged in")


def test_a_volunteer_recovers_by_their_personal_address(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    volunteer = make_user(person_type=PersonType.VOLUNTEER, email="sam@example.org")
    doing.recover(person, email="Sam@Example.org")
    deliver_mail()
    doing.set_new_password(person, link=doing.links_in(inbox, volunteer.email)[0])
    doing.log_in(person, volunteer, password=NEW_PASSWORD)
    assert person.path == "/my-esr/"


def test_a_mistyped_address_is_asked_about_seen_and_changed(
    person: Walker, inbox: Inbox, deliver_mail: Deliver
) -> None:
    volunteer = make_user(person_type=PersonType.VOLUNTEER, email="sam@gmail.com")
    person.open("/recovery/")
    doing.fill_in_recovery(person, email="san@gmial.com")
    person.sees("Did you mean san@gmail.com?")
    person.tick("san@gmail.com")
    person.press("Submit")
    person.sees("san@gmail.com", "Send again in 0:")
    # It waits, and says so, without leaving the page.
    waiting = person.page.locator("[data-send-again] button")
    waiting.press("Enter")
    expect(person.page.locator("[data-send-again] [data-status]")).to_contain_text("You can send it again in")
    person.press("Not right? Change it")
    assert person.field("Email address").input_value() == "san@gmail.com"
    assert person.field("Day").input_value() == ""
    doing.fill_in_recovery(person, email="sam@gmail.com")
    deliver_mail()
    assert doing.links_in(inbox, volunteer.email)


def test_two_employers_in_one_mailbox_come_in_one_mail_with_a_link_each(
    person: Walker, inbox: Inbox, deliver_mail: Deliver
) -> None:
    south = make_organisation(code="998", name="Southern Test Trust")
    first = make_user(email="kim@nhs.net")
    second = make_user(email="kim@nhs.net", organisation=south)
    doing.recover(person, email="kim@nhs.net")
    deliver_mail()
    text = inbox.only().text
    assert first.username in text
    assert second.username in text
    links = doing.links_in(inbox, "kim@nhs.net")
    assert len(links) == 2
    doing.set_new_password(person, link=links[text.index(second.username) > text.index(first.username)])
    person.sees(second.username)
    doing.log_in(person, second, password=NEW_PASSWORD)
    person.sees("Southern Test Trust")
    person.press("Log out")
    doing.log_in(person, first)
    person.sees("Northern Test Hospitals")


def test_whoever_must_change_their_password_does_that_before_anything_else(
    person: Walker, inbox: Inbox, deliver_mail: Deliver
) -> None:
    user = make_user(must_change_password=True)
    doing.log_in(person, user)
    assert person.heading == "Change your password"
    person.open("/my-esr/")
    assert person.heading == "Login to ESR"
    person.fill(username=user.username, password="violet harbour tandem 7")
    person.press(LOG_IN)
    person.press("Change password")
    person.sees("Enter a new password")
    person.fill(new_password="P@ssw0rd2026!")
    person.press("Change password")
    person.sees("common password")
    person.fill(new_password=NEW_PASSWORD)
    person.press("Change password")
    assert person.path == "/my-esr/"
    deliver_mail()
    assert inbox.only().subject == "Your ESR password was changed"


def test_a_password_is_changed_by_who_knows_the_current_one(person: Walker) -> None:
    user = make_user()
    doing.log_in(person, user)
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
    doing.log_in(person, user, password=NEW_PASSWORD)
    assert person.path == "/my-esr/"


def test_who_logs_in_with_a_smartcard_only_is_told_how_to_get_a_password(
    person: Walker, inbox: Inbox, deliver_mail: Deliver
) -> None:
    user = make_user(password=None, care_identity_only=True)
    doing.recover(person, email=user.email)
    deliver_mail()
    assert "Manage Internet Access" in inbox.only().text
    assert not doing.links_in(inbox, user.email)


def test_who_has_left_is_told_whom_to_ask(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    user = make_user(ends_on=datetime.date.today() - YESTERDAY)  # noqa: DTZ011
    doing.recover(person, email=user.email)
    deliver_mail()
    assert user.organisation.support_email in inbox.only().text
    assert not doing.links_in(inbox, user.email)


def test_a_wrong_date_of_birth_is_told_to_the_mailbox_alone(
    person: Walker, inbox: Inbox, deliver_mail: Deliver
) -> None:
    user = make_user()
    doing.recover(person, email=user.email, date_of_birth=datetime.date(1981, 1, 1))
    deliver_mail()
    assert inbox.only().subject == "The date of birth did not match your ESR record"


def test_a_used_an_old_and_a_mistyped_link_explain_themselves(
    person: Walker, inbox: Inbox, deliver_mail: Deliver
) -> None:
    user = make_user()
    for _ in range(2):
        doing.recover(person, email=user.email)
        deliver_mail()
    older, newer = (doing.links_in_mail(mail)[0] for mail in inbox.to(user.email))
    doing.set_new_password(person, link=newer)
    for link in (newer, older, newer[:-2] + "/"):
        person.open(link, status=410)
        assert person.heading == "This link does not work any more"
    person.press("Ask for a new link")
    assert person.path == "/recovery/"
