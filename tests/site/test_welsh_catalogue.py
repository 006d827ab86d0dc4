"""Each message is in Welsh, whole, and nothing in the Welsh catalogue is of an English that is said no more."""

from __future__ import annotations

import polib
import pytest

from tests.support import welsh


@pytest.mark.parametrize("domain", welsh.DOMAINS)
def test_each_message_is_in_welsh(domain: str) -> None:
    assert not list(welsh.faults(domain))


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


def test_what_is_said_in_place_of_a_librarys_words_may_do_without_its_places() -> None:
    there = an_entry("%(value)s is no number.")
    there.msgstr = "Rhowch rif."
    needed = an_entry("%(value)s is no number.", comment="We say: Enter a number.")
    assert list(welsh._faults_of(there, needed)) == []
