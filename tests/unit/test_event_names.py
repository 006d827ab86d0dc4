"""An event is stored under its name, also one that an older version stored under another."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error, connection, transaction

from accounts.models.security_event import Event
from tests.support.versions import migrate

BEFORE = ("accounts", "0004_care_identity")
AFTER = ("accounts", "0005_event_names")
FORMER, NOW = "recovery_email_by_helpdesk", "recovery_email_sent_by_helpdesk"


def events_at(version: tuple[str, str]) -> Any:
    """Bring the database to a version; return its model of an event."""
    return migrate(version).get_model("accounts", "SecurityEvent")


def stored(model: Any) -> list[tuple[str, str]]:
    return list(model.objects.order_by("pk").values_list("event", "reason"))


def assert_the_database_refuses_to_change_an_event() -> None:
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_securityevent SET reason = 'nothing happened'")


@pytest.mark.parametrize("event", Event, ids=lambda event: event.name)
def test_an_event_is_stored_as_its_name_in_small_letters(event: Event) -> None:
    assert event.value == event.name.lower()


@pytest.mark.usefixtures("empty_database")
def test_events_that_were_stored_under_the_former_name_are_carried_over_and_back() -> None:
    old = events_at(BEFORE)
    old.objects.create(event=FORMER, reason="first")
    old.objects.create(event="logged_in", reason="second")
    assert_the_database_refuses_to_change_an_event()

    new = events_at(AFTER)
    assert stored(new) == [(NOW, "first"), ("logged_in", "second")]
    assert_the_database_refuses_to_change_an_event()
    new.objects.create(event=NOW, reason="third")

    assert stored(events_at(BEFORE)) == [(FORMER, "first"), ("logged_in", "second"), (FORMER, "third")]
    assert_the_database_refuses_to_change_an_event()
