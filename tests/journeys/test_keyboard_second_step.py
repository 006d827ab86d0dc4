"""The second step and what protects the account, without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import RememberedBrowser
from tests.journeys import doing
from tests.support.authenticator import PhoneApp
from tests.support.factories import PASSWORD, make_user
from tests.support.keyboard import Keyboard

if TYPE_CHECKING:
    from accounts.models import User
    from tests.journeys.conftest import TypeOfPutIn
    from tests.support.browser import Walker

CODE = "6-digit code"
TOP = "Skip to main content"
WRONG_CODE = "That code is not right, or it was used already. Wait until your app shows the next one and type that"
# This authenticator would take up what the browser suggests before a key is pressed.
NO_SUGGESTION = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


def log_in(keyboard: Keyboard, user: User) -> None:
    doing.come_to(keyboard.person, "/log-in/")
    keyboard.type_into("Username", user.username)
    keyboard.type_into("Password", PASSWORD)
    keyboard.activate(doing.LOG_IN)


def succeeds(keyboard: Keyboard, message: str) -> None:
    """What was done has the focus, and Tab goes on from there."""
    keyboard.lands_on(f"Success {message}")


def show_code(keyboard: Keyboard, app: PhoneApp) -> None:
    """Send a wrong code: the summary has the focus, and its link leads to the box. Then the right one, with Enter."""
    keyboard.type_into(CODE, app.wrong_code())
    keyboard.activate("Continue")
    keyboard.lands_on(f"There is a problem {WRONG_CODE}")
    keyboard.press("Tab")
    keyboard.lands_on(WRONG_CODE)
    keyboard.press("Enter")
    keyboard.lands_on(CODE)
    keyboard.type_here(app.code())
    keyboard.activate_here(CODE)
    assert keyboard.person.path == "/my-esr/"


def add_passkey(keyboard: Keyboard) -> str:
    """Add a passkey; return its name. A second one is refused on the same device: what says so has the focus."""
    keyboard.activate("Add a passkey")
    keyboard.activate("Create a passkey", key="Space")
    name: str = Passkey.objects.get().name
    succeeds(keyboard, f"You can now log in with a passkey: {name}.")
    keyboard.activate("Add a passkey")
    keyboard.tab_to("Create a passkey")
    keyboard.press("Enter")
    keyboard.person.sees("There is a passkey of yours for ESR on this device already.")
    keyboard.lands_on("Information: There is a passkey of yours for ESR on this device already.")
    keyboard.person.look("read that there is one already")
    keyboard.activate("Security", back=True)
    return name


def rename_and_remove_passkey(keyboard: Keyboard, name: str) -> None:
    """Rename a passkey, think better of removing it, and remove it."""
    keyboard.activate(f"Rename {name}")
    keyboard.tab_to("Name")
    keyboard.press("Control+A")
    keyboard.type_here("My laptop")
    keyboard.activate("Save")
    succeeds(keyboard, "The passkey has a new name.")
    keyboard.activate("Remove My laptop")
    assert keyboard.person.heading == "Remove a passkey"
    keyboard.activate("Keep it")
    keyboard.activate("Remove My laptop")
    keyboard.activate("Remove passkey", key="Space")
    succeeds(keyboard, "The passkey was removed. You were logged out everywhere else.")


def set_up_app_anew(keyboard: Keyboard) -> None:
    """Replace the app, and make recovery codes."""
    keyboard.activate("Replace authenticator app")
    app = PhoneApp.typed(keyboard.person.page.locator(".portal-secret").inner_text())
    keyboard.type_into(CODE, app.code())
    keyboard.activate("Continue")
    succeeds(keyboard, "Your authenticator app is set up.")
    keyboard.activate("Make recovery codes")
    keyboard.tab_to("Save the codes as a file")
    keyboard.activate("I have saved these codes")
    succeeds(keyboard, "You have new recovery codes. Any older ones no longer work.")


def test_a_second_step_is_shown_set_up_changed_and_removed_by_keyboard_alone(
    person: Walker, with_authenticator: TypeOfPutIn
) -> None:
    keyboard, user = Keyboard(person, looks=False), make_user()
    with_authenticator(person)
    person.page.add_init_script(NO_SUGGESTION)
    app = PhoneApp.of(user)
    log_in(keyboard, user)
    show_code(keyboard, app)
    keyboard.activate("Security and recent activity", key="Space")
    # All round and back: nothing keeps the focus.
    keyboard.tab_to("Log out")
    keyboard.tab_to(TOP)
    keyboard.tab_to("This was not me", back=True)
    rename_and_remove_passkey(keyboard, add_passkey(keyboard))
    set_up_app_anew(keyboard)
    keyboard.activate("Add a passkey")
    keyboard.activate("Create a passkey")
    keyboard.activate("Log out")
    keyboard.activate("Login to ESR")
    keyboard.activate("Log in with a passkey")
    assert person.path == "/my-esr/"

    # With the password first: the tick stands before both ways, and a passkey carries it.
    keyboard.activate("Log out")
    log_in(keyboard, user)
    assert person.heading == "Your second step"
    keyboard.tab_to("Don’t ask on this browser for 30 days")
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.lands_on("Use your passkey")
    keyboard.activate_here("Use your passkey")
    assert person.path == "/my-esr/"
    assert RememberedBrowser.objects.get().user == user
