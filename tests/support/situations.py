"""How a person comes into the situations in which they call the helpdesk."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Authenticator, Organisation, OutboxMessage, SecondStepRecord, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import freezing, log_in, outbox, recovery, switched_off
from helpdesk import diagnosis
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user

# In Greenwich Mean Time.
NOW = datetime.datetime(2026, 11, 26, 14, 30, tzinfo=datetime.UTC)
TODAY = NOW.date()
DAY = datetime.timedelta(days=1)
BROWSER = "b" * 64
Maker = Callable[[User], object]


def no(user: User) -> None:
    """Leave a person as they are."""


def wrong(number: int, browser: str = "") -> Maker:
    def make(user: User) -> None:
        for _ in range(number):
            log_in.check_password(username=user.username, password="wrong", browser=browser)

    return make


def both(*makers: Maker) -> Maker:
    def make(user: User) -> None:
        for each in makers:
            each(user)

    return make


def happened(event: Event, reason: str = "", *, minutes: int = 28) -> Maker:
    """Let something have happened, at 2:02pm unless told otherwise."""

    def make(user: User) -> None:
        at = timezone.now() - datetime.timedelta(minutes=minutes)
        SecurityEvent.objects.create(event=event, user=user, reason=reason, at=at)

    return make


def asked(*days: int, decided: bool = True) -> Maker:
    """Let the form have been sent so many times, each with a date of birth so many days off."""

    def make(user: User) -> None:
        for off in days:
            recovery.ask(email=user.email, date_of_birth=user.date_of_birth + off * DAY)
            while decided and (row := outbox.claim(kinds={Kind.DECIDE_RECOVERY})) is not None:
                recovery.decide(request_id=row.about["request"])
                outbox.finish(message=row)

    return make


def mailed(error: str = "", *, sent: bool = False, minutes: int = 0, sent_after: int = 0) -> Maker:
    """Let the helpdesk have sent the recovery email so long ago, with what came of it so far, `sent_after` minutes."""

    def make(user: User) -> None:
        row = outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk], "by_helpdesk": True})
        asked_at = timezone.now() - datetime.timedelta(minutes=minutes)
        row.created_at, row.attempts, row.last_error = asked_at, 1, error
        row.sent_at = asked_at + datetime.timedelta(minutes=sent_after) if sent else None
        row.save()

    return make


def used_the_app(user: User) -> None:
    Authenticator.objects.filter(user=user).update(last_used_at=timezone.now())


def organisation(**facts: Any) -> Maker:
    return lambda user: Organisation.objects.filter(pk=user.organisation_id).update(**facts)


def waits(**counts: int) -> Maker:
    def make(user: User) -> None:
        now = timezone.now()
        PhoneApp.of(user)
        SecondStepRecord.objects.filter(user=user).delete()
        SecondStepRecord.objects.create(user=user, day_began_at=now, last_wrong_at=now, **counts)

    return make


def passkey(user: User) -> None:
    Passkey.objects.create(user=user, credential_id=b"1", credential_id_sha256="1" * 64, public_key=b"1")


def off(user: User) -> None:
    switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason="A fault.")


def damage(user: User) -> None:
    """Have the stored hash of the password cut off, as by a row that was written by half."""
    User.objects.filter(pk=user.pk).update(password=user.password[:40])


def freeze(user: User) -> None:
    freezing.freeze(user=user)


def elsewhere(user: User) -> None:
    make_user(email=user.email, organisation=make_organisation(code="111", name="Southern", domain=""))


def came_back(user: User) -> None:
    """Have the last mail returned by the mail server of the mailbox."""
    newest = OutboxMessage.objects.latest("created_at")
    OutboxMessage.objects.filter(pk=newest.pk).update(bounced_at=timezone.now(), bounce_status="5.1.1")


def same_card_elsewhere(user: User) -> None:
    link(user)
    link(make_user(organisation=make_organisation(code="111", name="Southern", domain="")), uid=user.care_identity.uid)


def diagnosed(user: User) -> diagnosis.Diagnosis:
    """Return the diagnosis of a person as a page reads them."""
    person = User.objects.select_related("organisation", "care_identity").get(pk=user.pk)
    return diagnosis.diagnose(person=person)
