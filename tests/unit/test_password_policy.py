"""The rules for passwords, and the one way that a password is set."""

from __future__ import annotations

import unicodedata

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import PasswordHistory, User
from accounts.services import password_policy
from accounts.services.password_policy import HISTORY_LENGTH, MAXIMUM_LENGTH, PasswordRefused
from tests.factories import PASSWORD, make_organisation, make_user
from tests.password_corpus.awkward import awkward_input

GOOD = "Rq7vLm2ZtKpw"
AWKWARD = awkward_input()
FIVE = [
    "coffee train window",
    "marble lantern orchard",
    "harbour velvet biscuit",
    "tunnel daisy kettle",
    "plum quiet ferry",
]


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
    for password in FIVE:
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
    """Threat: whoever has a recovery link tries out dates of birth on the live check."""
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
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_the_answer_is_made_of_the_known_rules(password: str) -> None:
    known = {"too_short", "too_long", "common", "personal", "not_text"}
    found = codes(password)
    assert set(found) <= known
    assert len(found) == len(set(found))


# Setting and history --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_password_is_set_with_its_time_and_lifts_the_must_change_flag() -> None:
    user = make_user(must_change_password=True)
    password_policy.set_password(user=user, password=FIVE[0])
    user.refresh_from_db()
    assert user.check_password(FIVE[0])
    assert not user.must_change_password
    assert user.password_changed_at is not None


@pytest.mark.django_db
def test_setting_a_password_writes_nothing_else_of_the_person() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(is_active=False)
    password_policy.set_password(user=user, password=FIVE[0])
    assert not User.objects.get(pk=user.pk).is_active


@pytest.mark.django_db
def test_none_of_the_last_four_is_accepted_and_the_fifth_is() -> None:
    user = make_user(password=None)
    for password in FIVE:
        password_policy.set_password(user=user, password=password)
    for password in FIVE[1:]:
        with pytest.raises(PasswordRefused) as refused:
            password_policy.check(password=password, user=user)
        assert [rule.code for rule in refused.value.broken] == ["used_before"]
    password_policy.check(password=FIVE[0], user=user)


@pytest.mark.django_db
def test_the_current_password_is_the_first_of_the_four_also_where_the_history_does_not_have_it() -> None:
    user = make_user(password=PASSWORD)
    assert not PasswordHistory.objects.exists()
    assert password_policy.used_before(password=PASSWORD, user=user)
    for password in FIVE[:4]:
        PasswordHistory.objects.create(user=user, password=make_password(password))
    assert not password_policy.used_before(password=FIVE[0], user=user)
    assert password_policy.used_before(password=FIVE[1], user=user)


@pytest.mark.django_db
def test_the_same_password_typed_on_another_keyboard_is_the_same() -> None:
    user = make_user(password=None)
    password_policy.set_password(user=user, password="café Ångström lorry")
    assert password_policy.used_before(password=unicodedata.normalize("NFD", "café Ångström lorry"), user=user)
    assert user.check_password("ｃafé Ångström lorry")


@pytest.mark.django_db
def test_older_hashes_are_deleted_and_those_of_others_stay() -> None:
    user, other = make_user(), make_user()
    password_policy.set_password(user=other, password=FIVE[0])
    for password in FIVE:
        password_policy.set_password(user=user, password=password)
    assert PasswordHistory.objects.filter(user=user).count() == HISTORY_LENGTH
    assert PasswordHistory.objects.filter(user=user).first().password == user.password  # type: ignore[union-attr]
    assert PasswordHistory.objects.filter(user=other).count() == 1


@pytest.mark.django_db
def test_a_refused_password_changes_nothing() -> None:
    user = make_user()
    before = user.password
    for password in ("password1234", PASSWORD):
        with pytest.raises(PasswordRefused):
            password_policy.set_password(user=user, password=password)
    user.refresh_from_db()
    assert user.password == before
    assert not PasswordHistory.objects.exists()


@pytest.mark.django_db
def test_the_history_is_not_asked_about_a_password_that_is_refused_anyhow() -> None:
    user = make_user()
    with CaptureQueriesContext(connection) as queries, pytest.raises(PasswordRefused):
        password_policy.check(password="password1234", user=user)
    assert len(queries) == 0


@pytest.mark.django_db
def test_the_hash_is_made_before_the_transaction_that_stores_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash in a transaction would hold the lock on SQLite for as long as it takes."""
    user = make_user()
    hash_it = make_password
    outside = len(connection.savepoint_ids)
    depths: list[int] = []

    def noted(password: str) -> str:
        depths.append(len(connection.savepoint_ids) - outside)
        return hash_it(password)

    monkeypatch.setattr(password_policy, "make_password", noted)
    password_policy.set_password(user=user, password=FIVE[0])
    assert depths == [0]


# Every other path -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_djangos_own_paths_ask_the_same_policy() -> None:
    user = make_user()
    for password, refused in (("password1", ["too_short", "common"]), (PASSWORD, ["used_before"])):
        with pytest.raises(ValidationError) as error:
            validate_password(password, user)
        assert [one.code for one in error.value.error_list] == refused
    validate_password(FIVE[0], user)
    validate_password(FIVE[0])
    with pytest.raises(ValidationError):
        validate_password("Dragon!!1985")


def test_the_rules_on_the_page_have_the_codes_of_the_refusals() -> None:
    assert {rule.code for rule in password_policy.rules()} <= {"too_short", "common", "personal", "used_before"}
    assert all(rule.sentence for rule in password_policy.rules())
