"""What older versions have stored is what today's reads: one database is brought up through all of them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.models.role import NO_ROLE, Role
from accounts.services import joining, search_words
from tests.support import database
from tests.support.travel import Travel
from tests.support.versions import add_people, migrate, migrate_to_today

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("upgraded")]

NOW = datetime.datetime(2026, 11, 26, 6, tzinfo=datetime.UTC)
TODAY, DAY = NOW.date(), datetime.timedelta(days=1)

BEFORE_SEARCH_WORDS = ("accounts", "0012_database_restored")
NAMES = {"996CEVANS01": "Évans", "996COBRIEN01": "O’Brien", "996CSMITHJONES01": "Smith-Jones"}

BEFORE_ROLES = ("accounts", "0017_wrong_recovery_codes")
RIGHTS = {
    "997NOBODY01": (False, False, NO_ROLE),
    "997AGENT01": (True, False, Role.AGENT),
    "997OPER01": (True, True, Role.NATIONAL_ADMIN),
}

BEFORE_WELCOMES = ("accounts", "0022_bounces")
# How many days it was until they began, when the portal was upgraded.
JOINERS = {"995JSMITH0": -400, "995JSMITH1": -1, "995JSMITH2": 0, "995JSMITH3": 1}


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Have a database in which several versions have stored people, brought up to today's on 26 November 2026."""
    travel = Travel()
    with django_db_blocker.unblock(), database.beside("upgraded"):
        travel.to(NOW)
        names: dict[str, dict[str, Any]] = {
            username: {"given_name": "Chloë", "family_name": name} for username, name in NAMES.items()
        }
        add_people(migrate(BEFORE_SEARCH_WORDS), "996", names)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search_words, "BATCH", 2)
            rights = {name: {"is_staff": helps, "is_superuser": more} for name, (helps, more, _) in RIGHTS.items()}
            add_people(migrate(BEFORE_ROLES), "997", rights)
        joiners = {username: {"starts_on": TODAY + days * DAY} for username, days in JOINERS.items()}
        add_people(migrate(BEFORE_WELCOMES), "995", joiners)
        migrate_to_today()
        travel.back()
        yield


def test_people_on_record_before_searches_compared_folded_words_are_found_by_them() -> None:
    for word, username in zip(("evans", "obrien", "smithjones"), NAMES, strict=True):
        assert User.objects.get(search_words__has_word=word).username == username
    # A broken try is made again, and what is there already does no harm.
    assert search_words.refold() == 0
    with connection.cursor() as cursor:
        names = connection.introspection.get_constraints(cursor, "accounts_user")
    assert ("user_by_search_words" in names) == (connection.vendor == "postgresql")


def test_agents_stay_agents_and_operators_become_national_administrators() -> None:
    people = User.objects.filter(organisation__code="997")
    found = people.values_list("username", "is_staff", "is_superuser", "role")
    assert {username: tuple(rest) for username, *rest in found} == RIGHTS


def test_the_upgrade_welcomes_nobody_who_has_begun_and_all_who_begin_later(travel: Travel) -> None:
    travel.to(NOW)
    assert joining.welcome() == 0
    travel.to(NOW + DAY)
    assert joining.welcome() == 1
    begins_later = User.objects.get(username="995JSMITH3")
    assert OutboxMessage.objects.get(kind=Kind.WELCOME).about["users"] == [begins_later.pk]
