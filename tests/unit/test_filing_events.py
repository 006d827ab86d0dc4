"""Filing security events for the helpdesk's search: a little after they happened, each once."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts import jobs
from accounts.models import FiledEvent, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import event_seals, events, filing_events
from tests.support.factories import make_user
from tests.support.sealing_events import add
from tests.support.threads import all_at_once

pytestmark = pytest.mark.django_db


def test_an_event_is_filed_by_what_it_is_found_by() -> None:
    user, agent = make_user(), make_user()
    event = add(Event.UNLOCKED, user=user, by=agent, address="2001:db8::7", note="Jo called", reason="asked")
    unknown = add(Event.LOG_IN_FAILED)
    assert filing_events.file_new() == 2
    filed = FiledEvent.objects.get(pk=event.pk)
    assert (filed.at, filed.organisation, filed.kind) == (event.at, user.organisation_id, "unlocked")
    assert (filed.address, filed.by) == ("2001:db8::7", agent.pk)
    nobodys = FiledEvent.objects.get(pk=unknown.pk)
    assert (nobodys.organisation, nobodys.address, nobodys.by) == (0, None, None)


def test_each_is_filed_once_and_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing_events, "BATCH", 2)
    made = [add().pk for _ in range(5)]
    assert filing_events.file_some() == 2
    assert filing_events.filed_up_to() == made[1]
    assert filing_events.file_new() == 3
    assert filing_events.file_new() == 0
    assert set(FiledEvent.objects.values_list("pk", flat=True)) == set(made)


def test_what_is_deleted_at_its_age_is_not_filed_any_more() -> None:
    add(Event.LOG_IN_FAILED, days_ago=95)
    stays = add(Event.LOG_IN_FAILED, days_ago=5)
    filing_events.file_new()
    events.delete_old()
    assert list(FiledEvent.objects.values_list("pk", flat=True)) == [stays.pk]
    event_seals.seal_closed_days()
    assert filing_events.file_new() == 0


def test_a_worker_files_a_batch_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing_events, "BATCH", 2)
    filing = jobs.Filing()
    for _ in range(3):
        add()
    filing.do_what_is_due()
    assert FiledEvent.objects.count() == 2, "mails go between two batches"
    filing.do_what_is_due()
    assert FiledEvent.objects.count() == 3
    add()
    filing.do_what_is_due()
    assert FiledEvent.objects.count() == 3, "there was no more, so it waits"


def test_the_daily_work_files_what_no_worker_has() -> None:
    add(days_ago=0)
    call_command("tidy_up", verbosity=0)
    assert FiledEvent.objects.count() == SecurityEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_file_at_once_file_each_event_once() -> None:
    for _ in range(30):
        add()
    answers = all_at_once([filing_events.file_new] * 4)
    assert sum(answers) == 30
    assert FiledEvent.objects.count() == 30


def test_no_request_files_anything() -> None:
    """A log-in writes the event and no index of the search (docs/decisions/0054-sealed-security-events.md)."""
    events.record(event=Event.LOGGED_IN, user_id=make_user().pk)
    assert not FiledEvent.objects.exists()
    assert filing_events.WAIT.total_seconds() <= 1, "nor do mails wait for it"
