"""Authenticator apps: what sets one up, what passes, and what is written down."""

from __future__ import annotations

import datetime
import io

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.models import Authenticator, OutboxMessage, RememberedBrowser, SecurityEvent, Session, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import lockout, second_step
from accounts.services.second_step import recovery_codes, resealing
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_user(is_staff=True)


def events_of(user: User) -> list[tuple[str, str]]:
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", "reason"))


def test_everybody_of_the_helpdesk_needs_a_second_step_and_other_people_none() -> None:
    assert second_step.is_needed(user=make_user(is_staff=True))
    assert not second_step.is_needed(user=make_user())


def test_somebody_who_has_a_second_step_needs_it_also_without_rights() -> None:
    user = make_user()
    PhoneApp.of(user)
    assert second_step.is_needed(user=user)


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    secrets = {second_step.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(bytes.fromhex(secret)) for secret in secrets} == {20}


def test_the_typed_secret_is_the_one_in_the_picture_in_groups_of_four(admin: User) -> None:
    invitation = second_step.invitation(user=admin, secret="00112233445566778899aabbccddeeff00112233")
    assert invitation.typed == "AAIS EM2E KVTH PCEZ VK54 ZXPO 74AB CIRT"
    assert f"secret={invitation.typed.replace(' ', '')}&" in invitation.address
    assert invitation.address.startswith(f"otpauth://totp/ESR%20Portal%3A{admin.username}?")
    assert "issuer=ESR%20Portal" in invitation.address


def test_a_second_step_is_set_up_with_a_code_made_from_its_secret(admin: User) -> None:
    secret = second_step.new_secret()
    second_step.set_up(user=admin, secret=secret, code=PhoneApp(secret).code())
    assert second_step.is_set_up(user=admin)
    assert events_of(admin) == [(Event.SECOND_STEP_ENROLLED, "")]


def test_a_wrong_code_sets_nothing_up(admin: User) -> None:
    secret = second_step.new_secret()
    with pytest.raises(second_step.WrongCode):
        second_step.set_up(user=admin, secret=secret, code=PhoneApp(secret).wrong_code())
    assert not TOTPDevice.objects.exists()
    assert events_of(admin) == [(Event.SECOND_STEP_FAILED, "wrong_code_at_set_up")]


def test_a_second_step_that_is_there_is_never_replaced_by_setting_one_up(admin: User) -> None:
    """Threat: an attacker who has learnt the password enrols their own phone."""
    mine = PhoneApp.of(admin)
    theirs = second_step.new_secret()
    with pytest.raises(second_step.AlreadySetUp):
        second_step.set_up(user=admin, secret=theirs, code=PhoneApp(theirs).code())
    assert second_step.check(user=admin, code=mine.code())


def test_nobody_sets_one_up_whose_password_has_changed_since(admin: User) -> None:
    """Threat: a log-in that began with the old password, before recovery, enrols a phone after it."""
    as_read_before = User.objects.get(pk=admin.pk)
    User.objects.filter(pk=admin.pk).update(password=make_password(NEW_PASSWORD))
    secret = second_step.new_secret()
    with pytest.raises(second_step.PasswordChanged):
        second_step.set_up(user=as_read_before, secret=secret, code=PhoneApp(secret).code())
    assert not second_step.is_set_up(user=admin)


def test_the_code_that_set_it_up_does_not_pass_as_well(admin: User) -> None:
    secret = second_step.new_secret()
    code = PhoneApp(secret).code()
    second_step.set_up(user=admin, secret=secret, code=code)
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=admin, code=code)


def test_a_right_code_passes_once(admin: User) -> None:
    code = PhoneApp.of(admin).code()
    second_step.check(user=admin, code=code)
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=admin, code=code)
    assert events_of(admin) == [(Event.SECOND_STEP_PASSED, ""), (Event.SECOND_STEP_FAILED, "wrong_code")]


def test_the_code_before_and_the_code_after_pass_too_for_a_clock_that_is_a_little_wrong(
    admin: User, travel: Travel
) -> None:
    app = PhoneApp.of(admin)
    early = app.code()
    travel(seconds=30)
    assert second_step.check(user=admin, code=early)


def test_a_code_of_two_minutes_ago_does_not_pass(admin: User, travel: Travel) -> None:
    """The database's clock is not moved, so it is the code that is of another time."""
    app = PhoneApp.of(admin)
    travel(minutes=-2)
    old = app.code()
    travel.back()
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=admin, code=old)


def test_wrong_codes_do_not_lock_the_username(admin: User) -> None:
    app = PhoneApp.of(admin)
    for _ in range(lockout.LIMIT + 1):
        with pytest.raises((second_step.WrongCode, second_step.TooManyWrongCodes)):
            second_step.check(user=admin, code=app.wrong_code())
    assert not lockout.is_locked(username=admin.username)


def test_without_a_second_step_no_code_passes(admin: User) -> None:
    with pytest.raises(second_step.NotSetUp):
        second_step.check(user=admin, code="000000")


