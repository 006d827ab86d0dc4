"""A passkey that the browser makes by itself after a log-in with a password (conditional creation)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from tests.journeys import doing
from tests.support.care_identity import link
from tests.support.factories import PASSWORD, make_user

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.journeys.conftest import TypeOfPerson, TypeOfPutIn

pytestmark = pytest.mark.passkeys_are_offered

OFFER = "Log in faster next time"
# What a browser with a password manager does: it makes the passkey without a question to its person.
PASSWORD_MANAGER = """
PublicKeyCredential.getClientCapabilities = async () => ({conditionalCreate: true});
const create = navigator.credentials.create.bind(navigator.credentials);
navigator.credentials.create = ({publicKey, signal, mediation}) => {
  globalThis.mediation = mediation;
  return create({publicKey, signal});
};
"""
# How often the page has asked the browser to make a passkey, and which questions were given up.
NOTE_QUESTIONS = """
globalThis.questions = [];
const create = navigator.credentials.create.bind(navigator.credentials);
navigator.credentials.create = (options) => {
  questions.push(options);
  return create(options);
};
"""
IS_ASKED = "() => questions.length === 1"
ASKED = "() => questions.map(({mediation, signal}) => [mediation ?? 'with a press', signal.aborted])"


def test_a_browser_that_can_makes_one_without_a_press(somebody: TypeOfPerson, with_authenticator: TypeOfPutIn) -> None:
    """What stands in: the browser's own decision to make one, which takes a password manager with a saved password.

    This Chromium has none and never answers. So `navigator.credentials.create` is passed on to Chromium's own without
    the mediation "conditional", to its virtual authenticator. The page, the script, what is signed, the server and the
    database are those of every day.
    """
    user, person = link(make_user()), somebody()
    authenticator = with_authenticator(person)
    person.page.add_init_script(PASSWORD_MANAGER)
    doing.come_to_log_in(person)
    person.fill(username=user.username, password=PASSWORD)
    person.send(doing.LOG_IN)
    presses = person.tally.presses
    person.page.wait_for_url("**/my-esr/")
    person.look("arrive with a passkey")
    person.sees("You can now log in with a passkey")
    assert person.tally.presses == presses
    assert Passkey.objects.get().user == user
    assert len(authenticator.passkeys) == 1


def test_a_browser_that_never_answers_holds_no_person_up(
    somebody: TypeOfPerson, with_authenticator: TypeOfPutIn
) -> None:
    """Chromium says that it makes passkeys without a press, and without a password manager it does not answer."""
    user, person = link(make_user()), somebody()
    with_authenticator(person)
    person.page.add_init_script(NOTE_QUESTIONS)
    person.page.clock.install()
    doing.log_in_here(person, user)
    assert person.heading == OFFER
    person.page.wait_for_function(IS_ASKED)
    assert person.page.evaluate(ASKED) == [["conditional", False]]
    # After a time the browser is not asked any more, and nothing is said about it.
    person.page.clock.fast_forward(11_000)
    assert person.page.evaluate(ASKED) == [["conditional", True]]
    person.does_not_see("No passkey was made")
    # While it is being asked, the person goes on.
    person.page.reload()
    person.page.wait_for_function(IS_ASKED)
    person.press("Not now")
    assert person.path == "/my-esr/"
    # Or takes up the offer: Chromium takes one question at a time.
    doing.come_to(person, "/passkeys/offer/")
    person.page.wait_for_function(IS_ASKED)
    person.send("Create a passkey")
    person.page.wait_for_url("**/my-esr/")
    person.sees("You can now log in with a passkey")
    assert Passkey.objects.get().user == user
    Passkey.objects.all().delete()
    # Or does so on a bad line before the browser was asked at all: the server keeps the challenge that it made last,
    # which has to be that of the press.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    person.page.route("**/passkeys/new/begin/", hold)
    with person.page.expect_request("**/passkeys/new/begin/"):
        doing.come_to(person, "/passkeys/offer/")
    doing.tap(person, person.button("Create a passkey"))
    person.page.wait_for_timeout(100)
    (first,) = held
    first.continue_()
    person.page.wait_for_url("**/my-esr/")
    person.sees("You can now log in with a passkey")
    assert Passkey.objects.get().user == user
