"""Attacks on the ceremonies of passkeys: one threat each."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import webauthn
from accounts.browser import about
from accounts.models import SecurityEvent, SpentChallenge, User
from accounts.models.security_event import Event
from accounts.services.second_step import AlreadySetUp, passkeys
from tests.support.factories import make_user
from tests.support.passkeys import UP, SoftwareAuthenticator, encoded, log_in_with, registered
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db

BEGIN, COMPLETE = "/passkeys/log-in/begin/", "/passkeys/log-in/"
SECOND_STEP = "/log-in/second-step/"


def is_in(client: PortalClient) -> bool:
    return bool(client.get("/my-esr/").status_code == 200)


def begin(client: PortalClient, ceremony: str, said: str) -> Any:
    return client.post(reverse(f"passkey_{ceremony}_begin"), {"about": said})


def complete(client: PortalClient, ceremony: str, said: str, credential: str) -> Any:
    return client.post(reverse(f"passkey_{ceremony}_complete"), {"about": said, "credential": credential})


def at_second_step(client: PortalClient, user: User) -> str:
    """Log in as far as the second step; return what its forms are about."""
    assert log_in(client, user)["Location"] == SECOND_STEP
    return client.shown[SECOND_STEP]["about"]


def test_an_answer_that_is_replayed_lets_none_in_and_ends_no_passkey(client: PortalClient) -> None:
    """An attacker has read an answer on its way, and sends it again from a browser with the same cookies."""
    authenticator, passkey = registered(make_user(), counter=1, step=1)
    sent = {"credential": authenticator.use(client.post(BEGIN).json())}
    token = client.cookies["__Host-csrf"].value
    assert client.post(COMPLETE, sent).status_code == 302
    copy = PortalClient()
    copy.cookies["__Host-csrf"] = token
    assert copy.post(COMPLETE, sent).status_code == 200
    assert not is_in(copy)
    passkey.refresh_from_db()
    assert (passkey.confirmed, passkey.sign_count) == (True, 2)
    assert SpentChallenge.objects.count() == 2


def test_a_challenge_of_another_browser_lets_none_in(client: PortalClient, other_client: PortalClient) -> None:
    """An attacker has a person answer the attacker's challenge, or the other way round."""
    authenticator, _ = registered(make_user())
    client.get("/log-in/")
    sent = {"credential": authenticator.use(other_client.post(BEGIN).json())}
    assert client.post(COMPLETE, sent).status_code == 200
    assert not is_in(client)
    assert other_client.post(COMPLETE, sent).status_code == 302


@pytest.mark.parametrize("challenge", [b"", b"x" * 32, b"x" * 72, b"x" * 500])
def test_a_challenge_that_the_attacker_made_lets_none_in(client: PortalClient, challenge: bytes) -> None:
    """An attacker who has the passkey for a moment prepares answers for later."""
    authenticator, _ = registered(make_user())
    client.post(COMPLETE, {"credential": authenticator.use({"challenge": encoded(challenge)})})
    assert not is_in(client)


def test_a_challenge_is_good_for_five_minutes(client: PortalClient, travel: Any) -> None:
    """An attacker finds a log-in page that was left open."""
    user = make_user()
    authenticator, _ = registered(user)
    options = client.post(BEGIN).json()
    said = at_second_step(client, user)
    in_stage = begin(client, "challenge", said).json()
    travel(minutes=5, seconds=2)
    complete(client, "challenge", said, authenticator.use(in_stage))
    client.post(COMPLETE, {"credential": authenticator.use(options)})
    assert not is_in(client)


def test_a_passkey_of_another_person_passes_no_second_step(client: PortalClient) -> None:
    """An attacker who knows a password shows a passkey of their own."""
    victim, attacker = make_user(), make_user()
    registered(victim)
    own, _ = registered(attacker)
    said = at_second_step(client, victim)
    assert complete(client, "challenge", said, own.use(begin(client, "challenge", said).json()))["Location"] == (
        SECOND_STEP
    )
    assert not is_in(client)


def test_a_forged_user_handle_opens_no_other_account(client: PortalClient) -> None:
    """An attacker's authenticator says that its passkey is the victim's, which no signature covers."""
    victim = make_user()
    theirs, _ = registered(victim)
    own, _ = registered(make_user())
    log_in_with(client, own, userHandle=encoded(theirs.user_handle or b""))
    assert not is_in(client)


@pytest.mark.parametrize("knobs", [{"flags": UP}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}])
def test_no_check_of_the_person_and_no_other_website_will_do(client: PortalClient, knobs: dict[str, Any]) -> None:
    """A thief of an unlocked phone, and a website that passes on what it was given."""
    authenticator, _ = registered(make_user())
    for knob, value in knobs.items():
        setattr(authenticator, knob, value)
    log_in_with(client, authenticator)
    assert not is_in(client)


def test_a_copy_of_a_passkey_is_found_out_by_its_counter(client: PortalClient, other_client: PortalClient) -> None:
    """A thief has copied the key out of an authenticator that counts."""
    user = make_user()
    authenticator, _ = registered(user, counter=1, step=1)
    copy = SoftwareAuthenticator(**vars(authenticator))
    log_in_with(client, authenticator)
    log_in_with(client, authenticator)
    log_in_with(other_client, copy)
    assert not is_in(other_client)
    assert SecurityEvent.objects.filter(user=user, event=Event.PASSKEY_REFUSED, reason="counter").count() == 1
    # Whose of the two is the owner's is not known.
    client.post("/log-out/")
    log_in_with(client, authenticator)
    assert not is_in(client)


