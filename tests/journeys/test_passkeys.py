"""Passkeys in Chromium, with an authenticator that the browser has inside."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Organisation, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import lockout
from tests.journeys.doing import come_to_log_in, log_in_here
from tests.support.browser import PHONE, Walker
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.passkeys import registered

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson, TypeOfPutIn

WITH_A_PASSKEY = "Log in with a passkey"
MY_ESR = "/my-esr/"


def arrives(person: Walker, address: str = MY_ESR) -> None:
    person.page.wait_for_url(f"**{address}**")
    person.look(f"arrive at {address}")


@pytest.mark.passkeys_are_offered
def test_one_is_offered_after_a_password_and_made_in_two_presses_and_is_the_way_in_from_then_on(
    somebody: TypeOfPerson, with_authenticator: TypeOfPutIn
) -> None:
    user, person = make_user(), somebody(size=PHONE)
    authenticator = with_authenticator(person)
    log_in_here(person, user)
    assert person.heading == "Log in faster next time"
    person.send("Create a passkey")
    arrives(person, "/second-step/set-up/codes/")
    person.sees("You can now log in with a passkey")
    person.press("Make recovery codes")
    person.press("I have saved these codes")
    assert person.heading == "Security"
    assert Passkey.objects.get().user == user
    assert len(authenticator.passkeys) == 1
    person.press("Log out")
    # A browser that suggests none: this authenticator would be chosen before the button is pressed.
    person.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    come_to_log_in(person)
    person.send(WITH_A_PASSKEY)
    arrives(person)
    assert person.heading.endswith(user.get_full_name())


def test_a_person_without_one_reads_what_it_is_and_the_browser_suggests_the_one_they_have(
    somebody: TypeOfPerson, with_authenticator: TypeOfPutIn
) -> None:
    person = somebody(size=PHONE)
    authenticator = with_authenticator(person)
    come_to_log_in(person)
    person.button(WITH_A_PASSKEY).click()
    person.sees("No passkey for ESR was used.", "Your username and password work as before.")
    person.does_not_see("failed", "error")
    person.look("read what a passkey is")
    held, _ = registered(make_user(), origin=person.url)
    authenticator.hold(held)
    # Conditional UI: nothing is pressed but the name that the browser suggests, which this authenticator does itself.
    person.page.goto(f"{person.url}/log-in/")
    arrives(person)


def test_one_logs_in_in_a_browser_that_sends_no_form_on_request(
    somebody: TypeOfPerson, with_authenticator: TypeOfPutIn
) -> None:
    """Safari before version 16."""
    person = somebody(size=PHONE)
    held, _ = registered(make_user(), origin=person.url)
    with_authenticator(person).hold(held)
    person.page.add_init_script("delete HTMLFormElement.prototype.requestSubmit")
    person.page.goto(f"{person.url}/log-in/")
    arrives(person)


def test_what_a_passkey_does_for_a_person_in_each_state(
    somebody: TypeOfPerson, with_authenticator: TypeOfPutIn
) -> None:
    person = somebody()
    authenticator = with_authenticator(person)
    locked, must_change, ended, outside = (make_user() for _ in range(4))

    def comes_with_passkey(user: User) -> None:
        person.page.context.clear_cookies()
        authenticator.put_away()
        authenticator.hold(registered(user, origin=person.url)[0])
        # The browser suggests it, and this authenticator takes up the suggestion.
        person.page.goto(f"{person.url}/log-in/")
        person.page.wait_for_url(lambda address: urlsplit(address).path != "/log-in/")
        person.look("log in with a passkey")

    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=locked.username)
    comes_with_passkey(locked)
    assert person.heading.endswith(locked.get_full_name())
    assert not lockout.is_locked(username=locked.username, browser="")

    User.objects.filter(pk=must_change.pk).update(must_change_password=True)
    comes_with_passkey(must_change)
    person.fill(new_password=NEW_PASSWORD)
    person.press("Change password")
    person.sees("Your password was changed. You are logged in.")

    User.objects.filter(pk=ended.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    comes_with_passkey(ended)
    assert person.heading == "Your account is not open"
    person.sees("Your account has ended")

    Organisation.objects.update(requires_internet_access=True)
    comes_with_passkey(outside)
    assert person.heading == "You need internet access to log in from here"
    refused = SecurityEvent.objects.filter(event=Event.LOG_IN_REFUSED).order_by("pk").values_list("reason", flat=True)
    assert list(refused) == ["not_in_force", "outside_network"]
