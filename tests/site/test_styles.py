"""The stylesheets and the NHS.UK script hold what the pages use, and no more than the first visit can carry."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import nhsuk_frontend_jinja
import pytest
from bs4 import BeautifulSoup
from django.conf import settings

from esr_portal import build_static
from tests.support import collected
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

ROOT = Path(__file__).resolve().parents[2]
MACROS = Path(nhsuk_frontend_jinja.__file__).parent / "templates" / "nhsuk" / "components"
# Everything of ours that can put a class on a page. The admin and mails have styles of their own.
CODE = ("accounts", "care_identity", "demo", "hub", "nhsuk")
APART = ("templates/admin/", "templates/mail/")
# Bytes on the wire of the log-in page's first visit, headers included: the page, its stylesheet, its scripts, its icon.
BUDGET = 40_000
# A component whose script is for one of its parameters alone, which no page uses.
SCRIPT_IS_FOR = {"checkboxes": "conditional", "header": "navigation", "radios": "conditional"}


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """Build the static files, where they are not built yet."""
    build_static.build(into=settings.STATIC_BUILD_DIR)


def _sources() -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every template, form and script that can put a class on a page."""
    folders = [ROOT / name for name in (*CODE, "templates", "static")] + [Path(settings.STATIC_BUILD_DIR) / "js"]
    for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
        if path.suffix in {".html", ".js", ".py"}:
            name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
            if not name.startswith(APART):
                yield name, path.read_text(encoding="utf-8")


def _with_its_layout(text: str) -> str:
    """Return the text of a template and of the layout that it extends, which may name a stylesheet for it."""
    extended = re.search(r'{% extends "([^"]+)" %}', text)
    layout = ROOT / "templates" / extended[1] if extended else None
    return text + (layout.read_text(encoding="utf-8") if layout and layout.is_file() else "")


@cache
def _selectors(stylesheet: Path) -> set[str]:
    """Return the selectors that a stylesheet has rules for, in one spelling whichever tool has written it."""
    found = re.findall(r"([^{};]+)\{", stylesheet.read_text(encoding="utf-8").replace("::", ":").replace("*:", ":"))
    return {re.sub(r" ?([>+~]) ?", r"\1", selector) for several in found for selector in several.split(",")}


def _classes(*selectors: str) -> set[str]:
    return {name for selector in selectors for name in re.findall(r"\.([a-z][\w-]*)", selector)}


def _built(name: str) -> set[str]:
    return _selectors(Path(settings.STATIC_BUILD_DIR) / "css" / f"{name}.css")


def _components() -> set[str]:
    """Return the components of NHS.UK frontend that pages and forms use; parts of them, like labels, come with them."""
    found: set[str] = set()
    for name, text in _sources():
        if name.endswith(".html"):
            found |= set(re.findall(r'{% nhs(?:block)? "([^"]+)"', text))
        if name.startswith("nhsuk/"):
            found |= set(re.findall(r'(?:return |render_component\()"([a-z-]+)", ', text))
    return {name.removesuffix("-row") for name in found}


def _where_to_find(name: str, *_: str) -> str:
    """Return what to add for a class of NHS.UK frontend: the parts of it that have a rule for the class."""
    if name.startswith("nhsuk-u-"):
        return "a rule in styles/_utilities.scss, or an `@use` of one of NHS.UK's `core/utilities`"
    parts = [*build_static.NHSUK.glob("components/*/_index.scss"), *build_static.NHSUK.glob("core/*/_*.scss")]
    texts = {part.parent if part.name == "_index.scss" else part: part.read_text(encoding="utf-8") for part in parts}
    block = re.split(r"__|--", name)[0]
    named = [part for part, text in texts.items() if f".{name} " in text]
    named = named or [part for part, text in texts.items() if f".{block} {{" in text]
    uses = [part.relative_to(build_static.NHSUK).as_posix().replace("/_", "/").removesuffix(".scss") for part in named]
    return " or ".join(f'@use "nhsuk-frontend/dist/nhsuk/{use}"' for use in uses)


