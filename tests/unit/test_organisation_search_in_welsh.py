"""Finding an organisation by its Welsh name, by a place in Wales in either language, and by a word as it is said."""

from __future__ import annotations

import pytest
from django.utils import translation

from hub import welsh_words
from hub.services import organisations
from tests.support.factories import make_organisation

pytestmark = pytest.mark.django_db

NORTH = "Glanymôr University Health Board"
CITY = "Cardiff Valleys Care"
ISLAND = "Isle of Anglesey Hospitals NHS Trust"
ENGLISH = "Bath and Mendip Hospitals"
FOUND = {
    NORTH: "Bwrdd Iechyd Prifysgol Glanymôr|bwrdd iechyd glanymor|GLANYMÔR|BIPG|Glanymor Health Board|university board"
    "|Fwrdd Iechyd|ym Mwrdd Iechyd|Lanymor|i Lanymôr|iechyd glanymr",
    CITY: "Cardiff|Caerdydd|Gaerdydd|yng Nghaerdydd|a Chaerdydd|o gaerdydd|Caerdyd|cardif",
    ISLAND: "Ynys Môn|ynys mon|Ynys-Mon|Môn|Fôn|Anglesey|Ymddiriedolaeth GIG Môn|ysbytai môn|ymddiriedolaeth",
    ENGLISH: "Bath|Mendip|bath & mendip",
}
NOT_FOUND = "Abertawe|Swansea|Ngardiff|Mhath|Sir Benfro|mwrdd trafnidiaeth"


@pytest.fixture(autouse=True)
def four_organisations() -> None:
    make_organisation(code="101", name=NORTH, welsh_name="Bwrdd Iechyd Prifysgol Glanymôr")
    make_organisation(code="102", name=CITY)
    make_organisation(code="103", name=ISLAND)
    make_organisation(code="104", name=ENGLISH)


def found(typed: str) -> list[str]:
    """Return the English names of the organisations that are found."""
    return [organisation.name for organisation in organisations.search(text=typed)]


@pytest.mark.parametrize("language", ["en-gb", "cy"])
def test_an_organisation_is_found_in_either_language_whatever_that_of_the_page(language: str) -> None:
    with translation.override(language):
        for name, each in FOUND.items():
            typed = each.split("|")
            assert {text: found(text) for text in typed} == {text: [name] for text in typed}


def test_what_is_no_organisation_here_finds_none() -> None:
    typed = NOT_FOUND.split("|")
    assert {text: found(text) for text in typed} == {text: [] for text in typed}


def test_what_is_found_is_in_the_order_of_the_names_that_are_shown() -> None:
    make_organisation(code="105", name="Zennor Hospitals", welsh_name="Ysbytai Arfor")
    make_organisation(code="106", name="Alder Hospitals", welsh_name="Ysbytai Zennor")
    assert found("zennor hospitals") == ["Alder Hospitals", "Zennor Hospitals"]
    with translation.override("cy"):
        assert found("zennor hospitals") == ["Zennor Hospitals", "Alder Hospitals"]


def test_the_search_is_as_many_queries_as_in_english(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2), translation.override("cy"):  # type: ignore[operator]
        organisations.search(text="Glanymor")


def test_nine_letters_change_and_no_others() -> None:
    assert {word: welsh_words.mutated(word) for word in ("caerdydd", "llanelli", "rhyl", "dinbych", "gwynedd")} == {
        "caerdydd": ("gaerdydd", "nghaerdydd", "chaerdydd"),
        "llanelli": ("lanelli",),
        "rhyl": ("ryl",),
        "dinbych": ("ddinbych", "ninbych"),
        "gwynedd": ("ngwynedd",),
    }
    assert not any(map(welsh_words.mutated, ("chwarae", "abertawe", "iechyd", "nedd", "lerpwl", "ffestiniog", "")))
