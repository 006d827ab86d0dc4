"""What became of the mails to a person, and how much of it an agent may know."""

from __future__ import annotations

import datetime
import smtplib
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts import jobs
from accounts.models import FormerEmail, OutboxMessage, RecoveryRequest
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.services import caller_checks, mail_server, outbox, recovery, restoring
from accounts.services.recovery import looking_up
from helpdesk import mail_fate
from helpdesk.mail_fate import State
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import make_agent
from tests.support.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

    from accounts.models import User

pytestmark = pytest.mark.django_db

LATER = timezone.now() + datetime.timedelta(minutes=5)


@pytest.fixture
def jo() -> User:
    return make_user()


def add(*people: User, kind: Kind = Kind.PASSWORD_CHANGED, **facts: object) -> OutboxMessage:
    row = outbox.add(kind=kind, about={"users": [person.pk for person in people]})
    OutboxMessage.objects.filter(pk=row.pk).update(**facts)
    return row


def decided(person: User, *, days: int = 0) -> RecoveryRequest:
    """Return a request for a person, with a date so many days off, that was decided."""
    born = DATE_OF_BIRTH + datetime.timedelta(days=days)
    reference = recovery.ask(email=person.email, date_of_birth=born)
    row = RecoveryRequest.objects.get(reference=reference)
    recovery.decide(request_id=row.pk)
    return row


def test_every_kind_of_mail_has_words() -> None:
    assert set(mail_fate.KINDS) == jobs.MAILING


def _recipients(code: int) -> Exception:
    return smtplib.SMTPRecipientsRefused({"x@nhs.net": (code, b"x@nhs.net")})


@pytest.mark.parametrize(
    ("error", "state", "says"),
    [
        (_recipients(550), State.REFUSED, "refuses the address: it may be mistyped or closed"),
        (_recipients(452), State.FAILED, "the mailbox may be full"),
        (smtplib.SMTPDataError(554, b"spam"), State.REFUSED, "refuses this mail"),
        (smtplib.SMTPDataError(451, b"later"), State.FAILED, "try again later"),
        (smtplib.SMTPServerDisconnected(), State.FAILED, "on our side"),
        (ValueError("x"), State.FAILED, "on our side"),
    ],
)
def test_a_mail_that_failed_says_why_and_when_it_is_tried_next(
    jo: User, error: Exception, state: State, says: str
) -> None:
    add(jo)
    row = outbox.claim(kinds=[Kind.PASSWORD_CHANGED])
    assert row
    (mail,) = mail_fate.of(person=jo)
    assert (mail.state, mail.reason, mail.next_try_at) == (State.BEING_SENT, "", None)
    outbox.fail(message=row, error=mail_server.describe(error))
    (mail,) = mail_fate.of(person=jo)
    assert mail.state is state
    assert says in mail.reason
    assert mail.next_try_at
    assert mail.next_try_at > timezone.now()
    # RFC 5321, 4.2.1: what begins with 5 fails for good.
    assert mail_server.is_refused_for_good(error) == (state is State.REFUSED)


def test_a_mail_server_that_is_away_is_no_fault_of_the_address(jo: User) -> None:
    away = mail_server.Unreachable()
    away.__cause__ = ConnectionRefusedError(111, "refused")
    add(jo, attempts=1, last_error=mail_server.describe(away))
    (mail,) = mail_fate.of(person=jo)
    assert (mail.state, mail.reason) == (
        State.FAILED,
        "Our mail server does not answer. The address may be right.",
    )


def test_a_mail_waits_and_then_is_sent(jo: User) -> None:
    row = add(jo)
    (mail,) = mail_fate.of(person=jo)
    assert (mail.state, mail.words, mail.sent_at, mail.reason) == (State.WAITING, "Password changed", None, "")
    outbox.finish(message=row)
    (mail,) = mail_fate.of(person=jo)
    assert mail.state is State.SENT
    assert mail.sent_at


def test_what_a_restored_backup_held_back_was_not_sent(jo: User) -> None:
    add(jo, kind=Kind.RECOVERY)
    restoring.end_what_was_revived()
    (mail,) = mail_fate.of(person=jo)
    assert (mail.state, mail.sent_at) == (State.NOT_SENT, None)
    assert "restored from a back-up" in mail.reason


