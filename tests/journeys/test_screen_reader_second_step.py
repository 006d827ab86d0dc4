"""What a screen reader announces at the second step: setting it up, showing it, losing it.

A program reads: tests/support/screen_reader.py says what it can tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.journeys.test_screen_reader import PROBLEM
from tests.journeys.test_screen_reader_inside import log_in
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.screen_reader import in_order, page

if TYPE_CHECKING:
    from tests.support.browser import Walker
    from tests.support.screen_reader import ScreenReader

CODE = "6-digit_code"
BOX = "textbox, 6-digit code"
APP = "Open the authenticator app on your phone and find ESR Portal."
TICK = "checkbox, Don’t ask on this browser for 30 days, Tick this only on a device of your own, not checked"
CLOCK = "If your phone only shows the wrong codes, check that its clock is set automatically."
OTHER_WAY = "link, I have lost my second step, or use another way"


def test_setting_up_an_app_and_showing_its_code_says_what_to_do_and_what_was_wrong(
    person: Walker, reader: ScreenReader
) -> None:
    user = make_user(organisation=make_organisation(code="997", name="Riverside Trust", second_step="required"))
    log_in(person, user)
    in_order(
        page(reader.read_on()),
        "heading, Set up a second step, level 1",
        user.username,
        "heading, A passkey, level 2",
        "button, Create a passkey",
        "heading, An authenticator app, level 2",
        "An app on your phone shows a code of 6 digits, which you type after your password.",
        "button, Set up an authenticator app",
    )
    person.send("Set up an authenticator app")
    secret = person.page.locator(".portal-secret").inner_text()
    # The secret is text in groups of four; the picture says that nothing else is in it.
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", secret)
    assert page(reader.read_on()) == [
        "heading, Set up an authenticator app, level 1",
        "Logging in as",
        user.username,
        ".",
        "heading, 1. Get an authenticator app, level 2",
        "Any will do, such as Microsoft Authenticator, Google Authenticator or the one in your password manager.",
        "heading, 2. Add this portal to the app, level 2",
        "Scan this picture with the app.",
        "image, QR code for your authenticator app. It holds the same secret as the text below.",
        "If you cannot scan it, type this secret into the app:",
        secret,
        "On the phone already?",
        "link, Open the secret in your app",
        ".",
        "heading, 3. Type the code that the app shows, level 2",
        "6-digit code",
        BOX,
        "button, Continue",
        "If your phone only shows the wrong codes, check that its clock is set automatically.",
        "link, Choose another way",
        "link, Start again or use another username",
    ]
    app = PhoneApp.typed(secret)
    person.fill(**{CODE: "123"})
    person.send("Continue")
    assert person.page.title().startswith("Error: ")
    assert reader.read_what_has_the_focus() == [*PROBLEM, "link, The code is 6 digits, like 123 456"]
    person.fill(**{CODE: app.code()})
    person.send("Continue")
    codes = person.page.locator(".portal-recovery-codes code").all_inner_texts()
    heard = page(reader.read_on())
    in_order(
        heard,
        "heading, Your recovery codes, level 1",
        "With one of these codes you get in when your phone or passkey is lost. Each works once.",
        "heading, Important: Save them now, level 2",
        *codes,
        "link, Save the codes as a file",
        "button, I have saved these codes",
    )
    person.send("I have saved these codes")
    person.send("Log out")

    log_in(person, user)
    assert person.page.title() == "Enter your code – ESR Portal"
    assert page(reader.read_on()) == [
        "heading, Enter your code, level 1",
        "Logging in as",
        user.username,
        f". {APP}",
        "6-digit code",
        BOX,
        TICK,
        "Don’t ask on this browser for 30 days",
        "Tick this only on a device of your own",
        "button, Continue",
        CLOCK,
        OTHER_WAY,
        "link, Start again or use another username",
    ]
    person.fill(**{CODE: app.wrong_code()})
    person.send("Continue")
    assert person.page.title() == "Error: Enter your code – ESR Portal"
    wrong = "That code is not right, or it was used already. Wait until your app shows the next one and type that"
    assert reader.read_what_has_the_focus() == [*PROBLEM, f"link, {wrong}"]
    assert reader.press("Tab") == [f"link, {wrong}"]
    assert reader.press("Enter") == [f"{BOX}, Error: {wrong}, invalid"]

    person.page.get_by_role("link", name=OTHER_WAY.removeprefix("link, ")).focus()
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    in_order(
        page(reader.read_on()),
        "heading, I have lost my second step, level 1",
        "heading, With a recovery code, level 2",
        "textbox, Recovery code",
        "button, Continue",
        "heading, With a code from the helpdesk, level 2",
        "textbox, Code from the helpdesk",
        "button, Set up a new second step",
        "link, Go back to my second step",
    )
    person.fill(recovery_code=codes[0])
    person.send("Continue")
    assert person.path == "/my-esr/"
