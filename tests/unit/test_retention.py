"""Every table about people has an age: what is old is deleted by the daily work, or it is said here why it stays."""

from __future__ import annotations

import datetime

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from accounts.models import ErasedPerson, FiledEvent, PeopleUpload, PeopleUploadPiece, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.personal_data import TABLES
from tests.support import erasing as canary
from tests.support.erasing import make_canary

pytestmark = pytest.mark.django_db

# The longest that anything is kept: what was there seven years ago is gone.
SEVEN_YEARS = datetime.timedelta(days=7 * 366)
# As long as the person or their way in, and gone with the person, who is erased six years after the last day.
WITH_THEIR_PERSON = {
    *("accounts.User", "accounts.CareIdentity", "accounts.PasswordHistory", "accounts.SecondStepRecord"),
    *("accounts.RecoveryCodes", "otp_totp.TOTPDevice", "django_otp_webauthn.WebAuthnCredential"),
    *("django_otp_webauthn.WebAuthnAttestation", "django_otp_webauthn.WebAuthnUserHandle"),
    # The portal makes no row of these.
    *("account.EmailAddress", "account.EmailConfirmation", "accounts.User_groups", "accounts.User_user_permissions"),
}
# Until an operator does something; which agent did it is taken out with the agent.
UNTIL_SOMEBODY_ENDS_IT = {"accounts.SwitchedOff", "accounts.DemoMark"}
# What is not done yet waits until it is, or until its person is erased: the canary's is of a person who is.
UNTIL_IT_IS_DONE = {"accounts.RecoveryRequest", "accounts.OutboxMessage"}


def about_people() -> set[str]:
    return {label for label, table in TABLES.items() if table.is_about_people}


def left_of(labels: set[str]) -> dict[str, int]:
    found = {label: apps.get_model(label)._base_manager.count() for label in labels}
    return {label: number for label, number in found.items() if number}


def make_old(label: str) -> None:
    """Let all that a table has be from so long ago: each moment and day of each row."""
    rows = apps.get_model(label)._base_manager
    times = [field for field in rows.model._meta.concrete_fields if isinstance(field, models.DateField)]
    for row in rows.all():
        was = {field.attname: getattr(row, field.attname) for field in times}
        rows.filter(pk=row.pk).update(**{name: at - SEVEN_YEARS for name, at in was.items() if at})


@pytest.fixture
def everything() -> User:
    """Have a row of seven years ago in every table about people. The person is still there."""
    user = make_canary(ends_on=None)
    # The database refuses to change an event, so it is made so old.
    event = SecurityEvent.objects.create(event=Event.LOGGED_OUT, user=user, at=timezone.now() - SEVEN_YEARS)
    FiledEvent.objects.create(pk=event.pk, at=event.at, organisation=user.organisation_id, kind=event.event)
    PeopleUploadPiece.objects.create(upload=PeopleUpload.objects.get(), number=1, sealed="x")
    erased = {"number_digest": "x", "username_digest": "y", "why": "age"}
    ErasedPerson.objects.create(pk=7_000_000, organisation=user.organisation, **erased)
    assert about_people() - set(left_of(about_people())) <= WITH_THEIR_PERSON
    for label in about_people() - {"accounts.SecurityEvent", "accounts.User"}:
        make_old(label)
    return user


def test_what_has_an_age_is_deleted_by_the_daily_work(everything: User) -> None:
    """A table that is new has to be deleted from, or be named above."""
    call_command("tidy_up")
    stays = WITH_THEIR_PERSON | UNTIL_SOMEBODY_ENDS_IT | UNTIL_IT_IS_DONE
    # Events of today are there; that of seven years ago is not.
    of_today = {"accounts.SecurityEvent", "accounts.FiledEvent"}
    assert set(left_of(about_people() - stays)) == of_today
    long_ago = timezone.now() - SEVEN_YEARS
    assert not SecurityEvent.objects.filter(at__lte=long_ago).exists()
    assert not FiledEvent.objects.filter(at__lte=long_ago).exists()


def test_what_stays_for_its_person_goes_with_them(everything: User) -> None:
    User.objects.filter(pk=everything.pk).update(ends_on=timezone.localdate() - SEVEN_YEARS)
    call_command("tidy_up")
    assert canary.found(*canary.CANARIES) == set()
    assert not User.objects.filter(pk=everything.pk).exists()
