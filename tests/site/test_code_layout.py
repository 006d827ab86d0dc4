"""How the code is laid out: what the house style promises, so that it stays true."""

from __future__ import annotations

import ast
import functools
import importlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import get_template

from bench import layout
from tests.support import addresses

ROOT = Path(__file__).resolve().parents[2]
# Imports run one way: a folder may import from those in the rows below its own, and from no other.
ROWS = (
    ("esr_portal",),
    ("demo",),
    ("helpdesk",),
    ("people", "hub", "care_identity"),
    ("accounts",),
    ("common_passwords", "nhsuk"),
)
# Django's own way of letting a session's model and its store know each other: each imports the other when asked.
LAZY_PAIR = {"accounts.models.session", "accounts.session_store"}
LONGEST_FILE = 300
# Words that mean one thing under another name, or nothing at all.
NOT_OUR_FILE_NAMES = {"utils.py", "core.py", "helpers.py", "misc.py", "common.py", "signals.py"}
# A second name for the log-in page, a picture, and a link whose end was lost.
NOT_PAGES = {"account_login", "favicon", ""}
# The files that may touch private modules of libraries.
SEAMS = {"accounts/adapter.py", "accounts/stages.py"}


def _tracked(*patterns: str) -> list[Path]:
    return layout.tracked(ROOT, *patterns)


@functools.cache
def _code() -> list[Path]:
    return layout.code(ROOT)


def _folders(rows: Sequence[tuple[str, ...]]) -> set[str]:
    """Return the folders of rows."""
    return {folder for row in rows for folder in row}


def test_no_file_is_longer_than_can_be_read_at_a_sitting() -> None:
    files = [path for path in _tracked("*.py", "*.html", "*.js", "*.scss", "*.css") if "migrations" not in path.parts]
    assert len(files) > 100
    too_long = {
        path.relative_to(ROOT).as_posix(): lines for path in files if (lines := layout.lines(path)) > LONGEST_FILE
    }
    assert not too_long


@functools.cache
def _functions_of_the_product() -> list[layout.Function]:
    product = {folder for row in ROWS for folder in row}
    files = [path for path in _code() if path.relative_to(ROOT).parts[0] in product]
    return [function for path in files for function in layout.functions(ROOT, path)]


def test_no_function_is_longer_than_a_screen() -> None:
    functions = _functions_of_the_product()
    assert len(functions) > 500
    assert not [function for function in functions if function.lines > layout.LONGEST_FUNCTION]


def test_no_function_has_more_ways_through_it_than_can_be_kept_in_mind() -> None:
    assert not [function for function in _functions_of_the_product() if function.complexity > layout.MOST_COMPLEX]


def test_imports_run_one_way() -> None:
    """What is below knows nothing of what is above, and neighbours in a row know nothing of each other."""
    below = {folder: {name for row in ROWS[i + 1 :] for name in row} for i, row in enumerate(ROWS) for folder in row}
    wrong = []
    for path in _code():
        here = path.relative_to(ROOT).parts[0]
        for module in layout.imports(path) if here in below else ():
            other = module.split(".")[0]
            if other in below and other != here and other not in below[here]:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong


def test_what_a_module_says_it_exports_is_there() -> None:
    says = re.compile(r"^__all__ = ", re.MULTILINE)
    files = [path.relative_to(ROOT).with_suffix("") for path in _code() if says.search(path.read_text())]
    assert len(files) > 5
    modules = [importlib.import_module(".".join(file.parts).removesuffix(".__init__")) for file in files]
    missing = [(module.__name__, name) for module in modules for name in module.__all__ if not hasattr(module, name)]
    assert not missing


def test_no_files_import_each_other_in_a_circle() -> None:
    """Imports for types alone count too: what knows another file's types cannot be read without it."""
    graph = layout.import_graph(ROOT, _code(), folders=[folder for row in ROWS for folder in row])
    circles = [circle for circle in layout.circles(graph) if circle != LAZY_PAIR]
    assert not circles


def test_the_library_of_passwords_is_loaded_without_the_settings() -> None:
    """What builds its filters, when the portal is installed, has none."""
    files = sorted(ROOT.joinpath("common_passwords").glob("*.py"))
    names = [f"common_passwords.{file.stem}" for file in files if file.stem != "__init__"]
    without = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    loaded = subprocess.run([sys.executable, "-c", f"import {', '.join(names)}"], cwd=ROOT, env=without, check=False)
    assert names
    assert loaded.returncode == 0


def test_private_modules_of_libraries_are_touched_at_the_seams_alone() -> None:
    for path in _code():
        if path.relative_to(ROOT).as_posix() not in SEAMS:
            assert not [module for module in layout.imports(path) if ".internal" in module], path


def test_a_service_knows_nothing_of_requests() -> None:
    services = [path for path in _code() if "services" in path.parts]
    assert len(services) > 10
    for path in services:
        assert not [module for module in layout.imports(path) if module.startswith("django.http")], path


def test_services_take_their_arguments_by_name() -> None:
    """A call says what it means. What takes one thing may take it by place."""
    for path in _code():
        if path.parent.name != "services" and not (path.name == "__init__.py" and "services" in path.parts):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                by_place = [arg.arg for arg in node.args.args]
                assert len(by_place) <= 1, f"{path.relative_to(ROOT)}: {node.name}({', '.join(by_place)})"


def test_files_are_named_after_what_they_are_about() -> None:
    assert not [path for path in _code() if path.name in NOT_OUR_FILE_NAMES]


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|\bfor now\b")
    for path in _tracked("*.py", "*.html", "*.js", "*.scss", "*.css", "*.md", "*.toml", "Makefile"):
        if path == Path(__file__):
            continue
        found = later.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.relative_to(ROOT)}: {found.group()}"


def test_every_dependency_says_why_it_is_here() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads("\n".join(lines))["project"]
    for dependency in project["dependencies"]:
        (number,) = [n for n, line in enumerate(lines) if line.strip().startswith(f'"{dependency}"')]
        above = lines[number - 1].strip()
        # One comment may speak for two that belong together.
        assert above.startswith("#") or lines[number - 2].strip().startswith("#"), dependency


def test_every_template_can_be_read() -> None:
    templates = [path for path in _tracked("templates/*") if path.suffix in {".html", ".txt"}]
    assert len(templates) > 30
    for path in templates:
        get_template(path.relative_to(ROOT / "templates").as_posix())


def test_templates_escape_everything() -> None:
    for path in _tracked("templates/*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape off", path.read_text(encoding="utf-8")), path


def test_templates_of_pages_carry_no_style_and_no_script() -> None:
    """The Content-Security-Policy would stop it. Mails are not pages: mail programs know no stylesheets."""
    inline = re.compile(r"\bstyle=|<style|\son[a-z]+=|<script(?![^>]*\bsrc=)")
    for path in _tracked("templates/*.html"):
        if "mail" not in path.parts:
            assert not inline.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("address", [a for a in addresses.ours() if a.name not in NOT_PAGES], ids=lambda a: a.name)
def test_one_word_leads_from_an_address_to_its_view_and_its_tests(address: addresses.Address) -> None:
    """The word is the view's, or its app's where that is the noun: all of care_identity/ is about Care Identity."""
    app, *_, view = address.view.__module__.split(".")
    tests = ROOT / "tests" / "pages"
    has_its_own = (tests / f"test_{address.name}.py").exists()
    named = [noun for noun in (view, app) if set(noun.split("_")) & set(address.name.split("_"))]
    assert has_its_own or [path for noun in named for path in tests.glob(f"test_{noun}*.py")]


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
