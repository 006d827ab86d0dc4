"""services/recovery/asking.py: what is kept of a request, and what the worker decides."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import OutboxMessage, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import recovery
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.page_facts import tells
from tests.support.smtp import Inbox
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

OTHER_DATE = datetime.date(1991, 1, 31)
TODAY = datetime.date.today


def decided(email: str, date_of_birth: datetime.date = DATE_OF_BIRTH) -> RecoveryRequest:
    """Return the request of a form that was sent and decided."""
    reference = recovery.ask(email=email, date_of_birth=date_of_birth)
    request = RecoveryRequest.objects.get(reference=reference)
    recovery.decide(request_id=request.pk)
    request.refresh_from_db()
    return request


def mails(kind: Kind = Kind.RECOVERY) -> list[dict[str, Any]]:
    return [row.about for row in OutboxMessage.objects.filter(kind=kind).order_by("created_at")]


def test_a_request_is_kept_with_one_piece_of_work_and_one_event() -> None:
    reference = recovery.ask(email=" Jo@NHS.net ", date_of_birth=DATE_OF_BIRTH)
    request = RecoveryRequest.objects.get()
    assert (request.reference, request.email, request.outcome) == (reference, "jo@nhs.net", Outcome.UNDECIDED)
    assert OutboxMessage.objects.get().about == {"request": request.pk}
    event = SecurityEvent.objects.get()
    assert (event.event, event.user_id, event.reference) == (Event.RECOVERY_REQUESTED, None, reference)


def test_where_every_reference_is_taken_the_person_is_not_told_one_of_another_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("accounts.services.recovery.asking._new_reference", lambda: "7K3M-9QXT")
    recovery.ask(email="jo@nhs.net", date_of_birth=DATE_OF_BIRTH)
    with pytest.raises(IntegrityError), transaction.atomic():
        recovery.ask(email="jo@nhs.net", date_of_birth=DATE_OF_BIRTH)
    assert RecoveryRequest.objects.count() == 1


def test_a_reference_can_be_read_out_on_the_telephone() -> None:
    references = {recovery.ask(email="jo@nhs.net", date_of_birth=DATE_OF_BIRTH) for _ in range(20)}
    assert len(references) == 20
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", reference) for reference in references)


def test_a_reference_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the random choice is replaced: everything else is as it runs."""
    dice = iter("AAAA1111" + "AAAA1111" + "BBBB2222")
    monkeypatch.setattr("secrets.choice", lambda _: next(dice))
    assert recovery.ask(email="jo@nhs.net", date_of_birth=DATE_OF_BIRTH) == "AAAA-1111"
    assert recovery.ask(email="jo@nhs.net", date_of_birth=DATE_OF_BIRTH) == "BBBB-2222"
    assert (RecoveryRequest.objects.count(), OutboxMessage.objects.count(), SecurityEvent.objects.count()) == (2, 2, 2)


def test_the_date_of_birth_is_never_kept_and_equal_dates_do_not_look_equal() -> None:
    for _ in range(2):
        recovery.ask(email="jo@nhs.net", date_of_birth=DATE_OF_BIRTH)
    digests = set(RecoveryRequest.objects.values_list("date_of_birth_digest", flat=True))
    assert len(digests) == 2
    assert not any(tells(digest, "1980") for digest in digests)


def test_somebody_who_matches_is_mailed_and_what_they_typed_is_erased() -> None:
    user = make_user()
    request = decided(user.email.upper())
    assert request.outcome == Outcome.MAILED
    assert (request.email, request.date_of_birth_digest) == ("", "")
    assert request.decided_at is not None
    assert mails() == [{"request": request.pk, "users": [user.pk], "language": "en-gb"}]
    event = SecurityEvent.objects.get(event=Event.RECOVERY_DECIDED)
    assert (event.user_id, event.reason, event.reference) == (user.pk, "mailed", request.reference)


def test_a_request_is_decided_once() -> None:
    user = make_user()
    request = decided(user.email)
    recovery.decide(request_id=request.pk)
    assert len(mails()) == 1


def test_a_request_that_is_gone_is_no_reason_to_fail() -> None:
    recovery.decide(request_id=404)


def test_a_stranger_gets_nothing() -> None:
    make_user()
    request = decided("stranger@example.org")
    assert request.outcome == Outcome.NO_MATCH
    assert OutboxMessage.objects.exclude(kind=Kind.DECIDE_RECOVERY).count() == 0


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"is_active": False}, "not_active"),
        ({"ends_on": TODAY() - datetime.timedelta(days=2)}, "ended"),
        ({"starts_on": TODAY() + datetime.timedelta(days=2)}, "starts_later"),
        ({"care_identity_only": True, "password": None}, "care_identity_only"),
    ],
)
def test_somebody_who_can_be_given_no_link_is_told_why(facts: dict[str, Any], why: str) -> None:
    user = make_user(**facts)
    assert recovery.why_no_link(user=user) == why
    assert decided(user.email).outcome == Outcome.TOLD_WHY_NOT
    assert len(mails()) == 1


