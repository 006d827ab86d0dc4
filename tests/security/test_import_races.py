"""Threat: two agents, or two tabs, do the same with a file in one moment: it is done twice, or the page fails."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from accounts.models import OutboxMessage, PeopleUpload, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.people_upload import OPEN, UploadState
from accounts.models.security_event import Event
from helpdesk.services.people_uploads import deciding, ending, taking
from tests.support.helpdesk import at_work, make_lead
from tests.support.imports import csv_of, line_of, looked_at, press, send_file, upload, victim
from tests.support.people_files import JO
from tests.support.steps import PortalClient
from tests.support.threads import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def kinds(answers: list[Any]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


def test_of_files_that_are_uploaded_at_once_one_is_taken() -> None:
    leads = [make_lead() for _ in range(6)]
    answers = all_at_once([functools.partial(upload, csv_of(JO), by=lead) for lead in leads])
    assert kinds(answers) == ["OpenAlready"] * 5 + ["PeopleUpload"]
    assert PeopleUpload.objects.count() == OutboxMessage.objects.filter(kind=Kind.PEOPLE_FILE).count() == 1
    assert SecurityEvent.objects.filter(event=Event.PEOPLE_FILE_UPLOADED).count() == 1


def test_nor_does_a_page_fail_where_the_one_in_the_way_is_cancelled_in_that_moment() -> None:
    """What is in the way when a file is to be kept may be over when it is looked for."""
    lead = make_lead()

    def upload_and_cancel() -> None:
        for _ in range(8):
            try:
                row = upload(csv_of(JO), by=lead)
            except (taking.OpenAlready, taking.TooManyToday):
                continue
            ending.end(upload=row, state=UploadState.CANCELLED)

    assert all_at_once([upload_and_cancel] * 6) == [None] * 6
    assert PeopleUpload.objects.count() <= taking.UPLOADS_A_DAY
    assert not PeopleUpload.objects.filter(state__in=OPEN).exists()


def test_the_page_says_which_file_is_in_the_way() -> None:
    desks = [at_work(make_lead()) for _ in range(3)]
    answers = all_at_once([functools.partial(send_file, desk, csv_of(JO), name="jo.csv") for desk in desks])
    assert sorted(answer.status_code for answer in answers) == [200, 200, 302]
    assert sum("An import of “jo.csv” is not over yet" in answer.text for answer in answers) == 2


def waiting(by: User) -> PeopleUpload:
    row = looked_at(csv_of(line_of(victim(), email="jo@new.example")), by=by)
    deciding.confirm(upload=row, by=by, digest=row.digest, with_guarded=True, reason="New domain")
    return row


def test_of_two_second_agents_who_agree_at_once_one_does_and_the_other_is_told() -> None:
    row = waiting(make_lead())
    seconds = [make_lead(), make_lead()]
    rows = [PeopleUpload.objects.get(pk=row.pk) for _ in seconds]
    calls = [
        functools.partial(deciding.agree, upload=each, by=second, digest=row.digest)
        for each, second in zip(rows, seconds, strict=True)
    ]
    answers = all_at_once(calls)
    assert kinds(answers) == ["ChangedSince", "NoneType"]
    row.refresh_from_db()
    assert row.state == UploadState.APPLYING
    assert row.decided_by == seconds[answers.index(None)]
    assert SecurityEvent.objects.filter(event=Event.PEOPLE_FILE_AGREED).count() == 1
    assert OutboxMessage.objects.filter(kind=Kind.PEOPLE_FILE, sent_at__isnull=True, attempts=0).count() >= 1


def test_of_one_who_agrees_and_one_who_refuses_at_once_one_does() -> None:
    row = waiting(make_lead())
    agree = functools.partial(deciding.agree, upload=row, by=make_lead(), digest=row.digest)
    other = PeopleUpload.objects.get(pk=row.pk)
    refuse = functools.partial(deciding.refuse, upload=other, by=make_lead(), digest=row.digest, decision="No")
    answers = all_at_once([agree, refuse])
    assert kinds(answers) == ["ChangedSince", "NoneType"]
    agreed = answers[0] is None
    assert PeopleUpload.objects.get().state == (UploadState.APPLYING if agreed else UploadState.REFUSED)
    assert SecurityEvent.objects.filter(event=Event.PEOPLE_FILE_AGREED).exists() is agreed


def test_the_page_of_the_other_says_that_nothing_was_done() -> None:
    row = waiting(make_lead())
    desks: list[PortalClient] = [at_work(make_lead()) for _ in range(2)]
    answers = all_at_once([functools.partial(press, desk, row, "agree", decision="HR says so") for desk in desks])
    # Whose page began to be made after the other agreed is refused as one who has nothing to agree to.
    assert sorted({answer.status_code for answer in answers}) == [302]
    pages = [desk.get(answer.url).text for desk, answer in zip(desks, answers, strict=True)]
    assert sum("Nothing was done" in page for page in pages) == 1


@pytest.mark.parametrize("content", [b"organisation,employee_number\n", csv_of(), b"1\n2\n3\n", b"12345678", b"\0" * 9])
def test_each_file_that_is_taken_is_an_event_whatever_it_holds(content: bytes) -> None:
    """Threat: an agent tries the page out with files that hold nobody, and no trace is left."""
    lead = make_lead()
    assert send_file(at_work(lead), content).status_code == 302
    told = SecurityEvent.objects.get(event=Event.PEOPLE_FILE_UPLOADED)
    assert (told.user_id, told.reference) == (lead.pk, f"M{PeopleUpload.objects.get().pk}")
