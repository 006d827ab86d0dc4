"""People who were on record before searches compared folded words are found by them afterwards."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from accounts.services import search_words
from tests.unit.test_email_domains_migration import migrate

BEFORE = ("accounts", "0012_database_restored")
AFTER = ("accounts", "0014_words_of_people_on_record")
NAMES = {"999CEVANS01": "Évans", "999COBRIEN01": "O’Brien", "999CSMITHJONES01": "Smith-Jones"}


@pytest.fixture
def back_to_now(transactional_db: None) -> Iterator[None]:
    """Leave the database as the other tests need it, whatever became of this one."""
    yield
    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.mark.usefixtures("back_to_now")
def test_people_on_record_get_their_words_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_words, "BATCH", 2)
    apps = migrate(BEFORE)
    organisation = apps.get_model("accounts", "Organisation").objects.create(
        code="999", name="Northern", support_email="esr@nhs.net"
    )
    for number, (username, family_name) in enumerate(NAMES.items()):
        apps.get_model("accounts", "User").objects.create(
            username=username,
            given_name="Chloë",
            family_name=family_name,
            email="chloe@nhs.net",
            date_of_birth=datetime.date(1980, 4, 23),
            employee_number=f"{number:08}",
            organisation=organisation,
            password="!",
        )
    migrate(AFTER)
    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes())
    for word, username in zip(("evans", "obrien", "smithjones"), NAMES, strict=True):
        assert User.objects.get(search_words__has_word=word).username == username
    # A broken try is made again, and what is there already does no harm.
    assert search_words.refold() == 0
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, "accounts_user")
    assert ("user_by_search_words" in names) == (connection.vendor == "postgresql")
