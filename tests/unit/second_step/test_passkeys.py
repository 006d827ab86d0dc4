"""Passkeys: which are made, which are used, and what is noted of it."""

from __future__ import annotations

from typing import Any

import pytest
from django_otp_webauthn.models import WebAuthnAttestation
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import webauthn
from accounts.models import OutboxMessage, SecurityEvent, SpentChallenge, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import second_step, switched_off
from accounts.services.second_step import passkey_uses, passkeys
from tests.support.factories import make_user
from tests.support.passkeys import BE, BS, UP, UV, SoftwareAuthenticator, encoded, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db: None) -> User:
    return make_user()


def add(user: User, authenticator: SoftwareAuthenticator, *, quiet: bool = False, **changed: Any) -> Passkey:
    begun = passkeys.begin_adding(user=user)
    sent = authenticator.make(begun.options, **changed)
    return passkeys.add(user=user, challenge=begun.challenge, credential=sent, quiet=quiet)


def use(user: User, authenticator: SoftwareAuthenticator, **changed: Any) -> str:
    begun = passkeys.begin_use(user=user)
    return passkey_uses.pass_second_step(
        user=user, challenge=begun.challenge, credential=authenticator.use(begun.options, **changed)
    )


def events(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", flat=True))


def reasons(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("reason", flat=True))


def test_the_browser_is_told_our_rules(user: User) -> None:
    _, known = registered(user)
    options = passkeys.begin_adding(user=user).options
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    assert options["rp"] == {"id": "esr.example.nhs.uk", "name": "ESR Portal"}
    assert options["user"]["name"] == user.username
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert [each["id"] for each in options["excludeCredentials"]] == [encoded(bytes(known.credential_id))]
    in_use = passkeys.begin_use(user=user).options
    assert in_use["userVerification"] == "required"
    assert [each["id"] for each in in_use["allowCredentials"]] == [encoded(bytes(known.credential_id))]
    assert passkeys.begin_log_in(challenge=b"x" * 32).options["allowCredentials"] == []


def test_a_passkey_is_added_named_and_told_of_and_no_statement_of_it_is_kept(user: User) -> None:
    passkey = add(user, SoftwareAuthenticator())
    assert (passkey.name, passkey.backup_state) == ("iCloud Keychain", True)
    assert add(user, SoftwareAuthenticator()).name == "iCloud Keychain (2)"
    bound = add(user, SoftwareAuthenticator(aaguid="00000000-0000-0000-0000-000000000000", flags=UP | UV))
    assert (bound.name, bound.backup_state) == ("Passkey", False)
    assert events(user) == [Event.PASSKEY_ADDED] * 3
    mail = OutboxMessage.objects.filter(kind=Kind.SECOND_STEP_ADDED).first()
    assert mail is not None
    assert mail.about["users"] == [user.pk]
    assert not WebAuthnAttestation.objects.exists()
    assert second_step.ways_of(user=user).passkeys == 3


@pytest.mark.parametrize(
    ("knobs", "changed"),
    [
        ({"flags": UP}, {}),
        ({"flags": UV}, {}),
        ({"flags": UP | UV | BS}, {}),
        ({"origin": "https://esr.example.nhs.uk.evil.example"}, {}),
        ({"origin": "http://esr.example.nhs.uk"}, {}),
        ({"rp_id": "evil.example"}, {}),
        ({"counter": 2**31}, {}),
        ({"credential_id": b"x" * 1024}, {}),
        ({}, {"attestation": {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"", "x5c": [b"a"]}}}),
        ({}, {"attestation": {"fmt": "tpm", "attStmt": {}}}),
        ({}, {"clientDataJSON": "!"}),
    ],
)
def test_no_other_passkey_is_added(user: User, knobs: dict[str, Any], changed: dict[str, Any]) -> None:
    with pytest.raises(webauthn.Refused):
        add(user, SoftwareAuthenticator(**knobs), **changed)
    assert not Passkey.objects.exists()
    assert events(user) == []


