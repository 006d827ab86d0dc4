"""Finding people by what a caller says, however a name is written and a number is spoken."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import CareIdentity, User
from helpdesk import search
from tests.support.factories import make_user

pytestmark = pytest.mark.django_db

CHLOE, SOREN, XIAOMING = "999COBRIENEVANS01", "999SGRAY01", "999XWANG01"
FOUND = {
    CHLOE: "O’Brien|O'Brien|OʼBRIEN|obrien|o brien|O´Brien‐evans|OBrienEvans|évans, chloe|Evans, Chloe|chloe evans|"
    "E\u0301VANS\tchloé|C Évans|chl obr|cobrien|Chloé O‘Brien – Évans|1000 0103|10 00 01 03|1000-0103|10000103|100001"
    "|１０００ ０１０３|Chloe 1000 0103|1000 0103, Evans|999COBRIENEVANS01|999cobrien|chloe.obrien@nhs.net"
    "|CHLOE.OBRIEN@|chloe.ob|\u200b1000 0103\u200b|1000–0103|1000\u20110103|1000−0103",
    SOREN: "soren|SØREN|Saint John|St John|st. john|stjohn|saintjohn|Gray, Soren|5550-0000-0101|5550 0000 0101\u200b",
    # As such names are written: without a blank, whichever comes first.
    XIAOMING: "王小明|小明王|王 小明|小明|王|xwang",
}
NOT_FOUND = "rien-evans|2000 0103|1000 010 4|chloe brien smith|’|–|😀|evans bob x|ob.rien@nhs.net|1000 0103 0000 1"


@pytest.fixture(autouse=True)
def people() -> None:
    chloe = {"given_name": "Chloé", "family_name": "O’Brien-Évans", "email": "chloe.obrien@nhs.net"}
    make_user(username=CHLOE, employee_number="10000103", **chloe)
    soren = make_user(username=SOREN, given_name="Søren", family_name="St. John Gray", email="soren@nhs.net")
    CareIdentity.objects.create(user=soren, uid="555000000101")
    make_user(username=XIAOMING, given_name="小明", family_name="王", email="x.wang@nhs.net")
    # Each has one word of the first two in common.
    make_user(username="999CEASY01", given_name="Chloe", family_name="Easy", email="c.easy@nhs.net")
    make_user(username="999BEVANS01", given_name="Bob", family_name="Evanson", email="b.evanson@nhs.net")


def found(typed: str) -> list[str]:
    """Return the usernames of the people who are found."""
    return sorted(person.username for person in search.find(people=User.objects.all(), typed=typed))


def test_a_person_is_found_however_the_name_is_written_and_the_number_spoken() -> None:
    for username, each in FOUND.items():
        typed = each.split("|")
        assert {text: found(text) for text in typed} == {text: [username] for text in typed}


def test_what_fits_no_person_finds_none() -> None:
    typed = NOT_FOUND.split("|")
    assert {text: found(text) for text in typed} == {text: [] for text in typed}


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["x" * 60_000, "1" * 60_000, "x@" + "y" * 60_000, "chloe " + "évans" * 20_000])
def test_a_book_that_is_pasted_finds_none(typed: str) -> None:
    """SQLite fails on a pattern of so many bytes."""
    assert found(typed) == []


def test_a_blank_search_finds_all() -> None:
    assert len(found("")) == len(found(" \u200b ,")) == 5


def test_on_postgresql_an_index_has_every_answer() -> None:
    """A condition that no index answers reads every row: a third of a second for 200,000 people."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite reads every row: it is for thousands of people")
    answers = {
        "O’Brien": "user_by_search_words",
        "chloe evans": "user_by_search_words",
        "1000 0103": "user_by_employee_number",
        "999COB": "accounts_user_username",
        "chloe@nhs.net": "accounts_user_email",
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        for typed, index in answers.items():
            conditions = search.fitting(people=User.objects.all(), typed=typed)
            assert index in conditions.order_by().values("pk").explain(), typed
