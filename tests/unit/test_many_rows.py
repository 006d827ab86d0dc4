"""Many rows at once: what is in them is what Django would have written one by one."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import many_rows
from accounts.models import Organisation, SecurityEvent, User
from accounts.models.search_words import search_words
from accounts.models.security_event import Event
from accounts.services import events
from tests.support.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db

COLUMNS = (
    *("username", "given_name", "family_name", "email", "date_of_birth", "employee_number", "organisation_id"),
    *("starts_on", "password", "search_words"),
)
# What a text format could read in another way: COPY's own signs for a column, a line, nothing and the end.
AWKWARD = ("O\\Brien", "Tab\there", "Two\nlines", "\\N", "\\.", "王小明", '"quoted"')


@pytest.fixture(autouse=True, params=[0, many_rows.FEW], ids=["many", "few"])
def how_many_are_few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL the same rows are written in both ways."""
    monkeypatch.setattr(many_rows, "FEW", request.param)


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


def row(organisation: Organisation, number: int, name: str) -> tuple[object, ...]:
    username = f"{organisation.code}ROW{number:02}"
    words = search_words(given_name="Jo", family_name=name, username=username)
    day = datetime.date(2026, 11, 1) if number % 2 else None
    born = datetime.date(1980, 4, 23)
    return (username, "Jo", name, "jo@nhs.net", born, f"1000000{number}", organisation.pk, day, f"!{number}", words)


@transaction.atomic
def in_one_transaction(rows: list[tuple[object, ...]]) -> None:
    many_rows.insert(model=User, columns=COLUMNS, rows=rows)
    # Keys of other tables are looked at as a transaction ends, and that of a test does not.
    transaction.get_connection().check_constraints()


def test_the_rows_are_as_django_would_have_written_them(organisation: Organisation) -> None:
    began = timezone.now()
    rows = [row(organisation, number, name) for number, name in enumerate(AWKWARD)]
    keys = many_rows.insert(model=User, columns=COLUMNS, rows=rows)
    written = User.objects.in_bulk(keys)
    for key, facts in zip(keys, rows, strict=True):
        assert began <= written[key].created_at <= timezone.now()
        wanted = User(pk=key, created_at=written[key].created_at, **dict(zip(COLUMNS, facts, strict=True)))
        for field in User._meta.concrete_fields:
            assert getattr(written[key], field.attname) == getattr(wanted, field.attname), field.name


def test_the_keys_go_on_from_those_of_the_table_and_the_table_from_them(organisation: Organisation) -> None:
    before = make_user(organisation=organisation)
    first, second = many_rows.insert(
        model=User, columns=COLUMNS, rows=[row(organisation, number, "Smith") for number in (1, 2)]
    )
    assert before.pk < first < second < make_user(organisation=organisation).pk
    assert many_rows.insert(model=User, columns=COLUMNS, rows=[]) == []


def test_one_row_that_may_not_be_keeps_out_all_of_them(organisation: Organisation) -> None:
    same_number = [row(organisation, 1, "Smith"), row(organisation, 1, "Jones")]
    no_organisation = [row(organisation, 2, "Smith"), row(Organisation(pk=0, code="000"), 3, "Jones")]
    for rows in (same_number, no_organisation):
        with pytest.raises(IntegrityError):
            in_one_transaction(rows)
    assert not User.objects.exists()


def test_events_that_are_recorded_together_say_what_each_says_alone(organisation: Organisation) -> None:
    person, agent = make_user(), make_user()
    with events.coming_from(events.Origin(address="192.0.2.7", user_agent="Mozilla/5.0 Firefox/140.0")):
        alone = events.record(
            event=Event.PERSON_CHANGED, user_id=person.pk, by=agent, reason="email", reference="AB12-CD34"
        )
        told: list[tuple[int, str] | tuple[int, str, str]] = [
            (person.pk, "email", "AB12-CD34"),
            (person.pk, "given_name"),
        ]
        keys = events.record_many(event=Event.PERSON_CHANGED, about=told, by=agent)
    together = SecurityEvent.objects.get(pk=keys[person.pk, "email"])
    for field in SecurityEvent._meta.concrete_fields:
        if field.name not in {"id", "at"}:
            assert getattr(together, field.attname) == getattr(alone, field.attname), field.name
    assert SecurityEvent.objects.get(pk=keys[person.pk, "given_name"]).reference == ""
