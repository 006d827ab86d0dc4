"""The first admin gets in, and the helpdesk mends things with one button."""

from __future__ import annotations

import base64
import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from django.core.management import call_command

from accounts.services import lockout
from tests.journeys import doing
from tests.journeys.doing import LOG_IN
from tests.support.authenticator import PhoneApp
from tests.support.browser import PHONE
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_operator, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox

NEW_ADMIN = {
    "organisation": "999",
    "given_name": "Ada",
    "family_name": "Admin",
    "email": "ada.admin@nhs.net",
    "date_of_birth": "10/12/1975",
    "employee_number": "20000001",
}


def test_the_first_admin_sets_a_password_and_a_second_step_and_opens_the_admin(person: Walker) -> None:
    make_organisation()
    printed = io.StringIO()
    call_command("create_admin", **NEW_ADMIN, stdout=printed)
    link = re.search(r"https://\S+", printed.getvalue())
    username = re.search(r"999AADMIN\d\d", printed.getvalue())
    assert link
    assert username

    doing.set_new_password(person, link=link.group())
    person.press("Login to ESR")
    person.fill(username=username.group(), password=NEW_PASSWORD)
    person.press(LOG_IN)
    assert person.heading == "Set up a second step"

    # Nothing of the admin opens before.
    person.open("/admin/")
    assert person.heading == "Login to ESR"
    person.fill(username=username.group(), password=NEW_PASSWORD)
    person.press(LOG_IN)
    assert person.heading == "Set up a second step"
    person.press("Set up an authenticator app")

    secret = person.page.locator(".portal-secret").inner_text()
    app = PhoneApp(base64.b32decode(secret.replace(" ", "")).hex())
    person.fill(**{"6-digit_code": app.wrong_code()})
    person.press("Continue")
    person.sees("That code does not match")
    assert person.page.locator(".portal-secret").inner_text() == secret
    person.fill(**{"6-digit_code": app.code()})
    person.press("Continue")
    assert person.heading == "Your recovery codes"
    person.press("I have saved these codes")
    assert person.path == "/admin/"
    assert person.heading == "Helpdesk"
    person.follow("People")
    person.sees(username.group())


def test_the_helpdesk_unlocks_and_sends_a_recovery_email(
    somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    agent, locked = somebody(), make_user(given_name="Jo", family_name="Smith")
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=locked.username)
    come_to_work(agent, make_agent())

    agent.open("/admin/accounts/user/")
    agent.page.locator("#searchbar").fill(locked.username)
    agent.press("Search")
    agent.follow(locked.username)
    agent.press("Unlock")
    assert not lockout.is_locked(username=locked.username)
    agent.open(page_of(locked))
    agent.press("Send recovery email")
    agent.sees(f"The recovery email for {locked.username} is on its way")

    person = somebody()
    doing.log_in_here(person, locked)
    assert person.path == "/my-esr/"
    deliver_mail()
    doing.set_new_password(somebody(), link=doing.links_in(inbox, locked.email)[0])
    person.open("/my-esr/")
    assert person.heading == "Login to ESR", "a new password ends the sessions that are open"


def test_whoever_is_not_of_the_helpdesk_is_turned_away(person: Walker) -> None:
    doing.come_in(person, make_user())
    person.open("/admin/", status=403)
    assert person.heading == "You cannot open the helpdesk pages"


def test_a_mistake_in_a_record_is_said_beside_it(somebody: TypeOfPerson) -> None:
    agent, other = somebody(), make_user()
    doing.go_on_from(agent, at_work(make_agent()))
    agent.open(page_of(other))
    agent.page.locator("#id_employee_number").fill("1234")
    agent.press("Save")
    agent.sees("Not saved yet. Put right what is said below")


def test_the_buttons_above_a_list_begin_at_the_same_edge_on_a_phone(somebody: TypeOfPerson) -> None:
    """They take two rows there, whatever is in them: none stands further in than the one above it."""
    operator = somebody(size=PHONE)
    doing.go_on_from(operator, at_work(make_operator()))
    operator.open("/admin/accounts/user/")
    boxes = [box for item in operator.page.locator(".object-tools > li").all() if (box := item.bounding_box())]
    assert len(boxes) == 3
    left = min(box["x"] for box in boxes)
    # What begins a row is not to the right of all that comes before it.
    begin_a_row = [after for before, after in pairwise(boxes) if after["x"] < before["x"] + before["width"]]
    assert begin_a_row, "three buttons do not fit one row"
    assert {box["x"] for box in begin_a_row} == {left}


def test_every_page_of_the_admin_is_whole(somebody: TypeOfPerson) -> None:
    agent, operator, other = somebody(), make_operator(), make_user()
    doing.go_on_from(agent, at_work(operator))
    agent.open("/admin/")
    lists = agent.page.eval_on_selector_all("#content-main a", "links => links.map(a => a.getAttribute('href'))")
    assert len(lists) > 7
    faults = []
    for page in [*dict.fromkeys(lists), page_of(other), page_of(other).replace("change", "history")]:
        try:
            agent.open(page)
        except AssertionError as error:
            faults.append(str(error))
    assert not faults, "\n".join(faults)


def come_to_work(agent: Walker, user: User) -> None:
    """Log in with password and code, from the address of the admin on."""
    agent.open("/admin/")
    assert agent.heading == "Login to ESR"
    agent.fill(username=user.username, password=PASSWORD)
    PhoneApp.of(user)
    agent.press(LOG_IN)
    assert agent.heading == "Enter your code"
    agent.fill(**{"6-digit_code": PhoneApp.of(user).wrong_code()})
    agent.press("Continue")
    agent.sees("That code is not right")
    # A wrong code is followed by a pause, which is not what is tried here.
    user.totpdevice_set.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    agent.fill(**{"6-digit_code": PhoneApp.of(user).code()})
    agent.press("Continue")
    assert agent.path == "/admin/"
