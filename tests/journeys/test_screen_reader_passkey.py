"""What a screen reader announces where a passkey is the second step, and at the security page.

A program reads: tests/support/screen_reader.py says what it can tell.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Authenticator, SecondStepRecord
from accounts.services.second_step import recovery_codes
from tests.journeys import doing
from tests.journeys.test_screen_reader_inside import log_in
from tests.journeys.test_screen_reader_second_step import APP, BOX, CLOCK, OTHER_WAY, TICK
from tests.support import steps
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.passkeys import registered
from tests.support.remembered_browsers import FIREFOX
from tests.support.screen_reader import in_order, page

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPutIn
    from tests.support.browser import Walker
    from tests.support.screen_reader import ScreenReader
    from tests.support.travel import Travel

CODE = "6-digit_code"
SUCCESS = ["alert, Success"]


@pytest.mark.passkeys_are_offered
def test_a_passkey_its_question_after_weeks_and_what_protects_the_account_are_heard_in_order(
    person: Walker, reader: ScreenReader, with_authenticator: TypeOfPutIn, travel: Travel
) -> None:
    user, authenticator = make_user(), with_authenticator(person)
    at_the_ward = steps.PortalClient()
    at_the_ward.defaults["HTTP_USER_AGENT"] = FIREFOX
    steps.log_in(at_the_ward, user)

    log_in(person, user)
    assert page(reader.read_on()) == [
        "heading, Log in faster next time, level 1",
        (
            "A passkey lets you log in with the fingerprint, face or PIN that opens your phone or computer, and a "
            "false website cannot steal it."
        ),
        (
            "With it, your password alone no longer opens your account: we ask for your passkey or another second step "
            "as well."
        ),
        "Create one only on a device that is yours alone.",
        "button, Create a passkey",
        "button, Not now",
    ]
    person.send("Not now")
    assert person.path == "/my-esr/"
    person.send("Log out")

    app = PhoneApp.of(user)
    recovery_codes.make(user=user)
    held, passkey = registered(user, origin=person.url)
    log_in(person, user)
    assert page(reader.read_on()) == [
        "heading, Your second step, level 1",
        "Logging in as",
        user.username,
        ".",
        TICK,
        "Don’t ask on this browser for 30 days",
        "Tick this only on a device of your own",
        "button, Use your passkey",
        "heading, Or with a code, level 2",
        APP,
        "6-digit code",
        BOX,
        "button, Continue",
        CLOCK,
        OTHER_WAY,
        "link, Start again or use another username",
    ]
    # This device has none; then it has one of the same name that is not the person's.
    person.button("Use your passkey").focus()
    reader.heard()
    person.page.keyboard.press("Enter")
    assert reader.hears("No passkey") == ["group, No passkey was used. You can try again, or use another way."]
    held.key = ec.generate_private_key(ec.SECP256R1())
    authenticator.hold(held)
    person.send("Use your passkey")
    person.page.wait_for_load_state("load")
    assert reader.heard() == ["alert, Important"]
    assert reader.read_on()[:3] == [
        "heading, Important, level 2",
        "That passkey did not work. Try again, or use another way.",
        "heading, Your second step, level 1",
    ]
    person.fill(**{CODE: app.code()})
    person.send("Continue")
    assert person.path == "/my-esr/"

    long_ago = timezone.now() - datetime.timedelta(days=29)
    Authenticator.objects.update(created_at=long_ago, last_used_at=None)
    Passkey.objects.update(created_at=long_ago)
    SecondStepRecord.objects.update(shown_to_work_at=long_ago)
    doing.come_to(person, "/second-step/still-works/")
    assert page(reader.read_on()) == [
        "heading, Does your second step still work?, level 1",
        (
            "You have not used it for 4 weeks or longer. Use it once now, so that you are not locked out on the day "
            "when ESR asks for it."
        ),
        "button, Use your passkey",
        "heading, Or your authenticator app, level 2",
        "6-digit code",
        BOX,
        "button, It works",
        "button, I have lost it",
        "button, Ask me next time",
    ]
    person.fill(**{CODE: app.code_after(travel)})
    person.send("It works")
    person.page.wait_for_load_state("load")
    assert reader.heard() == SUCCESS
    assert reader.read_on()[1] == "Your second step works."

    doing.come_to(person, "/my-esr/security/")
    in_order(
        page(reader.read_on()),
        "heading, Security, level 1",
        "heading, What protects your account, level 2",
        "Password",
        "link, Change password",
        "Authenticator app",
        "link, Replace authenticator app",
        "link, Remove authenticator app",
        "Recovery codes",
        "10 of 10 left",
        "link, Make new recovery codes",
        "heading, Passkeys, level 2",
        f"heading, {passkey.name}, level 3",
        "Last used",
        "Never",
        "Kept",
        "Synced between your devices",
        f"link, Rename {passkey.name}",
        f"link, Remove {passkey.name}",
        "button, Add a passkey",
        "heading, Where you are logged in, level 2",
        "heading, Chrome on Linux, level 3",
        "This browser",
        "heading, Firefox on Linux, level 3",
        "button, Log out Firefox on Linux",
        "button, Log out everywhere else",
        "heading, Recent activity, level 2",
        "link, See what happened to your account in the last 90 days",
        "button, This was not me",
    )
    person.send("Log out Firefox on Linux")
    person.page.wait_for_load_state("load")
    assert reader.heard() == SUCCESS
    assert reader.read_on()[1] == "That browser was logged out."
    person.send("This was not me")
    in_order(
        page(reader.read_on()),
        "heading, Stop your account?, level 1",
        user.username,
        "If you stop your account:",
        "you are logged out of ESR everywhere, and so is anyone else who is using your account",
        "button, It was not me: stop it",
        "button, It was me: do nothing",
    )
    person.send("It was not me: stop it")
    in_order(
        page(reader.read_on()),
        "heading, Your account is stopped, level 1",
        user.username,
        "heading, To get back in, level 2",
        "button, Set a new password by email",
        "heading, Who can help, level 2",
    )
