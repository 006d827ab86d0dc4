"""Threat: an attacker who got in rewrites what happened."""

import pytest
from django.db import Error, connection, transaction

from accounts.models import SecurityEvent
from accounts.models.security_event import AppendOnly, Event
from accounts.services import events
from tests.support.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def event() -> SecurityEvent:
    return events.record(event=Event.LOGGED_IN, user_id=make_user().pk)


def test_an_event_cannot_be_saved_again(event: SecurityEvent) -> None:
    event.reason = "nothing happened"
    with pytest.raises(AppendOnly):
        event.save()


def test_an_event_cannot_be_deleted(event: SecurityEvent) -> None:
    with pytest.raises(AppendOnly):
        event.delete()
    with pytest.raises(AppendOnly):
        SecurityEvent.objects.all().delete()


def test_events_cannot_be_updated_together(event: SecurityEvent) -> None:
    with pytest.raises(AppendOnly):
        SecurityEvent.objects.update(reason="nothing happened")


def test_the_database_itself_refuses_to_change_an_event(event: SecurityEvent) -> None:
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_securityevent SET reason = 'nothing happened'")


def test_the_database_itself_refuses_to_delete_an_event(event: SecurityEvent) -> None:
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_securityevent")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        SecurityEvent.objects.all().delete_old()
    assert SecurityEvent.objects.get() == event


def test_an_event_outlives_the_person_it_is_about(event: SecurityEvent) -> None:
    about = event.user_id
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = %s", [about])
    assert SecurityEvent.objects.get().user_id == about
