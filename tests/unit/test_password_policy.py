"""The rules for passwords."""

from __future__ import annotations

import unicodedata

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import password_policy
from accounts.services.password_policy import MAXIMUM_LENGTH
from bench.password_corpus.awkward import awkward_input
from tests.support.factories import PASSWORD, make_organisation, make_user

GOOD = "Rq7vLm2ZtKpw"
AWKWARD = awkward_input()


def codes(password: str, user: User | None = None) -> list[str]:
    return [rule.code for rule in password_policy.broken_rules(password=password, user=user)]


def messages(password: str, user: User | None = None) -> list[str]:
    return [rule.message for rule in password_policy.broken_rules(password=password, user=user)]


def long_password(length: int) -> str:
    return "".join(chr(ord("a") + (7 * i * i + 3 * i) % 26) for i in range(length))


# Length ---------------------------------------------------------------------------------------------------------------


def test_eleven_characters_are_too_few_and_twelve_are_enough() -> None:
    assert codes(GOOD[:11]) == ["too_short"]
    assert codes(GOOD) == []


def test_256_characters_are_accepted_and_257_are_an_error() -> None:
    assert codes(long_password(MAXIMUM_LENGTH)) == []
    assert codes(long_password(MAXIMUM_LENGTH + 1)) == ["too_long"]
    assert codes(long_password(100_000)) == ["too_long"]


def test_characters_outside_the_basic_plane_count_as_one_each() -> None:
    eleven = "🦔🌧🚂🧭🍋🪁🛶🧵🪴🎻🧊"
    assert codes(eleven) == ["too_short"]
    assert codes(eleven + "🫖") == []


def test_letters_with_their_accents_apart_count_as_one_each() -> None:
    """What a Mac sends as twelve code points can be six letters."""
    assert "too_short" in codes(unicodedata.normalize("NFD", "éèêëàâ"))


def test_one_character_that_stands_for_eighteen_counts_as_one() -> None:
    assert "too_short" in codes("\ufdfa")
    assert "too_long" in codes("\ufdfa" * 15 + GOOD)


def test_there_are_no_rules_about_kinds_of_characters() -> None:
    assert codes("qxvbrtlkwmzh") == []


def test_blanks_at_either_end_are_part_of_the_password() -> None:
    assert codes(f" {GOOD[:10]} ") == []


# What it is made of ---------------------------------------------------------------------------------------------------


def test_every_broken_rule_is_told_at_once() -> None:
    assert codes("password1") == ["too_short", "common"]


def test_an_empty_password_is_only_too_short() -> None:
    assert codes("") == ["too_short"]


def test_the_beginning_of_a_good_password_is_only_too_short() -> None:
    assert codes(GOOD[:3]) == ["too_short"]


def test_a_common_password_with_a_year_added_is_refused_with_what_would_do() -> None:
    assert messages("Dragon!!1985") == [
        "This is a common password with symbols and a year added. Use three random words instead."
    ]


def test_three_random_words_pass() -> None:
    for password in ("coffee train window", "marble lantern orchard", "plum quiet ferry"):
        assert codes(password) == []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("PriyaOyelaran1", "your name"),
        ("Oyelaran-2026!", "your name"),
        ("999POYELARAN07", "your username"),
        ("!!poyelaran!!!", "your username"),
        ("p.oyelaran-work", "your email address"),
        ("10734526!!!!!", "your ESR number"),
        ("Fernhollow2026", "your organisation's name"),
        ("FernhollowCare", "your organisation's name"),
        ("fcnft-fcnft-fcnft", "your organisation's name"),
        ("nhs!nhs!nhs!nhs!", "the word “NHS”"),
        ("ESRESRESR-2026", "the word “ESR”"),
    ],
)
@pytest.mark.django_db
def test_words_of_the_person_and_the_place_are_refused_as_the_substance(password: str, said: str) -> None:
    user = make_user(
        username="999POYELARAN07",
        given_name="Priya",
        family_name="Oyelaran",
        email="p.oyelaran-work@nhs.net",
        employee_number="10734526",
        organisation=make_organisation(name="Fernhollow Care NHS Foundation Trust"),
    )
    broken = password_policy.broken_rules(password=password, user=user)
    assert [said in rule.message for rule in broken if rule.code == "personal"] == [True]


@pytest.mark.django_db
def test_a_long_passphrase_may_contain_ones_own_words() -> None:
    user = make_user(given_name="Priya", family_name="Oyelaran")
    assert codes("nhs coffee train window", user) == []
    assert codes("priya coffee train window", user) == []


@pytest.mark.django_db
def test_the_words_of_somebody_else_say_nothing() -> None:
    assert codes("Oyelaran zqfmwkd", make_user()) == []


@pytest.mark.django_db
def test_whether_a_date_is_that_of_ones_birth_is_never_told() -> None:
    """Threat: an attacker with a recovery link tries out dates of birth on the live check."""
    user = make_user()
    born = user.date_of_birth
    for date in (f"{born:%d%m%Y}", f"{born:%d/%m/%Y}", f"{born:%Y-%m-%d}", f"{born:%d%B%Y}"):
        assert messages(f"{date}!!!!", user) == messages(f"{date}!!!!")
        assert messages(f"{date}!!!!")
        assert messages(f"velvet{date}lorryq", user) == messages(f"velvet{date}lorryq")


# Text -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", [chr(0), chr(0xD800), chr(0xDFFF)], ids=["NUL", "first", "last surrogate"])
def test_what_cannot_be_typed_is_refused_with_a_clear_sentence(character: str) -> None:
    assert codes(f"coffee train{character}window") == ["not_text"]
    assert messages(character)[0].startswith("This has a character that cannot be typed.")


@pytest.mark.parametrize("kind", AWKWARD)
def test_awkward_input_is_answered(kind: str) -> None:
    for rule in password_policy.broken_rules(password=AWKWARD[kind], user=None):
        assert rule.message.endswith(".")


@given(st.text(st.characters(codec=None), max_size=400))
@settings(max_examples=200)
def test_whatever_is_typed_the_answer_is_made_of_the_known_rules(password: str) -> None:
    known = {"too_short", "too_long", "common", "personal", "not_text"}
    found = codes(password)
    assert set(found) <= known
    assert len(found) == len(set(found))


# Every other path -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_djangos_own_paths_ask_the_same_policy() -> None:
    user = make_user()
    for password, refused in (("password1", ["too_short", "common"]), (PASSWORD, ["used_before"])):
        with pytest.raises(ValidationError) as error:
            validate_password(password, user)
        assert [one.code for one in error.value.error_list] == refused
    validate_password("coffee train window", user)
    validate_password("coffee train window")
    with pytest.raises(ValidationError):
        validate_password("Dragon!!1985")


def test_the_rules_on_the_page_have_the_codes_of_the_refusals() -> None:
    assert {rule.code for rule in password_policy.rules()} <= {"too_short", "common", "personal", "used_before"}
    assert all(rule.sentence for rule in password_policy.rules())
