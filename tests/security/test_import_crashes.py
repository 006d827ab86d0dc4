"""Threat: a worker dies in the middle of an import, and people are there twice, or told twice, or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts import jobs
from accounts.models import OutboxMessage, PeopleUpload, PeopleUploadPiece, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.people_upload import UploadState
from accounts.models.security_event import Event
from accounts.services import outbox
from helpdesk.services import people_uploads
from helpdesk.services.people_uploads import applying, deciding, ending, taking
from people.services.people_import import batches
from tests.support.factories import make_user
from tests.support.helpdesk import make_lead
from tests.support.imports import csv_of, looked_at, upload, work
from tests.support.people_files import JO, jo
from tests.support.travel import Travel
from tests.support.workers import StartWorker, wait_until


def lines(count: int) -> list[str]:
    """Return the lines of as many people, who all get their own number behind the same letters."""
    return [jo(employee_number=f"1{n:07}", email=f"jo{n}@nhs.net") for n in range(count)]


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_whole_batches_and_the_next_goes_on(start_worker: StartWorker) -> None:
    lead, count = make_lead(), 6_000
    row = looked_at(csv_of(*lines(count)), by=lead)
    deciding.confirm(upload=row, by=lead, digest=row.digest)
    first = start_worker()
    wait_until(lambda: PeopleUpload.objects.get(pk=row.pk).applied_to > 0)
    first.kill()
    row.refresh_from_db()
    done = User.objects.filter(employee_number__startswith="1").count()
    assert row.state == UploadState.APPLYING
    assert 0 < row.added == done < count
    # As when its lease is over.
    OutboxMessage.objects.filter(kind=Kind.PEOPLE_FILE).update(leased_until=timezone.now())
    start_worker()
    wait_until(lambda: PeopleUpload.objects.get(pk=row.pk).state == UploadState.APPLIED)
    row.refresh_from_db()
    assert (row.added, row.left_out, row.done) == (count, 0, count)
    people = User.objects.filter(employee_number__startswith="1")
    assert people.count() == people.values("username").distinct().count() == count
    imported = SecurityEvent.objects.filter(event=Event.PERSON_IMPORTED)
    assert imported.count() == imported.values("user").distinct().count() == count
    assert not PeopleUploadPiece.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_asked_to_stop_lets_go_after_a_batch(start_worker: StartWorker) -> None:
    lead = make_lead()
    row = looked_at(csv_of(*lines(6_000)), by=lead)
    deciding.confirm(upload=row, by=lead, digest=row.digest)
    worker = start_worker()
    wait_until(lambda: PeopleUpload.objects.get(pk=row.pk).applied_to > 0)
    assert worker.stop() == 0
    row.refresh_from_db()
    assert row.state == UploadState.APPLYING
    assert row.added == User.objects.filter(employee_number__startswith="1").count()
    waiting = OutboxMessage.objects.filter(kind=Kind.PEOPLE_FILE, leased_until__isnull=False, sent_at__isnull=True)
    assert not waiting.exists(), "the next worker need not wait for the lease"


@pytest.mark.django_db
@pytest.mark.parametrize("calls_before", range(6))
def test_two_workers_with_one_file_count_each_line_once_whenever_the_second_comes(
    monkeypatch: pytest.MonkeyPatch, calls_before: int
) -> None:
    """Two rows of the outbox lead to one import: that of its upload, after a day, and that of its confirmation."""
    monkeypatch.setattr(batches, "SIZE", 5)
    lead = make_lead()
    row = looked_at(csv_of(*lines(20)), by=lead)
    deciding.confirm(upload=row, by=lead, digest=row.digest)
    slow, fast = (PeopleUpload.objects.select_related("organisation").get(pk=row.pk) for _ in range(2))
    calls = iter(range(100))

    def keep() -> None:
        if next(calls) == calls_before:
            applying.apply(upload=fast, keep=_letting(calls=5))

    with contextlib.suppress(jobs.LetGo):
        applying.apply(upload=slow, keep=keep)
    row = work(_fresh(row))
    assert (row.state, row.has_changed) == (UploadState.APPLIED, False)
    added = User.objects.filter(employee_number__startswith="1").count()
    assert (row.added, row.unchanged, row.left_out, added) == (20, 0, 0, 20)


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_writes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers with one file: the batch of the first is in the database, so that of the second is refused."""
    monkeypatch.setattr(batches, "SIZE", 5)
    lead = make_lead()
    row = looked_at(csv_of(*lines(20)), by=lead)
    deciding.confirm(upload=row, by=lead, digest=row.digest)
    slow, fast = (PeopleUpload.objects.select_related("organisation").get(pk=row.pk) for _ in range(2))
    calls = iter(range(100))

    def keep() -> None:
        # Before its second batch the other worker does one.
        if next(calls) == 6:
            with contextlib.suppress(jobs.LetGo):
                applying.apply(upload=_fresh(fast), keep=_letting(calls=1))

    with pytest.raises(jobs.LetGo):
        applying.apply(upload=slow, keep=keep)
    row.refresh_from_db()
    assert row.added == User.objects.filter(employee_number__startswith="1").count() == row.done
    assert work(row).state == UploadState.APPLIED
    assert User.objects.filter(employee_number__startswith="1").count() == row.added == 20


