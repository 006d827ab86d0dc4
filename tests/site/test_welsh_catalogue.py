"""Each message is in Welsh, whole, and nothing in the Welsh catalogue is of an English that is said no more."""

from __future__ import annotations

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext

from tests.pages.test_admin_words import GOOD_AS_THEY_ARE
from tests.support import welsh


@pytest.mark.parametrize("domain", welsh.DOMAINS)
def test_each_message_is_in_welsh(domain: str) -> None:
    assert not list(welsh.faults(domain))


def test_each_word_of_djangos_that_the_admin_shows_as_it_is_has_welsh() -> None:
    """Where Django has none, it would show English."""
    with translation.override("cy"):
        assert not [words for words in GOOD_AS_THEY_ARE if gettext(words) == words]


def an_entry(english: str, *, plural: str = "", comment: str = "") -> polib.POEntry:
    return polib.POEntry(msgid=english, msgid_plural=plural, comment=comment)


@pytest.mark.parametrize(
    ("english", "of_it", "fault"),
    [
        ("Log in", "", "not in Welsh"),
        ("until %(time)s", "tan", "other places to fill in (%(time)s)"),
        ("until %(time)s", "tan %(amser)s", "other places to fill in (%(amser)s, %(time)s)"),
        ("Back to <a href='/'>log in</a>", "Yn ôl i fewngofnodi", "other tags"),
        ("Your password", "Your cyfrinair", "English in it (Your)"),
        ("Into your account", "I'ch cyfrif", "an apostrophe that is not ’"),
        ("Press Login to ESR", "Pwyswch Mewngofnodi i ESR", "without the guide's “Login to ESR”"),
    ],
)
def test_what_is_wrong_with_a_message_is_named(english: str, of_it: str, fault: str) -> None:
    there = an_entry(english)
    there.msgstr = of_it
    assert fault in list(welsh._faults_of(there, an_entry(english)))


def test_a_message_to_be_looked_at_again_is_named() -> None:
    there = an_entry("Log in")
    there.msgstr, there.flags = "Mewngofnodi", ["fuzzy"]
    assert list(welsh._faults_of(there, an_entry("Log in"))) == ["to be looked at again"]


def test_so_is_one_in_whose_place_we_say_something_else_by_now() -> None:
    there = an_entry("Enter a valid date.", comment="We say: Enter a date.")
    there.msgstr = "Rhowch ddyddiad."
    needed = an_entry(there.msgid, comment="We say: Enter a day, a month and a year.")
    assert list(welsh._faults_of(there, needed)) == ["to be looked at again"]


def test_the_label_of_the_guide_stands_in_brackets() -> None:
    there = an_entry("Press Login to ESR")
    there.msgstr = "Pwyswch Mewngofnodi i ESR (Login to ESR)"
    assert list(welsh._faults_of(there, an_entry("Press Login to ESR"))) == []


def test_a_plural_has_all_six_forms_of_welsh_and_a_number_may_be_in_words() -> None:
    there = an_entry("%(n)s minute", plural="%(n)s minutes")
    there.msgstr_plural = {0: "%(n)s munud", 1: "un funud"}
    assert list(welsh._faults_of(there, there)) == ["not in Welsh"]
    there.msgstr_plural |= dict.fromkeys(range(2, 6), "%(n)s munud")
    assert list(welsh._faults_of(there, there)) == []


@pytest.mark.parametrize(
    ("number", "form"), [(5, "munudau yn %(place)s"), (5, "%(n)s munud"), (1, "un funud"), (1, "%(m)s yn %(place)s")]
)
def test_no_form_of_a_plural_loses_more_than_the_number_and_that_of_all_others_not_that(number: int, form: str) -> None:
    there = an_entry("%(n)s minute at %(place)s", plural="%(n)s minutes at %(place)s")
    there.msgstr_plural = dict.fromkeys(range(6), "%(n)s munud yn %(place)s") | {number: form}
    assert [fault[:12] for fault in welsh._faults_of(there, there)] == ["other places"]


def test_what_is_said_in_place_of_a_librarys_words_may_do_without_its_places() -> None:
    there = an_entry("%(value)s is no number.", comment="We say: Enter a number.")
    there.msgstr = "Rhowch rif."
    assert list(welsh._faults_of(there, there)) == []


@pytest.mark.parametrize(
    ("of_it", "found"), [("Rhowch rif, nid %(value)s.", []), ("Rhowch rif.", ["other places to fill in (%(value)s)"])]
)
def test_what_is_said_in_place_of_a_librarys_words_has_the_places_of_ours(of_it: str, found: list[str]) -> None:
    there = an_entry("“%(value)s” is no number, says %(library)s.", comment="We say: Enter a number, not %(value)s.")
    there.msgstr = of_it
    assert list(welsh._faults_of(there, there)) == found


def test_english_in_brackets_is_found_but_for_the_guides() -> None:
    there = an_entry("Press Login to ESR")
    there.msgstr = "Pwyswch Mewngofnodi i ESR (Login to ESR) (at the top)"
    assert list(welsh._faults_of(there, an_entry("Press Login to ESR"))) == ["English in it (the)"]