def test_a_ceremony_of_one_log_in_is_not_answered_in_the_next(client: PortalClient) -> None:
    """The challenge of a second step belongs to one log-in, and an old tab acts on none that came after."""
    user = make_user()
    authenticator, _ = registered(user)
    first = at_second_step(client, user)
    options = begin(client, "challenge", first).json()
    second = at_second_step(client, user)
    assert complete(client, "challenge", first, authenticator.use(options)).status_code == 409
    assert complete(client, "challenge", second, authenticator.use(options))["Location"] == SECOND_STEP
    assert begin(client, "challenge", first).status_code == 409
    assert not is_in(client)


def test_a_challenge_is_taken_with_the_first_answer_whatever_it_is(client: PortalClient) -> None:
    """An attacker has as many tries with one challenge as there are answers."""
    user = make_user()
    authenticator, _ = registered(user)
    said = at_second_step(client, user)
    options = begin(client, "challenge", said).json()
    complete(client, "challenge", said, "{}")
    assert complete(client, "challenge", said, authenticator.use(options))["Location"] == SECOND_STEP
    assert not is_in(client)


def test_an_old_tab_makes_a_passkey_for_no_other_person(client: PortalClient) -> None:
    """A person leaves a page open at a shared computer, and the next one logs in there."""
    first, second = make_user(), make_user()
    log_in(client, first)
    options = begin(client, "register", about.person(first)).json()
    made = SoftwareAuthenticator().make(options)
    log_in(client, second)
    assert begin(client, "register", about.person(first)).status_code == 409
    assert complete(client, "register", about.person(first), made).status_code == 409
    complete(client, "register", about.person(second), made)
    assert not Passkey.objects.exists()


def test_an_answer_to_the_log_in_page_proves_nothing_elsewhere(client: PortalClient) -> None:
    """A challenge is asked for one purpose."""
    user = make_user()
    authenticator, _ = registered(user)
    options = client.post(BEGIN).json()
    said = at_second_step(client, user)
    begin(client, "challenge", said)
    assert complete(client, "challenge", said, authenticator.use(options))["Location"] == SECOND_STEP
    in_stage = begin(client, "challenge", said).json()
    client.post(COMPLETE, {"credential": authenticator.use(in_stage)})
    assert not is_in(client)


def test_a_huge_answer_is_not_read(client: PortalClient) -> None:
    """A stranger has the portal read megabytes of nested JSON and CBOR."""
    deep = json.dumps({"id": "x", "response": {"clientDataJSON": encoded(b"[" * 500_000)}})
    for sent in (deep, "[" * 1_000_000):
        assert client.post(COMPLETE, {"credential": sent}).status_code == 200
    assert client.post(COMPLETE, {"credential": "x" * 3_000_000}).status_code == 413


def test_strangers_leave_no_row_behind(client: PortalClient) -> None:
    """A stranger begins and answers without end."""
    authenticator, _ = registered(make_user())
    events = SecurityEvent.objects.count()
    for _ in range(3):
        forged = SoftwareAuthenticator(credential_id=authenticator.credential_id, user_handle=authenticator.user_handle)
        log_in_with(client, forged)
    assert SecurityEvent.objects.count() == events
    assert SpentChallenge.objects.count() == 1


def test_a_form_of_another_website_begins_and_completes_nothing(csrf_client: PortalClient) -> None:
    """A website logs a visitor in to the attacker's account."""
    authenticator, _ = registered(make_user())
    assert csrf_client.post(BEGIN).status_code == 403
    sent = {"credential": authenticator.use({"challenge": encoded(b"x" * 72)})}
    assert csrf_client.post(COMPLETE, sent).status_code == 403
    assert not is_in(csrf_client)


def _at_once(*calls: Any) -> list[object]:
    came: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(number: int) -> None:
        barrier.wait()
        try:
            came[number] = calls[number]()
        except (AlreadySetUp, webauthn.Refused) as refused:
            came[number] = type(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_that_set_up_the_first_second_step_one_does() -> None:
    """An attacker who knows the password races the owner to enrol."""
    user = make_user(is_staff=True)
    begun = [passkeys.begin_adding(user=user) for _ in range(2)]

    def enrol(each: webauthn.Begun) -> Any:
        sent = SoftwareAuthenticator().make(each.options)
        return lambda: passkeys.add(user=user, challenge=each.challenge, credential=sent, only_as_first=True)

    came = _at_once(*map(enrol, begun))
    assert sorted(isinstance(one, Passkey) for one in came) == [False, True]
    assert AlreadySetUp in came
    assert Passkey.objects.count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_copies_of_one_answer_at_once_one_counts() -> None:
    """An attacker sends a copied answer at the same moment as the browser."""
    authenticator, passkey = registered(make_user(), counter=1, step=1)
    challenge = b"c" * 40
    sent = webauthn.read_assertion(authenticator.use({"challenge": encoded(challenge)}))
    came = _at_once(*[lambda: passkeys.use(assertion=sent, challenge=challenge, user=None)] * 4)
    assert came.count(webauthn.Refused) == 3
    passkey.refresh_from_db()
    assert passkey.confirmed