def test_a_second_step_that_is_taken_away_ends_the_sessions_and_is_written_down(admin: User) -> None:
    PhoneApp.of(admin)
    Session.objects.create(
        session_key="k" * 32, session_data="", expire_date=timezone.now() + datetime.timedelta(1), user_id=admin.pk
    )
    operator = make_user(is_staff=True, is_superuser=True)
    assert second_step.remove(user=admin, by=operator)
    assert not second_step.is_set_up(user=admin)
    assert not Session.objects.filter(user_id=admin.pk).exists()
    event = SecurityEvent.objects.get(event=Event.SECOND_STEP_REMOVED)
    assert (event.user_id, event.by_id) == (admin.pk, operator.pk)


def test_taking_away_what_is_not_there_is_no_event(admin: User) -> None:
    assert not second_step.remove(user=admin, by=None)
    assert not SecurityEvent.objects.exists()


def test_a_second_app_takes_the_place_of_the_first_only_when_its_code_confirms_it(admin: User) -> None:
    old = PhoneApp.of(admin)
    secret = second_step.new_secret()
    with pytest.raises(second_step.WrongCode):
        second_step.set_up(user=admin, secret=secret, code=PhoneApp(secret).wrong_code(), replace=True)
    assert second_step.check(user=admin, code=old.code())
    second_step.set_up(user=admin, secret=secret, code=PhoneApp(secret).code(), replace=True)
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=admin, code=old.next_code())
    assert second_step.check(user=admin, code=PhoneApp(secret).next_code())


def test_the_last_second_step_that_has_to_be_there_is_not_taken_away_by_its_person(admin: User) -> None:
    PhoneApp.of(admin)
    recovery_codes.make(user=admin)
    with pytest.raises(second_step.LastWay):
        second_step.remove_authenticator(user=admin)
    assert second_step.is_set_up(user=admin)


def test_a_second_step_that_may_go_goes_and_the_person_is_told() -> None:
    user = make_user()
    PhoneApp.of(user)
    assert second_step.remove_authenticator(user=user)
    assert not second_step.remove_authenticator(user=user)
    event = SecurityEvent.objects.get(event=Event.SECOND_STEP_REMOVED)
    about = OutboxMessage.objects.get(kind=Kind.SECOND_STEP_REMOVED).about
    assert about == {"users": [user.pk], "event": event.pk, "what": "authenticator"}


def test_what_was_lost_goes_with_codes_and_remembered_browsers(admin: User) -> None:
    PhoneApp.of(admin)
    recovery_codes.make(user=admin)
    RememberedBrowser.objects.create(user=admin, series="s", password_digest="p")
    assert second_step.remove(user=admin, by=None)
    ways = second_step.ways_of(user=admin)
    assert (ways.is_set_up, ways.recovery_codes, RememberedBrowser.objects.count()) == (False, 0, 0)


def test_secrets_of_a_version_before_and_of_an_older_key_are_sealed_with_the_newest(
    admin: User, settings: Settings
) -> None:
    """Threat: a copy of the database from before, or a key that has leaked, makes codes."""
    clear, secret = Authenticator.objects.create(user=admin, confirmed=True), second_step.new_secret()
    Authenticator.objects.filter(pk=clear.pk).update(key=secret)
    [code, *_] = recovery_codes.make(user=admin)
    settings.SECOND_STEP_KEYS = ["a newer key of at least so many characters", *settings.SECOND_STEP_KEYS]
    assert second_step.reseal() == (2, 0)
    assert second_step.reseal() == (0, 0)
    settings.SECOND_STEP_KEYS = settings.SECOND_STEP_KEYS[:1]
    assert secret not in Authenticator.objects.get().key
    assert second_step.check(user=admin, code=PhoneApp(secret).code())
    assert recovery_codes.use(user=admin, code=recovery_codes.as_typed(code) or "")


def test_more_rows_than_a_batch_are_all_sealed_with_the_newest_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in the middle that no key opens holds up neither its own batch nor the next."""
    monkeypatch.setattr(resealing, "BATCH", 2)
    apps = [Authenticator.objects.create(user=make_user(), confirmed=True) for _ in range(5)]
    assert second_step.reseal() == (5, 0)
    Authenticator.objects.filter(pk=apps[2].pk).update(key=f"000000~{'A' * 64}")
    settings.SECOND_STEP_KEYS = ["a newer key of at least so many characters", *settings.SECOND_STEP_KEYS]
    assert second_step.reseal() == (4, 1)
    assert second_step.reseal() == (0, 1)
    settings.SECOND_STEP_KEYS = settings.SECOND_STEP_KEYS[:1]
    assert all(app.bin_key for app in Authenticator.objects.exclude(pk=apps[2].pk))


def test_a_secret_whose_key_was_taken_away_is_left_and_said(admin: User, settings: Settings) -> None:
    PhoneApp.of(admin)
    settings.SECOND_STEP_KEYS = ["a newer key of at least so many characters"]
    secret = second_step.new_secret()
    second_step.set_up(user=make_user(), secret=secret, code=PhoneApp(secret).code())
    Authenticator.objects.filter(user=admin).update(key=f"000000~{'A' * 64}")
    with pytest.raises(CommandError, match="1 cannot be opened"):
        call_command("reseal_second_steps", stdout=io.StringIO())
