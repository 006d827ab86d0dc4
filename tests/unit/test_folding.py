"""What names and typed words are compared as in a search."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.folding import LONGEST_WORD, joined, pieces, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("O'Brien", [["o", "brien"]]),
        ("O’BRIEN", [["o", "brien"]]),
        ("OʼBrien", [["o", "brien"]]),
        ("Évans, Anne‑Marie", [["evans"], ["anne", "marie"]]),
        ("E\u0301vans", [["evans"]]),
        ("ÆTHELRED Bjørnstad", [["aethelred"], ["bjornstad"]]),
        ("Strauß Łukasz", [["strauss"], ["lukasz"]]),
        ("Ｊｏ", [["jo"]]),
        ("Ynys Môn", [["ynys"], ["mon"]]),
        ("Σοφία Йорк", [["σοφια"], ["иорк"]]),
        ("王 小明", [["王"], ["小明"]]),
        ("Guy's & St. Thomas'", [["guy", "s"], ["and"], ["st"], ["thomas"]]),
        ("so\u00adft\u200b", [["soft"]]),
        ("😀 %_ '", []),
    ],
)
def test_a_text_is_compared_without_case_accents_apostrophes_and_dashes(text: str, folded: list[list[str]]) -> None:
    assert pieces(text) == folded


def test_a_double_name_is_found_by_its_parts_and_as_one_word() -> None:
    assert words("Smith-Jones") == {"smith", "jones", "smithjones"}
    assert words("Smith Jones") == {"smith", "jones", "smithjones"}
    assert words("van der Berg") == {"van", "der", "berg", "vanderberg"}


def test_saint_and_st_are_each_other() -> None:
    assert words("St. John") == words("Saint John") == {"st", "saint", "john", "stjohn", "saintjohn"}


@settings(max_examples=50)
@given(st.text(max_size=30))
def test_a_folded_word_folds_to_itself_and_holds_nothing_that_a_database_reads(text: str) -> None:
    for parts in pieces(text):
        assert pieces(joined(parts)) == [[joined(parts)]]
        assert not set(joined(parts)) & set(" %_'\\\0")
        assert len(joined(parts)) <= LONGEST_WORD
