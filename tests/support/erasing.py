"""A person of whom something is in every table, and where of them anything is found."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential, WebAuthnUserHandle

from accounts.models import (
    BootstrapCode,
    CallerCheck,
    CareIdentity,
    CareIdentityLogOut,
    DemoMark,
    DeviceCookie,
    FormerEmail,
    GivenAddress,
    OutageUnlock,
    OutboxMessage,
    PasswordHistory,
    PeopleUpload,
    Proposal,
    RecoveryCodes,
    RecoveryLink,
    RememberedBrowser,
    SecondStepExcuse,
    SecondStepRecord,
    SecurityEvent,
    Session,
    SwitchedOff,
    User,
)
from accounts.models.outbox import Kind
from accounts.models.people_upload import UploadState
from accounts.models.security_event import Event
from accounts.services import lockout, recovery
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent, make_lead

# Each is found nowhere else.
GIVEN_NAME, FAMILY_NAME, USERNAME = "Quillon", "Vexworthy", "999QVEXWORTHY01"
EMAIL, PERSONAL, FORMER, TYPED = "q.vex@nhs.net", "q.vex@home.example", "q.former@nhs.net", "q.typed@nhs.net"
NUMBER, CARD, CALLED = "77712345", "555777123456", "01632 960 777"
BORN = datetime.date(1971, 9, 23)
TOTP = "0123cafe4567cafe89ab"
SECRETS = tuple(f"canary-{what}" for what in ("hash", "old-hash", "code", "cookie", "series", "link", "passkey"))
NAMES = tuple(name.casefold() for name in (GIVEN_NAME, FAMILY_NAME, USERNAME))
CANARIES = (
    *NAMES,
    EMAIL,
    PERSONAL,
    FORMER,
    TYPED,
    NUMBER,
    CARD,
    CALLED,
    BORN.isoformat(),
    *SECRETS,
    TOTP,
    "canary reason",
)


def make_canary(**facts: Any) -> User:
    """Return a person who has left, of whom each table that is about people has a row."""
    now, agent = timezone.now(), make_agent()
    user = make_user(
        username=USERNAME,
        given_name=GIVEN_NAME,
        family_name=FAMILY_NAME,
        email=EMAIL,
        employee_number=NUMBER,
        date_of_birth=BORN,
        **{"ends_on": timezone.localdate() - datetime.timedelta(days=1), **facts},
    )
    User.objects.filter(pk=user.pk).update(password="canary-hash")
    _ways_in(user, now, agent)
    _left_by_others(user, now, agent)
    return user


def _ways_in(user: User, now: datetime.datetime, agent: User) -> None:
    soon, card = now + datetime.timedelta(hours=1), CareIdentity.objects.create(user=user, uid=CARD)
    CareIdentityLogOut.objects.create(uid=card.uid, at=now)
    PasswordHistory.objects.create(user=user, password="canary-old-hash")
    TOTPDevice.objects.create(user=user, name="app", key=TOTP)
    RecoveryCodes.objects.create(user=user, name="codes", sealed=["canary-code"])
    DeviceCookie.objects.create(user=user, digest="canary-cookie", password_digest="x")
    RememberedBrowser.objects.create(user=user, series="canary-series", password_digest="x", device="Chrome")
    RecoveryLink.objects.create(
        user=user, token_digest="canary-link", email=EMAIL, password_digest="x", expires_at=soon
    )
    WebAuthnCredential.objects.create(
        user=user, name="canary-passkey", credential_id=b"1", public_key=b"2", aaguid="0" * 32, sign_count=0
    )
    WebAuthnUserHandle.objects.create(user=user, handle_hex="ab" * 32)
    SecondStepRecord.objects.create(user=user)
    SecondStepExcuse.objects.create(user=user, reason="canary reason", review_on=timezone.localdate(), made_by=agent)
    BootstrapCode.objects.create(user=user, digest="x", ends_at=soon)
    GivenAddress.objects.create(user=user, purpose="personal", email=PERSONAL, confirmed_at=now)
    FormerEmail.objects.create(user=user, email=FORMER)
    Session.objects.create(
        session_key="canary", session_data="x", expire_date=soon, user_id=user.pk, care_identity_uid=CARD
    )
    lockout.record_failure(username=USERNAME)
    recovery.ask(email=EMAIL, date_of_birth=BORN)


def _left_by_others(user: User, now: datetime.datetime, agent: User) -> None:
    CallerCheck.objects.create(user=user, agent=agent, ends_at=now, passed_at=now, kind="call_back", called=CALLED)
    Proposal.objects.create(
        user=user,
        action="change_email",
        value=TYPED,
        before=EMAIL,
        reason="canary reason",
        asked_by=agent,
        state="over",
    )
    guarded = {"person": user.pk, "name": f"{GIVEN_NAME} {FAMILY_NAME}", "username": USERNAME, "old": EMAIL}
    PeopleUpload.objects.create(
        organisation=user.organisation,
        file_name=f"{GIVEN_NAME} {FAMILY_NAME}, new address.csv",
        with_guarded=True,
        reason=f"As {FAMILY_NAME} wrote on 3 March",
        decided_by=make_lead(),
        decision=f"{EMAIL} answered",
        uploaded_by=agent,
        state=UploadState.APPLIED,
        confirmed_by=agent,
        ended_at=now,
        guarded=[guarded, {"person": agent.pk, "username": agent.username}],
        faults=[[7, "care_identity", f"{USERNAME} at the same organisation has this Care Identity.", ""]],
    )
    OutageUnlock.objects.create(
        asked_by=make_lead(), cause="wrong_passwords", begins_at=now - datetime.timedelta(hours=1), ends_at=now,
        people=[user.pk, agent.pk],
    )  # fmt: skip
    OutboxMessage.objects.create(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk]})
    OutboxMessage.objects.create(kind=Kind.RECOVERY, about={"users": [user.pk, agent.pk]})
    kind = ContentType.objects.get_for_model(User)
    for what, key in ((kind, user.pk), (ContentType.objects.get_for_model(SecondStepExcuse), 1)):
        LogEntry.objects.create(
            user=agent, content_type=what, object_id=str(key), object_repr=USERNAME, action_flag=CHANGE
        )
    SwitchedOff.objects.create(part="passkeys", by=user)
    DemoMark.objects.create(part=f"person 999 {NUMBER}", model="accounts.User", row=user.pk)
    for event in (Event.LOGGED_IN, Event.PERSON_CHANGED):
        SecurityEvent.objects.create(event=event, user=user, by=agent, address="192.0.2.77", note="They called.")


def tables() -> list[str]:
    """Return the names of all tables of the database, Django's own too."""
    return connection.introspection.table_names()


def found(*words: str) -> set[str]:
    """Return where in the whole database any of these words is, as "table: word", in whatever column."""
    where = set()
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (our names)
            text = json.dumps([[_text(cell) for cell in row] for row in cursor.fetchall()], ensure_ascii=False)
        where |= {f"{table}: {word}" for word in words if word in text.casefold()}
    return where


def _text(cell: object) -> str:
    return bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)


def file_of(*rows: str, columns: str = "") -> bytes:
    """Return a file of people as CSV."""
    head = "organisation,employee_number,given_name,family_name,email,date_of_birth,person_type"
    return "\n".join([f"{head}{columns}", *rows]).encode()


def line(*, starts_on: str | None = None) -> str:
    """Return the line of the person in an old file."""
    made = make_organisation()
    facts = [made.code, NUMBER, GIVEN_NAME, FAMILY_NAME, EMAIL, BORN.isoformat(), "staff"]
    return ",".join([*facts, *([starts_on] if starts_on is not None else [])])
