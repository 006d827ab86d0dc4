"""The stylesheet, scripts and pictures of the pages."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from esr_portal import build_static

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION_STORAGE = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "esr_portal.static_storage.StaticFilesStorage"},
}


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """Build the static files, where they are not built yet."""
    build_static.build(into=settings.STATIC_BUILD_DIR)


def _named_in_templates() -> set[str]:
    """Return the static files that the pages of a production portal name."""
    named = set()
    for template in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% static "([^"]+)" %}', template.read_text(encoding="utf-8")))
    return {name for name in named if not name.startswith("demo/")}


def _ours() -> list[Path]:
    folders = [ROOT / "static", settings.STATIC_BUILD_DIR]
    return [path for folder in folders for path in Path(folder).rglob("*") if path.suffix in {".css", ".js"}]


def test_every_file_that_a_page_names_is_there() -> None:
    missing = {name for name in _named_in_templates() if finders.find(name) is None}
    assert not missing


def test_nothing_in_them_is_loaded_from_elsewhere() -> None:
    """The Content-Security-Policy would stop it; but a page must not depend on that to look right."""
    for path in _ours():
        code = path.read_text(encoding="utf-8")
        assert not re.search(r"url\([\"']?(https?:)?//", code), path
        assert not re.search(r"@import|\bimport\s*[\"'({]|sourceMappingURL", code), path


def test_the_build_does_nothing_when_nothing_has_changed() -> None:
    assert build_static.build(into=settings.STATIC_BUILD_DIR) is False


def test_a_build_into_an_empty_folder_makes_everything(tmp_path: Path) -> None:
    assert build_static.build(into=tmp_path / "built") is True
    made = {path.relative_to(tmp_path / "built").as_posix() for path in (tmp_path / "built").rglob("*.*")}
    assert {"css/portal.css", "js/nhsuk-frontend.js", "images/favicon.svg"} <= made
    assert [path.name for path in tmp_path.iterdir()] == ["built"], "the build leaves nothing beside it"


def test_the_lock_file_names_no_address() -> None:
    """It installs from the registry that is configured, and does not tell which one that is."""
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert not re.findall(r'"resolved"|"[a-z+]*://(?!opencollective\.com|github\.com|paulmillr\.com)[^"]*"', lock)


FORMS: dict[str, Callable[[bytes], bytes]] = {".br": brotli.compress, ".gz": gzip.compress}


class Collected:
    """A folder of collected files, what was printed meanwhile, and the compressed forms of one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.printed = self.collect()
        self.hashed = json.loads((folder / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
        self.forms = [folder / (self.hashed["css/portal.css"] + suffix) for suffix in FORMS]

    def collect(self) -> str:
        """Collect them, as each start does; return what was printed. Raises each warning."""
        printed = io.StringIO()
        with (
            override_settings(STATIC_ROOT=self._folder, STORAGES=PRODUCTION_STORAGE),
            warnings.catch_warnings(),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            warnings.simplefilter("error")
            call_command("collectstatic", interactive=False, verbosity=0)
        return printed.getvalue()


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    return Collected(tmp_path_factory.mktemp("collected"))


def test_they_are_collected_under_hashed_names_without_a_warning(collected: Collected) -> None:
    assert collected.printed == ""
    named = _named_in_templates()
    assert named
    assert named <= collected.hashed.keys()
    # All of the NHS.UK package would be thousands.
    assert len(collected.hashed) < 250


def test_what_is_compressed_is_not_compressed_again(collected: Collected) -> None:
    before = [form.stat().st_ctime_ns for form in collected.forms]
    collected.collect()
    assert [form.stat().st_ctime_ns for form in collected.forms] == before


@pytest.mark.parametrize("damage", ["away", "empty", "half", "of another file"])
def test_a_compressed_form_that_is_not_the_files_is_written_anew(collected: Collected, damage: str) -> None:
    whole = [form.read_bytes() for form in collected.forms]
    for form, content in zip(collected.forms, whole, strict=True):
        if damage == "away":
            form.unlink()
        else:
            another = FORMS[form.suffix](b"another")
            form.write_bytes({"empty": b"", "half": content[: len(content) // 2], "of another file": another}[damage])
    collected.collect()
    assert [form.read_bytes() for form in collected.forms] == whole