def test_a_browser_that_makes_one_without_a_press_need_not_say_that_there_was_one(user: User) -> None:
    assert add(user, SoftwareAuthenticator(flags=UV | BE), quiet=True)
    with pytest.raises(webauthn.Refused):
        add(user, SoftwareAuthenticator(flags=BE), quiet=True)


def test_one_answer_adds_one_passkey_and_one_authenticator_is_not_added_twice(user: User) -> None:
    begun, authenticator = passkeys.begin_adding(user=user), SoftwareAuthenticator()
    sent = authenticator.make(begun.options)
    passkeys.add(user=user, challenge=begun.challenge, credential=sent)
    with pytest.raises(webauthn.Refused):
        passkeys.add(user=user, challenge=begun.challenge, credential=sent)
    with pytest.raises(webauthn.Refused, match="registered_already"):
        add(make_user(), authenticator)
    with pytest.raises(webauthn.Refused):
        passkeys.add(user=user, challenge=begun.challenge, credential=SoftwareAuthenticator().make(begun.options))


def test_a_person_has_twenty_at_most(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    begun = passkeys.begin_adding(user=user)
    add(user, SoftwareAuthenticator())
    with pytest.raises(passkeys.TooMany):
        passkeys.begin_adding(user=user)
    with pytest.raises(passkeys.TooMany):
        passkeys.add(user=user, challenge=begun.challenge, credential=SoftwareAuthenticator().make(begun.options))


def test_one_that_a_log_in_with_an_old_password_wants_is_not_added(user: User) -> None:
    begun, sent = passkeys.begin_adding(user=user), SoftwareAuthenticator()
    User.objects.filter(pk=user.pk).update(password="another")
    with pytest.raises(second_step.PasswordChanged):
        passkeys.add(user=user, challenge=begun.challenge, credential=sent.make(begun.options))


def test_a_use_is_noted(user: User) -> None:
    authenticator, passkey = registered(user, counter=7, step=1)
    authenticator.flags = UP | UV | BE
    assert use(user, authenticator) == passkey.persistent_id
    passkey.refresh_from_db()
    assert (passkey.sign_count, passkey.backup_state) == (8, False)
    assert passkey.last_used_at is not None
    assert events(user)[-1] == Event.SECOND_STEP_PASSED
    assert SpentChallenge.objects.count() == 2


@pytest.mark.parametrize(
    ("knobs", "changed"),
    [
        ({"flags": UP | BE}, {}),
        ({"flags": UV | BE}, {}),
        ({"flags": UP | UV}, {}),
        ({"origin": "https://evil.example"}, {}),
        ({"rp_id": "evil.example"}, {}),
        ({"counter": 2**31}, {}),
        ({}, {"signature": encoded(b"no signature")}),
        ({}, {"userHandle": encoded(b"x" * 64)}),
        ({}, {"userHandle": 7}),
    ],
)
def test_no_other_answer_counts(user: User, knobs: dict[str, Any], changed: dict[str, Any]) -> None:
    authenticator, passkey = registered(user, counter=5)
    for knob, value in knobs.items():
        setattr(authenticator, knob, value)
    with pytest.raises(webauthn.Refused):
        use(user, authenticator, **changed)
    passkey.refresh_from_db()
    assert (passkey.sign_count, passkey.confirmed) == (5, True)
    assert events(user)[-1] == Event.SECOND_STEP_FAILED


def test_a_counter_that_goes_back_ends_the_passkey_until_it_is_removed_and_protects_still(user: User) -> None:
    authenticator, passkey = registered(user, counter=7)
    with pytest.raises(webauthn.Refused, match="counter"):
        use(user, authenticator)
    assert events(user)[1:] == [Event.PASSKEY_REFUSED, Event.SECOND_STEP_FAILED]
    assert reasons(user)[1] == "counter"
    ways = second_step.ways_of(user=user)
    assert (ways.passkeys, ways.is_set_up, ways.are_enough) == (0, True, False)
    assert second_step.is_set_up(user=user)
    with pytest.raises(webauthn.Refused, match="none"):
        passkeys.begin_use(user=user)
    begun = passkeys.begin_log_in(challenge=b"c" * 40)
    authenticator.counter = 99
    answer = webauthn.read_assertion(authenticator.use(begun.options))
    with pytest.raises(webauthn.Refused, match="refused_before"):
        passkeys.use(assertion=answer, challenge=b"c" * 40, user=None)
    passkeys.remove(user=user, pk=passkey.pk)
    assert not second_step.is_set_up(user=user)


def test_a_made_up_answer_with_a_low_counter_ends_no_passkey(user: User) -> None:
    """An attacker knows the identifier of a passkey, which is no secret, and wants its owner shut out."""
    authenticator, passkey = registered(user, counter=7)
    authenticator.key = SoftwareAuthenticator().key
    with pytest.raises(webauthn.Refused, match="assertion_not_right"):
        use(user, authenticator)
    passkey.refresh_from_db()
    assert passkey.confirmed


def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(user: User) -> None:
    _, passkey = registered(user)
    other = make_user()
    with pytest.raises(passkeys.NoSuchPasskey):
        passkeys.rename(user=other, pk=passkey.pk, name="Mine")
    with pytest.raises(passkeys.NoSuchPasskey):
        passkeys.remove(user=other, pk=passkey.pk)
    for name in ("", " \u0007 ", "x" * 61):
        with pytest.raises(passkeys.NoName):
            passkeys.rename(user=user, pk=passkey.pk, name=name)
    passkeys.rename(user=user, pk=passkey.pk, name=" My\u0000 phone ")
    assert [each.name for each in passkeys.theirs(user=user)] == ["My phone"]
    passkeys.remove(user=user, pk=passkey.pk)
    assert events(user)[1:] == [Event.PASSKEY_RENAMED, Event.PASSKEY_REMOVED]
    assert OutboxMessage.objects.filter(kind=Kind.SECOND_STEP_REMOVED).count() == 1


def test_switched_off_none_is_made_or_used_at_the_next_request_and_what_is_there_protects_still(user: User) -> None:
    authenticator, passkey = registered(user)
    making, using = passkeys.begin_adding(user=user), passkeys.begin_use(user=user)
    assert switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason="A flaw in a library")
    assert not switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason="Twice")
    for refused in (
        lambda: passkeys.begin_adding(user=user),
        lambda: passkeys.begin_use(user=user),
        lambda: passkeys.begin_log_in(challenge=b"x"),
        lambda: passkeys.add(
            user=user, challenge=making.challenge, credential=SoftwareAuthenticator().make(making.options)
        ),
        lambda: passkey_uses.prove_again(
            user=user, challenge=using.challenge, credential=authenticator.use(using.options)
        ),
    ):
        with pytest.raises(webauthn.Refused, match="switched_off"):
            refused()
    assert second_step.is_set_up(user=user)
    assert not passkeys.may_be_used(user=user, pk=passkey.pk)
    assert switched_off.switch(part=Part.PASSKEYS, on=True, by=None)
    assert passkeys.may_be_used(user=user, pk=passkey.pk)
    assert use(user, authenticator)
    switches = SecurityEvent.objects.filter(event=Event.PASSKEYS_SWITCHED).order_by("pk")
    assert [each.reason for each in switches] == ["off", "on"]


def test_a_challenge_that_was_never_asked_is_refused(user: User) -> None:
    authenticator, _ = registered(user)
    sent = authenticator.use({"challenge": ""})
    with pytest.raises(webauthn.Refused, match="not_begun"):
        passkey_uses.pass_second_step(user=user, challenge="", credential=sent)
