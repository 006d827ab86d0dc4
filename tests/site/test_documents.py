"""The documents: what they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

from bench import layout

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [path for path in layout.tracked(ROOT, "*.md") if path.name != "CHANGELOG.md"]
# A file or folder of ours between backticks: `accounts/browser/`, `bench/layout.py`, `services/claims.py`.
_PATH = re.compile(r"`([a-z_.-]+/[A-Za-z0-9_./-]*)`")
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]+)[^)]*\)")
# A section of a document, as messages name it, and as a line is broken in them.
_SECTION = re.compile(r"""docs/([a-z-]+\.md)(?:,| says under) [“"]([^”"]+)[”"]""")
# Folders that a run or a build makes, and the tops of journeys' folders of templates.
_MADE = ("var/", "mutants/", ".venv/", "node_modules/", "static-built/", "locale-built/")


def _is_there(path: str) -> bool:
    """Return whether a path leads somewhere from the root, or inside one of the apps."""
    return (ROOT / path).exists() or any(ROOT.glob(f"*/{path}"))


_APPS = ("accounts", "people", "care_identity", "helpdesk", "hub")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    named = _PATH.findall(document.read_text(encoding="utf-8"))
    assert not [path for path in named if not path.startswith(_MADE) and not _is_there(path)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    assert not [link for link in links if not (document.parent / link).exists()]


def headings_of(document: Path) -> set[str]:
    """Return what GitHub makes of a document's headings, as links name them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CHANGELOG.md"], ids=lambda path: path.name)
def test_every_heading_that_a_link_names_is_there(document: Path) -> None:
    """A section that has moved takes the links to it along."""
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#]*)#([^)]+)\)", document.read_text(encoding="utf-8"))
    there = [((document.parent / path) if path else document, heading) for path, heading in links]
    assert not [(path.name, heading) for path, heading in there if heading not in headings_of(path)]


def test_every_heading_that_a_message_sends_a_person_to_is_there() -> None:
    """Who is sent to a section by the doctor or by an alert looks for it by that name."""
    said = [
        (match[1], match[2])
        for path in layout.tracked(ROOT, "*.py", "deploy/*")
        if "tests" not in path.relative_to(ROOT).parts
        for match in _SECTION.finditer(path.read_text(encoding="utf-8"))
    ]
    assert said
    assert not [(name, heading) for name, heading in said if heading not in titles_of(ROOT / "docs" / name)]


def titles_of(document: Path) -> set[str]:
    """Return a document's headings, as they are written."""
    return set(re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_decision_says_its_status_and_date() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        title, _, status, *_ = path.read_text(encoding="utf-8").splitlines()
        assert title.startswith(f"# {int(path.name[:4])}. "), path.name
        assert re.fullmatch(r"(Proposed|Accepted|Replaced by \d+), \d{1,2} [A-Z][a-z]+ \d{4}", status), path.name


def test_every_table_is_in_the_inventory_of_what_is_kept() -> None:
    """A table that is forgotten there has no reader and no end that anybody has thought of."""
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    _, _, inventory = text.partition("## The database")
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", inventory.partition("\n## ")[0]))
    tables = {model.__name__ for label in _APPS for model in apps.get_app_config(label).get_models()}
    assert sorted(tables - named) == []
    everywhere = {model.__name__ for model in apps.get_models()}
    assert sorted(named - everywhere) == [], "no table of these names is left"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_name_the_folder_of_a_version_or_the_link_to_the_one_in_use(document: Path) -> None:
    """Nothing else is in /opt/esr-portal: a command that names another place never runs."""
    named = re.findall(r"/opt/esr-portal(?:/(\S*)| &&)", document.read_text(encoding="utf-8"))
    assert {name.partition("/")[0].rstrip("`.,;:)") for name in named} <= {"current", "releases", "…"}


def test_nginx_reads_each_certificate_that_the_runbook_puts_in_place() -> None:
    """It serves the former one until it is told, which may end before that."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    blocks = [block for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) if "/etc/ssl/$HOST.pem" in block]
    assert blocks
    for block in blocks:
        assert re.search(r"systemctl reload(-or-restart)? nginx", block[block.rindex("/etc/ssl/") :]), block
