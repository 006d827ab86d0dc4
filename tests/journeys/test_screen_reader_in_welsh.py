"""What a screen reader announces of pages in Welsh: Welsh alone, in the same order as in English.

The program's own words (heading, link, invalid) are English, as those of a screen reader are its user's. What of a page
is in English says so, for another voice (tests/site/test_pages_in_welsh.py); here it is a phrase of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys import doing
from tests.journeys.test_screen_reader import wrong_passwords
from tests.journeys.test_staying_logged_in import TO_ANSWER, UNTIL_WARNING, wait
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.said_in_welsh import whole
from tests.support.screen_reader import headings
from tests.support.welsh import ENGLISH, without_english_on_purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.browser import Walker
    from tests.support.screen_reader import ScreenReader
    from tests.support.smtp import Inbox
    from tests.support.travel import Travel


@pytest.fixture
def reads_welsh() -> bool:
    return True


def in_welsh(english: str) -> str:
    """Return what a whole message is in Welsh."""
    said = whole(english)[0]
    assert said != english, f"{english!r} is no message"
    return said


PROBLEM = ["alert", f"heading, {in_welsh('There is a problem')}, level 2"]


def no_english_in(heard: Iterable[str]) -> None:
    """Check that nothing of a page is said in English but what is marked so. Raises AssertionError."""
    words = [said.removesuffix(", not checked").removesuffix(", checked") for said in heard]
    assert not [said for said in words if ENGLISH.search(without_english_on_purpose(said))]


def test_logging_in_says_in_welsh_what_is_wrong_where_and_until_when(person: Walker, reader: ScreenReader) -> None:
    doing.come_to(person, "/log-in/")
    person.send(doing.LOG_IN)
    name, password = in_welsh("Enter your username"), in_welsh("Enter your password")
    assert person.page.title().startswith("Gwall: ")
    assert reader.read_what_has_the_focus() == [*PROBLEM, f"link, {name}", f"link, {password}"]
    reader.press("Tab")
    example = in_welsh("For example, 999JSMITH01")
    said = f"textbox, {in_welsh('Username')}, {example} Gwall: {name}, invalid"
    assert reader.press("Enter") == [said]

    wrong_passwords(person, "999JSMITH01", times=1)
    reader.read_what_has_the_focus()
    heard = reader.read_on()
    first = heard.index("heading, Mewngofnodi i ESR (Login to ESR), level 1")
    assert heard[first + 1 : first + 5] == [
        "Mewngofnodi i ESR",
        "(Login to ESR)",
        f"{in_welsh('Information')}:",
        in_welsh("Check your username and password, then try again."),
    ]
    no_english_in(heard)

    # A number changes the word behind it, which a page says in one piece.
    for more, left in ((5, "4 cynnig"), (1, "3 chynnig"), (1, "2 gynnig"), (1, "1 cynnig")):
        wrong_passwords(person, "999JSMITH01", times=more)
        heard = reader.read_on()
        assert [phrase for phrase in heard if phrase.startswith(left)], heard
        no_english_in(heard)
    wrong_passwords(person, "999JSMITH01", times=1)
    reader.read_what_has_the_focus()
    heard = reader.read_on()
    main, locked, no_wait, *_ = headings(heard)
    assert main == "Mewngofnodi i ESR (Login to ESR), level 1"
    assert locked.startswith(f"{in_welsh('Important')}: ")
    assert no_wait == f"{in_welsh('You do not have to wait')}, level 2"
    no_english_in(heard)


def test_a_new_password_hears_in_welsh_which_rules_are_broken(
    person: Walker, reader: ScreenReader, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = make_user()
    doing.recover(person, email=user.email)
    deliver_mail()
    person.page.clock.install()
    doing.come_to(person, doing.links_in(inbox, user.email)[0])
    person.field("New password").focus()
    (box,) = reader.heard()
    assert box.startswith(f"{in_welsh('New password')}, ")
    no_english_in([box])

    person.page.clock.pause_at("2099-01-01")
    with person.page.expect_response("**/password-check/"):
        person.page.keyboard.type("password1")
        person.page.clock.fast_forward(600)
    person.page.clock.fast_forward(2000)
    too_short = in_welsh("Use at least 12 characters. Three random words do well.")
    common = "Yr hyn sydd yma yw cyfrinair cyffredin. Defnyddiwch dri gair ar hap yn lle hynny."
    (news,) = reader.hears(common)
    assert news.startswith("polite: ")
    assert news.endswith(f" {too_short} {common}")
    no_english_in([news])
    assert reader.press("Tab") == [f"button, {in_welsh('Show password')}, 1 control"]
    assert reader.press("Space") == [f"polite: {in_welsh('Your password is visible')}"]

    person.fill(new_password="password1")
    person.send("Set password")
    assert reader.read_what_has_the_focus() == [*PROBLEM, f"link, {too_short}", f"link, {common}"]
    person.fill(new_password=NEW_PASSWORD)
    person.send("Set password")
    heard = reader.read_on()
    done = heard.index(f"heading, {in_welsh('Your new password is set')}, level 1")
    assert heard[done + 1 : done + 3] == ["Eich enw defnyddiwr yw", user.username]
    no_english_in(heard)


def test_the_end_of_a_session_is_announced_in_welsh(person: Walker, reader: ScreenReader, travel: Travel) -> None:
    person.page.clock.install()
    doing.come_to(person, "/log-in/")
    person.fill(username=make_user().username, password=PASSWORD)
    person.send(doing.LOG_IN)
    no_english_in(reader.read_on())
    person.button("Change password").focus()
    reader.heard()
    wait(person, travel, UNTIL_WARNING + 1)
    expect(person.button("Stay logged in")).to_be_focused()
    dialog, stay = reader.heard()
    assert dialog.startswith(f"dialog, {in_welsh('Are you still there?')}, ")
    assert "2 funud" in dialog
    assert stay == f"button, {in_welsh('Stay logged in')}"
    for _ in range(23):
        wait(person, travel, 5)
    steps = reader.heard()
    assert [said.startswith("assertive: ") for said in steps] == [True, True, True]
    assert [left in said for left, said in zip(("1 munud", "30 eiliad", "10 eiliad"), steps, strict=True)] == [True] * 3
    no_english_in([dialog, *steps])

    wait(person, travel, TO_ANSWER)
    person.page.wait_for_url("**/log-in/**")
    person.page.wait_for_load_state("load")
    assert person.page.title().startswith(in_welsh("You were logged out"))
    heard = reader.read_on()
    why = "You were logged out to keep your account safe, because ESR was not used for a while. Log in to go on."
    assert heard[heard.index("main") + 1 :][:2] == [f"{in_welsh('Information')}:", in_welsh(why)]
    no_english_in(heard)
