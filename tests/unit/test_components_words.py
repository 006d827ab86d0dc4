"""What the NHS.UK components say by themselves is in the language of the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nhsuk_frontend_jinja
import pytest
from bs4 import BeautifulSoup
from django.utils import translation

from nhsuk.components import _OWN_WORDS, render_component

ROOT = Path(__file__).parents[2]
MACROS = Path(nhsuk_frontend_jinja.__file__).parent / "templates" / "nhsuk" / "components"
# What each place that shows the component tells it, or what no place has: a search in the header, and a menu.
TOLD = {
    "back-link": {"Back"},
    "footer": {"Support links", "© NHS England"},
    "header": {"Search", "Search the NHS website", "Menu", "Browse", "More"},
    "skip-link": {"Skip to main content"},
}
NAMES = {"NHS"}
_NAMED = re.compile(r'\{% nhs(?:block)? "([a-z-]+)"')
_NAMED_IN_PYTHON = re.compile(r'(?:return|render_component\() ?"([a-z]+(?:-[a-z]+)*)"')
# What a parameter is by itself, and what stands in an element.
_BY_ITSELF = re.compile(r'default\("([A-Z©][^"]*)"|else "([A-Z][^"]*)"|>\s*([A-Z][a-z]+)\b')


def in_use() -> list[str]:
    """Return the components that pages and forms show."""
    templates = [path for folder in ("templates", "demo") for path in (ROOT / folder).rglob("*.html")]
    found = {name for path in templates for name in _NAMED.findall(path.read_text(encoding="utf-8"))}
    for path in (ROOT / "nhsuk").rglob("*.py"):
        found.update(_NAMED_IN_PYTHON.findall(path.read_text(encoding="utf-8")))
    parts = {"error-message", "fieldset", "hint", "label", "heading"}
    return sorted({name.removesuffix("-row") for name in found} | parts)


@pytest.mark.parametrize("name", in_use())
def test_each_word_that_a_component_has_of_its_own_is_said_in_the_language_of_the_page(name: str) -> None:
    macro = (MACROS / name / "template.jinja").read_text(encoding="utf-8")
    has = {word for match in _BY_ITSELF.findall(macro) for word in match if word} - NAMES
    ours = {
        said
        for of, words in _OWN_WORDS.items()
        if of.partition("/")[0] in {name, "header-account"}
        for said in words.values()
    }
    assert has <= ours | TOLD.get(name, set())


def test_components_in_use_are_found() -> None:
    assert {"button", "header", "password-input", "date-input", "error-summary", "inset-text"} <= set(in_use())


@pytest.mark.parametrize(
    ("name", "params", "in_english", "in_welsh"),
    [
        ("notification-banner", {"text": "x"}, "Important", "Pwysig"),
        ("notification-banner", {"text": "x", "variant": "success"}, "Success", "Llwyddiant"),
        ("warning-callout", {"heading": "x", "text": "x"}, "Important: ", "Pwysig: "),
        ("inset-text", {"text": "x"}, "Information: ", "Gwybodaeth: "),
        ("error-message", {"text": "x"}, "Error:", "Gwall:"),
        ("password-input", {"id": "p", "name": "p", "label": {"text": "x"}}, "Show", "Dangos"),
    ],
)
def test_it_is_said_in_english_and_in_welsh(name: str, params: dict[str, Any], in_english: str, in_welsh: str) -> None:
    def said() -> str:
        return BeautifulSoup(render_component(name, params), "html5lib").get_text(" ")

    assert in_english in said()
    with translation.override("cy"):
        assert in_welsh in said()
        assert in_english not in said()


def test_a_script_reads_out_in_welsh_that_a_password_is_visible() -> None:
    params = {"id": "p", "name": "p", "label": {"text": "x"}}
    with translation.override("cy"):
        box = BeautifulSoup(render_component("password-input", params), "html5lib").select_one("[data-module]")
    assert box is not None
    told = {name: said for name, said in box.attrs.items() if name.startswith("data-i18n")}
    assert told == {
        "data-i18n.show-password": "Dangos",
        "data-i18n.hide-password": "Cuddio",
        "data-i18n.show-password-aria-label": "Dangos y cyfrinair",
        "data-i18n.hide-password-aria-label": "Cuddio’r cyfrinair",
        "data-i18n.password-shown-announcement": "Mae eich cyfrinair i’w weld",
        "data-i18n.password-hidden-announcement": "Mae eich cyfrinair wedi’i guddio",
    }
