"""The cards of the stand-in Care Identity, and the people of the demo whose cards they are."""

from __future__ import annotations

from demo import cast, situations
from demo.care_identity import cards


def test_whoever_has_a_card_in_the_demo_has_it_at_the_stand_in_under_the_same_name() -> None:
    for part in cast.CAST:
        if part.care_identity:
            card = cards.find(part.care_identity)
            assert card, part.care_identity
            assert (card.given_name, card.family_name) == (part.given_name, part.family_name)


def test_the_demo_page_shows_the_passcode_of_the_cards() -> None:
    assert cast.PASSCODE == cards.PASSCODE


def test_there_is_a_card_that_opens_nothing_in_esr_and_one_of_a_person_who_has_left() -> None:
    linked = {part.care_identity for part in cast.CAST}
    gone = {part.care_identity for part in cast.CAST if part.situation is situations.Situation.ENDED}
    assert [card for card in cards.CARDS if card.uid not in linked and card.identity_level == 3 and not card.cancelled]
    assert [card for card in cards.CARDS if card.uid in gone]


def test_there_is_a_card_for_each_thing_that_can_go_wrong() -> None:
    assert [card for card in cards.CARDS if card.identity_level == 2]
    assert [card for card in cards.CARDS if card.cancelled]
    assert {card.levels_as_text for card in cards.CARDS} == {True, False}


def test_numbers_are_twelve_digits_and_nobody_elses() -> None:
    numbers = [card.uid for card in cards.CARDS]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 12 and number.isdigit() for number in numbers)
    assert cards.find("555000000199") is None
