"""Threats in the moment at which a second step is added or taken away: log-ins under way, stale readers, copies."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.signals import user_logged_in
from django.db import connection, transaction
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.browser import about
from accounts.models import Authenticator, OutboxMessage, RecoveryCodes, SecurityEvent, Session, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import freezing, second_step
from accounts.services.second_step import passkeys, recovery_codes, remembered_browsers
from people.services import care_identity_links
from tests.pages.test_passkey import send as answer_with
from tests.pages.test_second_step_enrol import PAGE as SET_UP_APP
from tests.pages.test_second_step_enrol import typed_secret
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import log_in_by_care_identity
from tests.support.factories import NEW_PASSWORD
from tests.support.passkeys import SoftwareAuthenticator, log_in_with, registered
from tests.support.remembered_browsers import CHALLENGE, log_in_with_tick
from tests.support.steps import PortalClient, about_in, log_in, send
from tests.support.two_accounts import person_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db

# Seconds after which a test is wrong that waits for another thread.
PATIENCE = 20


@contextlib.contextmanager
def as_the_session_begins(happens: Callable[[], object]) -> Iterator[None]:
    """Have something happen after the last check of a log-in, and before its session is stored."""

    def receive(**_facts: Any) -> None:
        happens()

    user_logged_in.connect(receive)
    try:
        yield
    finally:
        user_logged_in.disconnect(receive)


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


def test_the_passkey_is_removed_as_its_session_begins(client: PortalClient, user: User) -> None:
    """What removes it ends the sessions that it finds, and this one is not there yet."""
    authenticator, passkey = registered(user)
    with as_the_session_begins(lambda: passkeys.remove(user=user, pk=passkey.pk)):
        answer = log_in_with(client, authenticator)
    assert answer["Location"] == "/log-in/"
    assert "Something about your account changed" in client.get("/log-in/").text
    assert not is_in(client)
    assert SecurityEvent.objects.get(event=Event.LOG_IN_REFUSED).reason == "second_step_gone"


def test_the_helpdesk_unlinks_the_care_identity_as_its_session_begins(client: PortalClient, user: User) -> None:
    with as_the_session_begins(lambda: care_identity_links.unlink(user=user, by=None)):
        log_in_by_care_identity(client, user)
    assert not is_in(client)
    assert not Session.objects.filter(user_id=user.pk).exists()
    assert SecurityEvent.objects.get(event=Event.LOG_IN_REFUSED).reason == "care_identity_not_linked"


def test_the_helpdesk_removes_the_app_as_its_session_begins(client: PortalClient, user: User) -> None:
    app = PhoneApp.of(user)
    log_in(client, user)
    with as_the_session_begins(lambda: second_step.remove(user=user, by=None)):
        send(client, CHALLENGE, {"code": app.code()})
    assert not is_in(client)


def test_the_remembered_browser_is_forgotten_as_its_session_begins(client: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    log_in_with_tick(client, user)
    with as_the_session_begins(lambda: remembered_browsers.forget_all(user=user, reason="forgotten")):
        log_in(client, user)
    assert not is_in(client)


@pytest.mark.django_db(transaction=True)
def test_what_is_being_removed_as_the_session_begins_is_waited_for(client: PortalClient, user: User) -> None:
    """The removal has ended the sessions that it found, and is not finished yet when the log-in looks once more."""
    app = PhoneApp.of(user)
    log_in(client, user)
    removed, go_on = threading.Event(), threading.Event()

    def remove() -> None:
        with transaction.atomic():
            second_step.remove(user=user, by=None)
            removed.set()
            assert go_on.wait(PATIENCE)
        connection.close()

    remover = threading.Thread(target=remove)

    def happens() -> None:
        remover.start()
        assert removed.wait(PATIENCE)
        # The log-in waits for it from now on, and would else be over.
        threading.Timer(1, go_on.set).start()

    with as_the_session_begins(happens):
        send(client, CHALLENGE, {"code": app.code()})
    remover.join()
    assert not Authenticator.objects.exists()
    assert not is_in(client)


def test_a_passkey_that_was_stopped_opens_nothing_after_the_new_password(client: PortalClient, user: User) -> None:
    """The owner says that the device is stolen while its thief is asked for a new password."""
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    authenticator, _ = registered(user)
    log_in(client, user)
    page = answer_with(client, "challenge", authenticator, client.shown[CHALLENGE]["about"])["Location"]
    open_page = about_in(client.get(page))
    Passkey.objects.update(confirmed=False)
    client.post(page, {"new_password": NEW_PASSWORD, **open_page})
    assert not is_in(client)


def test_what_began_before_an_account_was_stopped_sets_nothing_up_after(user: User) -> None:
    """The thief is logged in, and has their own phone and passkey ready, when the owner says "This was not me"."""
    stale, secret = User.objects.get(pk=user.pk), second_step.new_secret()
    begun, authenticator = passkeys.begin_adding(user=stale), SoftwareAuthenticator()
    freezing.freeze(user=user)
    with pytest.raises(second_step.PasswordChanged):
        passkeys.add(user=stale, challenge=begun.challenge, credential=authenticator.make(begun.options))
    with pytest.raises(second_step.PasswordChanged):
        second_step.set_up(user=stale, secret=secret, code=PhoneApp(secret).code())
    with pytest.raises(second_step.PasswordChanged):
        recovery_codes.make(user=stale)
    assert not any(model.objects.exists() for model in (Passkey, Authenticator, RecoveryCodes))


def test_a_passkey_sets_no_new_password_while_the_account_is_stopped(client: PortalClient, user: User) -> None:
    """A passkey is the second step, and the mailbox has yet to be shown: the password stays frozen until then."""
    authenticator, _ = registered(user)
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    freezing.freeze(user=User.objects.get(pk=user.pk))
    assert log_in_with(client, authenticator)["Location"] == "/my-esr/"
    user.refresh_from_db()
    assert user.password_is_frozen()
    assert is_in(client)


def test_the_copy_of_a_passkey_is_out_once_it_is_noticed_and_the_owner_is_told(
    client: PortalClient, other_client: PortalClient, user: User
) -> None:
    """The copy was first. Whose of the two counts is not known, so nothing that either opened stays open."""
    authenticator, passkey = registered(user, counter=1, step=1)
    copy = dataclasses.replace(authenticator)
    log_in_with(other_client, copy)
    assert is_in(other_client)
    OutboxMessage.objects.all().delete()
    log_in_with(client, authenticator)
    passkey.refresh_from_db()
    assert not passkey.confirmed
    assert (is_in(client), is_in(other_client)) == (False, False)
    (told,) = OutboxMessage.objects.filter(kind=Kind.SECOND_STEP_REMOVED)
    assert (told.about["users"], told.about["what"]) == ([user.pk], "copied_passkey")


@pytest.mark.parametrize("way", ["passkey_prove", "still_works"])
def test_a_copy_that_is_noticed_in_a_session_ends_it_with_a_sentence(
    client: PortalClient, user: User, way: str
) -> None:
    authenticator, _ = registered(user, counter=5, step=1)
    log_in_with(client, authenticator)
    authenticator.counter = 0
    said = {"about": about.person(user)}
    begun = client.post(reverse("passkey_prove_begin"), said).json()
    page = reverse("passkey_prove_complete" if way == "passkey_prove" else "still_works_passkey")
    answer = client.post(page, {**said, "credential": authenticator.use(begun)})
    assert answer["Location"] == "/log-in/"
    assert "There may be a copy of that passkey" in client.get("/log-in/").text
    assert not is_in(client)


def test_what_the_replaced_app_opened_is_closed(client: PortalClient, other_client: PortalClient, user: User) -> None:
    """The phone was stolen, and its thief is logged in with it when its owner sets up the app on a new one."""
    app = PhoneApp.of(user)
    for browser, code in ((other_client, app.code()), (client, app.next_code())):
        log_in(browser, user)
        assert send(browser, CHALLENGE, {"code": code})["Location"].startswith("/my-esr/")
    new = PhoneApp.typed(typed_secret(client))
    send(client, SET_UP_APP, {"code": new.code()})
    assert (person_in(client), is_in(other_client)) == (user.pk, False)
    # The new one is what this session has shown from now on.
    assert client.get(SET_UP_APP).status_code == 200


def test_what_the_removed_app_opened_is_closed(client: PortalClient, other_client: PortalClient, user: User) -> None:
    """The phone was stolen, and its thief is logged in with it."""
    app = PhoneApp.of(user)
    registered(user)
    for browser, code in ((other_client, app.code()), (client, app.next_code())):
        log_in(browser, user)
        assert send(browser, CHALLENGE, {"code": code})["Location"].startswith("/my-esr/")
    send(client, "/my-esr/security/remove-app/")
    assert not Authenticator.objects.exists()
    assert (person_in(client), is_in(other_client)) == (user.pk, False)
