"""Why a person cannot get in: a table of situations, each with its cause, its words, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.diagnosis_table import ROWS, Row
from tests.support.diagnosis_table_of_tries import TRIED
from tests.support.factories import make_user
from tests.support.situations import NOW, diagnosed
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def half_past_two(travel: Travel, settings: Settings) -> None:
    travel.to(NOW)
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"


@pytest.mark.parametrize("row", [*ROWS, *TRIED], ids=lambda row: row.situation)
def test_the_cause_the_words_and_what_mends_it(row: Row, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user(**row.facts)
    row.made(user)
    with django_assert_max_num_queries(12):
        found = diagnosed(user)
    said = " ".join([found.sentence, *found.evidence])
    assert (found.cause, found.recommended) == (row.cause, row.action), said
    assert row.says in said
    assert ("Also known" in said) is ("elsewhere" in row.situation)
    assert "Southern" not in said