def _fresh(row: PeopleUpload) -> PeopleUpload:
    row.refresh_from_db()
    return row


def _letting(*, calls: int) -> Callable[[], None]:
    """Return what lets the work go on so often."""
    left = iter(range(calls + 1))

    def keep() -> None:
        if next(left) == calls:
            raise jobs.LetGo

    return keep


@pytest.mark.django_db
def test_a_file_that_kills_each_worker_is_left_alone() -> None:
    """Threat: one file keeps all imports and the memory of the workers for ever."""
    row = upload(csv_of(JO), by=make_lead())
    message = OutboxMessage.objects.get(kind=Kind.PEOPLE_FILE)
    for _ in range(people_uploads.MOST_ATTEMPTS):
        assert outbox.claim(kinds=jobs.LONG)
        OutboxMessage.objects.filter(pk=message.pk).update(leased_until=None)
    work(row)
    assert row.state == UploadState.STOPPED
    assert not PeopleUploadPiece.objects.exists()


@pytest.mark.django_db
def test_mails_do_not_wait_for_a_file(travel: Travel) -> None:
    """Threat: nobody gets a recovery link while a hundred thousand people are imported."""
    assert not jobs.LONG & (jobs.MAILING | jobs.DECIDING)
    row = upload(csv_of(JO), by=make_lead())
    assert jobs.Worker().do_what_is_due() == 0
    assert jobs.LongWorker().do_what_is_due() == 1
    row.refresh_from_db()
    assert row.state == UploadState.READY


@pytest.mark.django_db
def test_a_file_that_lacks_a_piece_is_asked_for_again() -> None:
    row = upload(csv_of(JO), by=make_lead())
    PeopleUploadPiece.objects.update(number=1)
    work(row)
    assert row.state == UploadState.UNREADABLE
    with pytest.raises(taking.CannotOpen):
        taking.opened(upload=row)


@pytest.mark.django_db
def test_a_piece_opens_in_its_own_place_alone() -> None:
    """Threat: who can write to the database puts a piece of another file into this one."""
    lead = make_lead()
    row = upload(csv_of(JO), by=lead)
    other = PeopleUploadPiece.objects.get().sealed
    ending.end(upload=row, state=UploadState.CANCELLED)
    second = upload(csv_of(JO), by=lead)
    PeopleUploadPiece.objects.filter(upload=second).update(sealed=other)
    with pytest.raises(taking.CannotOpen):
        taking.opened(upload=second)


@pytest.mark.django_db
def test_the_daily_work_erases_files_where_no_worker_runs_and_old_reports(travel: Travel) -> None:
    lead = make_lead()
    row = upload(csv_of(JO), by=lead)
    assert ending.end_old() == 0
    travel(hours=25)
    assert ending.end_old() == 1
    row.refresh_from_db()
    assert row.state == UploadState.OVER
    assert not PeopleUploadPiece.objects.exists()
    PeopleUpload.objects.filter(pk=row.pk).update(guarded=[{"new": "a@b.example"}])
    travel(days=31)
    ending.end_old()
    row.refresh_from_db()
    assert row.guarded == []
    travel(days=340)
    ending.end_old()
    assert not PeopleUpload.objects.exists()


@pytest.mark.django_db
def test_an_organisation_has_so_many_files_a_day_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: a lead, or a thief with their session, keeps the workers busy with large files all day."""
    lead = make_lead()
    make_user(employee_number="10000001")
    monkeypatch.setattr(taking, "UPLOADS_A_DAY", 2)
    for _ in range(2):
        ending.end(upload=upload(csv_of(JO), by=lead), state=UploadState.CANCELLED)
    with pytest.raises(taking.TooManyToday):
        upload(csv_of(JO), by=make_lead())
    assert SecurityEvent.objects.filter(event=Event.PEOPLE_FILE_UPLOADED).count() == 2
