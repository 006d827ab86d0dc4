"""Finding an organisation by how people call it, for the help page and the admin."""

from __future__ import annotations

import pytest

from hub.organisation_names import nearly_fitting
from hub.services import organisations
from tests.support.factories import make_organisation

pytestmark = pytest.mark.django_db

KINGS = "King’s College Hospital NHS Foundation Trust"
GUYS = "Guy's & St Thomas' NHS Foundation Trust"
WALES = "Ynys Môn Health Board"
HAVERING = "Barking, Havering and Redbridge University Hospitals"
FOUND = {
    KINGS: "King's|KING’S|kings|King`s College|KCH|kch|K.C.H.|colege hospital|Kigns|colleg|college's",
    GUYS: "St. Thomas|saint thomas|st thomas'|guys and st thomas|GUY’S & ST. THOMAS’|GSTT|thmoas|uys",
    WALES: "MÔN|Mon|mo\u0302n|ynys mon|Ynys-Môn|YMHB|ynyz mon|103|103JSMITH01| 103jsmith01 |103 JSMITH01"
    "|１０３ＪＳ０１|103JSMITH01@nhs.net|103jsmith01!",
    HAVERING: "Barking & Havering|barking havering redbridge|Barking, Havering, & Redbridge|the Redbridge|avering|"
    "BHRUH|redbrige",
}
NOT_FOUND = "10300001|999JSMITH01|atlantis|kongs colege nhx|KHC|mn|😀|king 103|\u202eking"


@pytest.fixture(autouse=True)
def four_organisations() -> None:
    for code, name in {"101": KINGS, "102": GUYS, "103": WALES, "104": HAVERING}.items():
        make_organisation(code=code, name=name)


def found(typed: str) -> list[str]:
    """Return the names of the organisations that are found."""
    return [organisation.name for organisation in organisations.search(text=typed)]


def test_an_organisation_is_found_by_what_people_call_it() -> None:
    for name, each in FOUND.items():
        typed = each.split("|")
        assert {text: found(text) for text in typed} == {text: [name] for text in typed}


def test_what_is_no_organisation_here_finds_none() -> None:
    typed = NOT_FOUND.split("|")
    assert {text: found(text) for text in typed} == {text: [] for text in typed}


def test_small_words_alone_find_the_names_that_have_them() -> None:
    assert found("and") == [HAVERING, GUYS]


def test_names_with_a_slip_are_found_only_where_none_is_without() -> None:
    make_organisation(code="105", name="Kinds Care")
    assert found("kings") == [KINGS]
    assert found("kindz") == ["Kinds Care"]


def test_a_slip_is_one_letter_wrong_missing_too_many_or_two_in_each_others_place() -> None:
    for typed in ("kxngs", "kngs", "kinngs", "ikngs", "xkings", "kinsg", "king's colege", "hospitl"):
        assert nearly_fitting(names=((KINGS, ""),), typed=typed), typed
    for typed in ("kxnxs", "kgs", "gnik", "kgins", "kex", ""):
        assert not nearly_fitting(names=((KINGS, ""),), typed=typed), typed