def test_somebody_who_never_had_a_password_is_mailed() -> None:
    user = make_user(password=None)
    assert decided(user.email).outcome == Outcome.MAILED


def test_one_person_with_two_employers_gets_one_mail_about_both() -> None:
    first = make_user(email="jo@nhs.net")
    second = make_user(email="jo@nhs.net", organisation=make_organisation(code="998", name="Southern Test Trust"))
    decided("jo@nhs.net")
    assert [about["users"] for about in mails()] == [[first.pk, second.pk]]


def test_one_of_two_logins_that_can_be_given_a_link_is_enough() -> None:
    make_user(email="jo@nhs.net", is_active=False)
    make_user(email="jo@nhs.net")
    assert decided("jo@nhs.net").outcome == Outcome.MAILED


def test_in_a_household_with_one_mailbox_only_whoever_asked_is_in_the_mail() -> None:
    jo = make_user(email="smiths@example.org", person_type="volunteer")
    sam = make_user(email="smiths@example.org", person_type="volunteer", date_of_birth=OTHER_DATE)
    decided("smiths@example.org", OTHER_DATE)
    decided("smiths@example.org")
    assert [about["users"] for about in mails()] == [[sam.pk], [jo.pk]]


def test_a_wrong_date_of_birth_is_told_to_the_mailbox_once_a_day(travel: Travel) -> None:
    user = make_user()
    outcomes = [decided(user.email, OTHER_DATE).outcome for _ in range(3)]
    assert outcomes == [Outcome.TOLD_DATE_DIFFERS, Outcome.DATE_DIFFERS, Outcome.DATE_DIFFERS]
    travel(hours=24, seconds=1)
    assert decided(user.email, OTHER_DATE).outcome == Outcome.TOLD_DATE_DIFFERS
    assert [about["users"] for about in mails(Kind.DATE_OF_BIRTH_DIFFERS)] == [[user.pk], [user.pk]]


def test_five_requests_a_day_take_effect(travel: Travel) -> None:
    user = make_user()
    outcomes = [decided(user.email).outcome for _ in range(7)]
    assert outcomes == [Outcome.MAILED] * 5 + [Outcome.LIMITED] * 2
    assert len(mails()) == 5
    travel(hours=24, seconds=1)
    assert decided(user.email).outcome == Outcome.MAILED


def test_one_address_does_not_use_up_the_requests_of_another() -> None:
    first, second = make_user(), make_user()
    for _ in range(6):
        decided(first.email)
    assert decided(second.email).outcome == Outcome.MAILED


def test_a_stranger_with_wrong_dates_cannot_use_up_the_requests_of_a_person(travel: Travel) -> None:
    """Threat: an attacker keeps a person from getting back in by asking in their name all day."""
    user = make_user()
    for _ in range(20):
        decided(user.email, OTHER_DATE)
    # Wrong dates are slowed: see test_recovery_slowing.py.
    travel(hours=1, seconds=1)
    assert decided(user.email).outcome == Outcome.MAILED


def test_a_wrong_date_is_shown_to_the_helpdesk_at_the_person_it_concerns() -> None:
    user = make_user()
    request = decided(user.email, OTHER_DATE)
    event = SecurityEvent.objects.get(event=Event.RECOVERY_DECIDED)
    assert (event.user_id, event.reason, event.reference) == (user.pk, "date_differs", request.reference)


def test_nothing_about_the_account_changes_by_asking() -> None:
    user = make_user()
    before = User.objects.values().get(pk=user.pk)
    decided(user.email)
    assert User.objects.values().get(pk=user.pk) == before


def test_the_helpdesk_sends_the_mail_for_one_login() -> None:
    agent, user = make_user(is_staff=True), make_user()
    make_user(email=user.email)
    recovery.send_by_helpdesk(user=user, by=agent)
    assert mails() == [{"users": [user.pk], "by_helpdesk": True}]
    event = SecurityEvent.objects.get()
    assert (event.event, event.user_id, event.by_id) == (Event.RECOVERY_EMAIL_SENT_BY_HELPDESK, user.pk, agent.pk)


def test_the_mail_that_the_helpdesk_sends_does_not_say_that_its_reader_asked_for_it(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """Else an honest mail reads like the work of a thief, and its reader reports it."""
    recovery.send_by_helpdesk(user=make_user(), by=make_user(is_staff=True))
    deliver_mail()
    assert "helpdesk sent you this email" in inbox.only().text
    assert "You asked for help" not in inbox.only().text


def test_requests_are_kept_for_ninety_days(travel: Travel) -> None:
    reference = recovery.ask(email="nobody@nowhere.example", date_of_birth=DATE_OF_BIRTH)
    recovery.decide(request_id=RecoveryRequest.objects.get(reference=reference).pk)
    travel(days=89)
    assert recovery.delete_old_requests() == 0
    recovery.ask(email="nobody@nowhere.example", date_of_birth=DATE_OF_BIRTH)
    travel(days=91)
    assert recovery.delete_old_requests() == 1
    assert RecoveryRequest.objects.get().decided_at is None