def test_the_stylesheet_has_every_class_that_a_page_a_form_or_a_script_uses() -> None:
    """Where a rule is missing, the message names the line of styles/portal.scss that brings it."""
    whole = _selectors(build_static.NHSUK / "nhsuk-frontend.min.css")
    lacking = set()
    for source, text in _sources():
        has = _built("portal") | (_built("tables") if "css/tables.css" in _with_its_layout(text) else set())
        used = set(re.findall(r"\bnhsuk-[\w-]*\w", text))
        # A class that is in a rule for another component alone, as "an action link in a card", is not there yet.
        for classes in map(_classes, whole - has):
            if classes and classes <= used:
                lacking.add(f".{' .'.join(classes)} of {source}: {_where_to_find(*classes)}")
    assert not lacking, "styles/portal.scss lacks what pages use:\n" + "\n".join(sorted(lacking))


def test_every_class_of_ours_has_a_rule() -> None:
    sheets = ("portal", "second-step", "security")
    ours = _classes(*set().union(*map(_built, sheets)), *_selectors(ROOT / "demo" / "static" / "demo" / "demo.css"))
    blocks = {name.split("__")[0] for name in ours}
    for source, text in _sources():
        for attribute in re.findall(r'\bclass(?:es)?="([^"]*)"', text):
            assert set(re.findall(r"\b(?:portal|demo)-[\w-]*\w", attribute)) <= ours | blocks, source


def test_the_stylesheet_has_the_components_that_pages_and_forms_use_and_no_others() -> None:
    scss = (ROOT / "styles" / "portal.scss").read_text(encoding="utf-8")
    has = set(re.findall(r'^@use "nhsuk-frontend/dist/nhsuk/components/([a-z-]+)";', scss, re.MULTILINE))
    used = _components()
    assert used - has == set(), 'add `@use "nhsuk-frontend/dist/nhsuk/components/…";` to styles/portal.scss'
    assert has - used == set(), "take them out of styles/portal.scss"


def test_nothing_moves() -> None:
    """So that nothing has to stop where a person has asked for less motion (WCAG 2.3.3). A shade may come and go."""
    for sheet in [*Path(settings.STATIC_BUILD_DIR).rglob("*.css"), ROOT / "static" / "css" / "helpdesk.css"]:
        style = sheet.read_text(encoding="utf-8")
        assert not re.search(r"animation|@keyframes|scroll-behavior|view-transition", style), sheet
        assert set(re.findall(r"transition(?:-property)?: ?([a-z-]+)", style)) <= {"opacity"}, sheet


def test_the_script_has_the_components_that_do_something_by_script() -> None:
    of_forms = (ROOT / "nhsuk" / "form_rendering.py").read_text(encoding="utf-8")
    tags = [tag for _, text in _sources() for tag in re.findall(r"{% nhs(?:block)? [^%]*%}", text)]
    asked_for = " ".join(tags) + of_forms
    needed = {
        name
        for name in _components()
        if f'"data-module": "nhsuk-{name}"' in (MACROS / name / "template.jinja").read_text(encoding="utf-8")
        and SCRIPT_IS_FOR.get(name, "") in asked_for
    }
    assert needed == set(build_static.SCRIPTED), "change SCRIPTED in esr_portal/build_static.py"


@pytest.mark.django_db
def test_the_first_visit_of_the_log_in_page_is_small_enough_for_a_bad_line(settings: Settings) -> None:
    """At 35 kbit/s, the edge of a mobile network, 40 kB take nine seconds. `python -m bench.first_visit` measures."""
    settings.STATIC_ROOT = collected.static_files()
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "esr_portal.static_storage.StaticFilesStorage"},
    }
    client = PortalClient()
    accepting = {"accept-encoding": "gzip, deflate"}
    page = client.get("/log-in/", headers=accepting)
    soup = BeautifulSoup(gzip.decompress(page.content), "html5lib")
    # Browsers take the scalable icon; the others are for those that do not know it, and for a phone's home screen.
    named = soup.select("link[rel=stylesheet], script[src], link[rel=icon][type='image/svg+xml']")
    sizes = {"page": len(page.serialize_headers()) + len(page.content)}
    for path in (str(tag.get("href") or tag.get("src")) for tag in named):
        answer = client.get(path, headers=accepting)
        assert answer.status_code == 200, path
        sizes[path] = len(answer.serialize_headers()) + len(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert len(sizes) >= 5
    assert sum(sizes.values()) <= BUDGET, sizes