def test_the_ten_newest_of_this_person_alone_are_returned(
    jo: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Keys that are a part of others, or the keys of other things, are none of theirs."""
    other = make_user()
    rows = [add(jo, created_at=timezone.now() - datetime.timedelta(hours=n)) for n in range(12)]
    add(other)
    outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [jo.pk * 10 + 1], "event": jo.pk})
    with django_assert_num_queries(1):
        found = mail_fate.of(person=jo)
    asked = sorted(OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).values_list("created_at", flat=True))
    assert [mail.asked_at for mail in found] == asked[::-1][:10]


def test_a_mail_that_became_one_for_each_address_is_told_once(jo: User) -> None:
    other = make_user()
    add(jo, other)
    row = outbox.claim(kinds=[Kind.PASSWORD_CHANGED])
    assert row
    outbox.split(message=row, groups=[[jo.pk], [other.pk]])
    assert [mail.state for mail in mail_fate.of(person=jo)] == [State.WAITING]


def test_what_goes_to_the_address_before_says_so_and_nothing_of_the_one_on_record(jo: User) -> None:
    """An agent who has just corrected a closed mailbox must not take the new one for closed."""
    former = FormerEmail.objects.create(user=jo, email="old@nhs.net")
    about = {"users": [jo.pk]}
    refused = {"last_error": "SMTPRecipientsRefused 550", "attempts": 1}
    for kind in (Kind.EMAIL_CHANGED, Kind.CORRECTION_REFUSED):
        OutboxMessage.objects.create(kind=kind, about={**about, "former_email": former.pk}, **refused)
        sent = OutboxMessage.objects.create(kind=kind, about={**about, "former_email": former.pk})
        OutboxMessage.objects.filter(pk=sent.pk).update(
            sent_at=timezone.now(), bounced_at=timezone.now(), bounce_status="5.1.1"
        )
        OutboxMessage.objects.create(kind=kind, about=about, **refused)
    told = [(mail.words, mail.reason) for mail in mail_fate.of(person=jo)]
    assert len(told) == len(set(told)) == 6
    elsewhere = [(words, reason) for words, reason in told if "to the address" in words]
    assert len(elsewhere) == 4
    assert all("says nothing of the address on record" in reason for _, reason in elsewhere)
    assert all("Ask which address" in reason for pair in told if pair not in elsewhere for reason in pair[1:])


def test_of_a_request_for_two_organisations_each_sees_the_mail_of_its_own_person(jo: User) -> None:
    south = make_user(email=jo.email, organisation=make_organisation(code="111", name="South"))
    request = decided(jo)
    row = outbox.claim(kinds=[Kind.RECOVERY])
    assert row
    assert row.about["users"] == [jo.pk, south.pk]
    outbox.split(message=row, groups=[[jo.pk], [south.pk]])
    for person in (jo, south):
        (asked,) = looking_up.requests(organisation=person.organisation)
        found = mail_fate.of_requests(requests=[asked], people={request.reference: [person.pk]})
        assert [mail.state for mail in found.values()] == [State.WAITING]


def test_an_agent_is_told_of_no_mail_that_tells_a_date_of_birth(jo: User) -> None:
    """Threat: an agent tries dates by the form, and reads in the mails which was right (OWASP ASVS 14.2.6)."""
    decided(jo, days=1)
    assert mail_fate.of(person=jo) == []
    decided(jo)
    assert [mail.kind for mail in mail_fate.of(person=jo)] == [Kind.RECOVERY]
    for days in (2, 3):
        decided(jo, days=days)
    assert mail_fate.of(person=jo) == [], "more dates were tried than a person needs who mistypes"
    recovery.send_by_helpdesk(user=jo, by=make_user(is_staff=True))
    assert [mail.kind for mail in mail_fate.of(person=jo)] == [Kind.RECOVERY], "the helpdesk's own is none of them"


def test_a_shared_mailbox_tells_neither_organisation_of_the_others_date(jo: User) -> None:
    elsewhere = make_organisation(code="111", name="Southern Elsewhere", domain="south.nhs.uk")
    other = make_user(email=jo.email, organisation=elsewhere, date_of_birth=DATE_OF_BIRTH + datetime.timedelta(days=1))
    decided(jo)
    assert [mail.kind for mail in mail_fate.of(person=jo)] == [Kind.RECOVERY]
    assert mail_fate.of(person=other) == []
    decided(jo, days=2)
    assert len(mail_fate.of(person=jo)) == 1
    assert mail_fate.of(person=other) == []
    assert RecoveryRequest.objects.filter(outcome=Outcome.TOLD_DATE_DIFFERS).exists()


def test_a_code_that_came_too_late_was_not_sent(jo: User, deliver_mail: Callable[[], None], travel: Travel) -> None:
    caller_checks.mail_code(check=caller_checks.begin(person=jo, agent=make_agent()))
    travel(minutes=16)
    deliver_mail()
    (mail,) = mail_fate.of(person=jo)
    assert (mail.kind, mail.state, mail.sent_at) == (Kind.CALLER_CODE, State.NOT_SENT, None)
    assert mail.reason.startswith("It came too late")
    deliver_mail()
    assert OutboxMessage.objects.get().attempts == 1
