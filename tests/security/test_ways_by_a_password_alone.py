"""Threat: whoever knows the password alone puts a way in of their own beside the owner's, or takes the owner's away.

Inside a network that is exempt, and in a browser that is remembered, the password alone opens a session. A way that is
added there would work everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import enrolment
from accounts.browser import about
from accounts.models import Authenticator, RecoveryCodes, SecurityEvent, User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.security_event import Event
from accounts.services.second_step import recovery_codes
from tests.pages.test_security import SECURITY, words
from tests.security.test_proving_again import CONFIRM, changing
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import trust
from tests.support.factories import NEW_PASSWORD, PASSWORD
from tests.support.freezing import recover
from tests.support.passkeys import SoftwareAuthenticator, registered
from tests.support.remembered_browsers import log_in_with_tick
from tests.support.steps import PortalClient, log_in, send

if TYPE_CHECKING:
    from django.test import RequestFactory
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CHOOSE, *PAGES = map(reverse, ("second_step_enrol", "second_step_app", "second_step_codes"))
REMOVE_APP = f"{SECURITY}remove-app/"


@pytest.fixture
def app(user: User) -> PhoneApp:
    """Return the app of `user`, who is asked for a code outside the networks of their organisation alone."""
    user.organisation.second_step = SecondStepPolicy.REQUIRED_OUTSIDE
    user.organisation.save()
    trust(user.organisation)
    return PhoneApp.of(user)


@pytest.fixture
def inside(client: PortalClient, user: User, app: PhoneApp) -> PortalClient:
    """Return a browser inside, in which the password has just been enough."""
    assert log_in(client, user)["Location"] == "/my-esr/"
    return client


def is_asked(answer: Answer) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(CONFIRM)


def makes_passkey(client: PortalClient, user: User) -> bool:
    said = {"about": about.person(user)}
    begun = client.post(reverse("passkey_register_begin"), said)
    if begun.status_code == 200:
        client.post(
            reverse("passkey_register_complete"), {**said, "credential": SoftwareAuthenticator().make(begun.json())}
        )
    return Passkey.objects.exists()


def changes_nothing(client: PortalClient, user: User) -> bool:
    app = Authenticator.objects.get().pk
    form = {"about": about.person(user), "make": "yes", "code": PhoneApp.of(user).code(), "name": "Mine"}
    asked = [is_asked(client.get(page)) for page in (CHOOSE, *PAGES)]
    asked += [is_asked(client.post(path, form)) for path in (*PAGES, *changing())]
    unchanged = Authenticator.objects.get().pk == app and not RecoveryCodes.objects.exists()
    return all(asked) and unchanged and not makes_passkey(client, user)


def test_inside_an_exempt_network_it_changes_nothing(inside: PortalClient, user: User) -> None:
    assert changes_nothing(inside, user)


def test_nor_does_it_where_it_is_typed_once_more(inside: PortalClient, user: User, travel: Travel) -> None:
    travel(minutes=6)
    assert "current_password" not in inside.get(CONFIRM).text
    answer = send(inside, CONFIRM, {"current_password": PASSWORD, "next": REMOVE_APP})
    assert answer.status_code == 200
    assert changes_nothing(inside, user)
    assert not SecurityEvent.objects.filter(event=Event.PROVED_AGAIN).exists()


def test_in_a_browser_that_is_remembered_it_changes_nothing(client: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    log_in_with_tick(client, user)
    assert log_in(client, user)["Location"] == "/my-esr/"
    assert changes_nothing(client, user)


def test_the_owner_shows_a_code_and_goes_on(inside: PortalClient, user: User, app: PhoneApp) -> None:
    registered(user)
    confirm = inside.get(REMOVE_APP)["Location"]
    shown = words(inside, confirm)
    assert "You have not used your second step since you logged in." in shown
    assert "minutes ago" not in shown
    assert "If you no longer have your second step, ask your organisation’s ESR contact for help." in shown
    wrong = send(inside, CONFIRM, {"code": app.wrong_code(), "next": REMOVE_APP})
    assert "That code is not right" in wrong.text
    key = inside.session.session_key
    assert send(inside, CONFIRM, {"code": app.code(), "next": REMOVE_APP})["Location"] == REMOVE_APP
    assert inside.session.session_key != key
    reasons = SecurityEvent.objects.filter(event=Event.PROVED_AGAIN).values_list("reason", flat=True)
    assert list(reasons) == ["code"]
    assert send(inside, REMOVE_APP)["Location"] == SECURITY
    assert not Authenticator.objects.exists()


def test_a_recovery_code_shows_it_too_and_its_last_ones_are_counted(
    inside: PortalClient, user: User, app: PhoneApp
) -> None:
    codes = recovery_codes.make(user=user)
    for code in codes[:-3]:
        recovery_codes.use(user=user, code=recovery_codes.as_typed(code) or "")
    assert send(inside, CONFIRM, {"code": codes[-1], "next": SECURITY})["Location"] == SECURITY
    assert "You have 2 recovery codes left." in words(inside)
    assert makes_passkey(inside, user)


def test_once_it_was_shown_the_password_proves_the_rest(
    inside: PortalClient, user: User, app: PhoneApp, travel: Travel
) -> None:
    send(inside, CONFIRM, {"code": app.code()})
    travel(minutes=6)
    assert is_asked(inside.get(REMOVE_APP))
    assert send(inside, CONFIRM, {"current_password": PASSWORD, "next": REMOVE_APP})["Location"] == REMOVE_APP
    assert inside.get(REMOVE_APP).status_code == 200


def test_a_person_who_has_none_adds_the_first_with_their_password(client: PortalClient, user: User) -> None:
    log_in(client, user)
    assert makes_passkey(client, user)
    # And goes on to the second without a question: the first was made in this session.
    assert client.get(reverse("second_step_app")).status_code == 200


def test_a_way_that_was_removed_is_shown_no_more(client: PortalClient, other_client: PortalClient, user: User) -> None:
    """Threat: the thief adds a passkey of their own, removes it, and stays until the owner has a second step."""
    log_in(client, user)
    assert makes_passkey(client, user)
    send(client, f"{SECURITY}passkeys/{Passkey.objects.get().pk}/remove/")
    assert not Passkey.objects.exists()
    log_in(other_client, user)
    PhoneApp.of(user)
    assert changes_nothing(client, user)


def test_a_session_that_has_shown_none_sets_up_the_first_way_and_replaces_none(
    client: PortalClient, rf: RequestFactory, user: User
) -> None:
    """Threat: the owner's first way is stored between the look whether there is one and that of the thief.

    The services look once more, under the lock of the person, where they are told that it is to be the first.
    """

    def is_for_the_first() -> bool:
        request = rf.get("/")
        request.user, request.session = user, client.session
        enrolling = enrolment.of(request)
        assert enrolling
        return enrolling.is_for_the_first

    log_in(client, user)
    assert is_for_the_first()
    assert makes_passkey(client, user)
    assert not is_for_the_first()


def test_a_person_outside_of_the_share_replaces_what_they_are_asked_for(client: PortalClient, user: User) -> None:
    """A share that was lowered takes no person's phone away."""
    user.organisation.second_step_share = 0
    user.organisation.save()
    app = PhoneApp.of(user)
    page = log_in(client, user)["Location"]
    assert send(client, page, {"code": app.code()})["Location"] == "/my-esr/"
    assert [client.get(page).status_code for page in PAGES] == [200, 200]


def test_a_thief_of_the_mailbox_removes_no_passkey_that_it_has_stopped(client: PortalClient, user: User) -> None:
    """Threat: the tick "stolen" stops the passkeys, and the new password then takes them away for good."""
    user.organisation.second_step = SecondStepPolicy.REQUIRED_OUTSIDE
    user.organisation.save()
    trust(user.organisation)
    _, passkey = registered(user)
    recovery_codes.make(user=user)
    recover(user, stop_passkeys=True)
    log_in(client, user, NEW_PASSWORD)
    assert is_asked(client.post(f"{SECURITY}passkeys/{passkey.pk}/remove/", {"about": about.person(user)}))
    assert Passkey.objects.filter(pk=passkey.pk, confirmed=False).exists()
