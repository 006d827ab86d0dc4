"""How usernames are made."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation, User
from accounts.models.user import USERNAME_FORM
from people.services import usernames
from tests.support.factories import make_organisation, make_user
from tests.support.threads import all_at_once


@pytest.mark.parametrize(
    ("given_name", "family_name", "made"),
    [
        ("Jo", "Smith", "999JSMITH"),
        ("Zoë", "Núñez", "999ZNUNEZ"),
        ("Siân", "O'Brien", "999SOBRIEN"),
        ("Niamh", "O’Brien", "999NOBRIEN"),
        ("Ana", "García-López", "999AGARCIALOPEZ"),
        ("Pieter", "van der Berg", "999PVANDERBERG"),
        ("Jürgen", "Groß", "999JGROSS"),
        ("Æthelred", "Sørensen", "999ASORENSEN"),
        ("Đorđe", "Đurić", "999DDURIC"),
        ("Łukasz", "Wałęsa", "999LWALESA"),
        ("Þóra", "Guðmundsdóttir", "999TGUDMUNDSDOTTIR"),
        ("Işık", "Yıldız", "999IYILDIZ"),
        ("Kwabena", "Ɔkɔdeɛ", "999KOKODEE"),
        ("Əli", "Œuvrard", "999EOEUVRARD"),
        ("Nguyễn", "Trần", "999NTRAN"),
        ("Ｊｏ", "Ｓｍｉｔｈ", "999JSMITH"),
        ("Jo", "ﬁsher", "999JFISHER"),
        ("2nd Jo", "Smith 3", "999NSMITH"),
    ],
)
def test_accents_are_folded_and_marks_are_dropped(given_name: str, family_name: str, made: str) -> None:
    start = usernames.beginning(organisation_code="999", given_name=given_name, family_name=family_name)
    assert start == made


@pytest.mark.parametrize(
    ("given_name", "family_name", "made"),
    [("伟", "王", "999XX"), ("Jo", "Иванова", "999JX"), ("-", "Smith", "999XSMITH"), ("", "", "999XX")],
)
def test_a_name_without_latin_letters_becomes_an_x(given_name: str, family_name: str, made: str) -> None:
    start = usernames.beginning(organisation_code="999", given_name=given_name, family_name=family_name)
    assert start == made


def test_each_letter_of_unicode_becomes_latin_capitals_or_nothing() -> None:
    everything = (chr(point) for point in range(sys.maxunicode + 1))
    odd = [
        letter
        for letter in everything
        if letter.isalpha()
        and not re.fullmatch(
            "999X[A-Z]+", usernames.beginning(organisation_code="999", given_name="", family_name=letter)
        )
    ]
    assert odd == []


@given(given_name=st.text(max_size=100), family_name=st.text(max_size=100))
def test_any_two_names_make_a_username_that_the_database_takes(given_name: str, family_name: str) -> None:
    start = usernames.beginning(organisation_code="999", given_name=given_name, family_name=family_name)
    USERNAME_FORM(f"{start}01")


def test_a_long_family_name_is_cut_so_that_any_number_fits_behind_it() -> None:
    start = usernames.beginning(organisation_code="999", given_name="Jo", family_name="ß" * 100)
    assert start == "999J" + "S" * usernames.MOST_LETTERS
    USERNAME_FORM(f"{start}123456789")


@pytest.mark.django_db
def test_the_number_counts_up() -> None:
    organisation = make_organisation()
    assert _add(organisation) == "999JSMITH01"
    assert _add(organisation) == "999JSMITH02"
    # A gap is not filled: the person who had that number may be remembered by it.
    User.objects.filter(username="999JSMITH01").delete()
    assert _add(organisation) == "999JSMITH03"


@pytest.mark.django_db
def test_the_number_has_three_digits_after_ninety_nine() -> None:
    make_user(username="999JSMITH99")
    assert _add(make_organisation()) == "999JSMITH100"


@pytest.mark.django_db
def test_longer_names_and_other_organisations_do_not_count() -> None:
    other = make_organisation(code="998")
    make_user(username="999JSMITHSON07")
    make_user(username="998JSMITH07", organisation=other)
    assert _add(make_organisation()) == "999JSMITH01"


def test_a_username_that_was_made_elsewhere_is_not_made_again() -> None:
    numbers = usernames.Numbers(taken=["999JSMITH9999", "999JSMITH10000", "999JSMITH123456789", "999JSMITH"])
    assert numbers.next(start="999JSMITH") == "999JSMITH10001"


@pytest.mark.django_db
def test_a_username_is_found_however_it_is_typed() -> None:
    user = make_user(username=" 999jsmith01 ")
    assert user.username == "999JSMITH01"
    for typed in ("999jsmith01", " 999JSmith01\t", "９９９ｊｓｍｉｔｈ０１", "999JSMITH01\u200b"):
        assert User.objects.get_by_natural_key(typed) == user


@pytest.mark.django_db(transaction=True)
def test_eight_people_of_one_name_added_at_once_get_eight_usernames() -> None:
    organisation = make_organisation()

    def add(number: int) -> Callable[[], str]:
        return lambda: _add(organisation, employee_number=f"{20_000_000 + number}")

    given = all_at_once([add(number) for number in range(8)])
    assert sorted(map(str, given)) == [f"999JSMITH{number:02}" for number in range(1, 9)]


def _add(organisation: Organisation, **facts: str) -> str:
    with transaction.atomic():
        username = usernames.next_free(organisation=organisation, given_name="Jo", family_name="Smith")
        make_user(username=username, organisation=organisation, password=None, **facts)
    return username
