"""A person looks at what protects their account, on a phone, and logs out a browser that they left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.services import sessions
from accounts.services.second_step import recovery_codes
from tests.journeys import doing
from tests.support.authenticator import PhoneApp
from tests.support.browser import DESKTOP, PHONE
from tests.support.care_identity import link, trust
from tests.support.factories import PASSWORD, make_user
from tests.support.protection import add_passkey

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.travel import Travel


def test_a_browser_left_open_is_logged_out_from_the_phone_after_a_proof(somebody: TypeOfPerson, travel: Travel) -> None:
    user = link(make_user())
    trust(user.organisation)
    at_the_ward, phone = somebody(), somebody(size=PHONE, also=[DESKTOP])
    doing.log_in_here(at_the_ward, user)
    app = PhoneApp.of(user)
    recovery_codes.make(user=user)
    add_passkey(user)
    doing.log_in_here(phone, user)
    phone.fill(**{"6-digit_code": app.code()})
    phone.press("Continue")
    phone.press("Security and recent activity")
    assert phone.heading == "Security"
    phone.sees("This browser", "Synced between your devices", "10 of 10 left")
    travel(seconds=sessions.PROOF_LASTS.total_seconds() + 60)
    phone.press("Log out everywhere else")
    assert phone.heading == "Confirm that it is you"
    phone.sees("Nothing was changed yet.")
    phone.fill(current_password=doing.WRONG_PASSWORD)
    phone.press("Continue")
    phone.sees("This is not your current password")
    phone.fill(current_password=PASSWORD)
    phone.press("Continue")
    assert phone.heading == "Security"
    # The ward's browser is in until then, and out on its next request.
    doing.come_to(at_the_ward, "/my-esr/")
    assert at_the_ward.path == "/my-esr/"
    phone.press("Log out Chrome on Linux")
    phone.sees("That browser was logged out.")
    doing.come_to(at_the_ward, "/my-esr/")
    assert at_the_ward.path.startswith("/log-in/")
    phone.follow("See what happened to your account in the last 90 days")
    phone.sees("You logged out another browser.", "A wrong password was given to change your security settings.")
    phone.follow("Security")
    phone.follow("Rename iPhone")
    phone.fill(name="My old phone")
    phone.press("Save")
    phone.sees("The passkey has a new name.")
    phone.follow("Remove My old phone")
    phone.press("Remove passkey")
    phone.sees("The passkey was removed.")
    phone.follow("Remove authenticator app")
    phone.press("Remove authenticator app")
    phone.sees("Your authenticator app was removed.")
    phone.press("Add a passkey")
    assert phone.heading == "Add a passkey"
