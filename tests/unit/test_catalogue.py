"""What Django says is said in the portal's own words: the catalogue in locale/, and its build."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.utils.translation import gettext, ngettext

from esr_portal import build_locale, checks
from tests.support import catalogues

DOMAINS = ("django", "djangojs")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdr]|%[sd]|\{\w*\}")
# Of the scripts: plain as they are.
PLAIN_IN_SCRIPTS = {"Now", "Midnight", "Noon", "Choose a time", "Cancel", "Today", "Yesterday", "Tomorrow"}
# Scripts of the admin that no page of ours loads.
UNUSED_SCRIPTS = {"SelectFilter2.js"}


def _sentences(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Return each form of an entry: what the library says, and what we say."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid, entry.msgstr_plural[0]), (entry.msgid_plural, entry.msgstr_plural[1])]


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_sentence_is_one_of_the_installed_libraries(domain: str) -> None:
    """An upgrade that words a sentence anew would otherwise bring the library's words back, unnoticed."""
    known = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in catalogues.of_libraries(domain)}
    said = [(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in catalogues.ours(domain)]
    assert said
    assert len(said) == len(set(said))
    assert set(said) <= known


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_sentence_is_whole_and_asks_for_nothing_that_the_library_does_not_fill_in(domain: str) -> None:
    for entry in catalogues.ours(domain):
        assert not entry.fuzzy, entry.msgid
        for theirs, own in _sentences(entry):
            assert own, theirs
            assert own not in {entry.msgid, entry.msgid_plural}, theirs
            wanted, given = (sorted(PLACEHOLDER.findall(text)) for text in (own, theirs))
            assert set(wanted) <= set(given), theirs
            # What has no name is filled in by its place.
            assert [p for p in wanted if not re.search(r"\w{2}", p)] in ([], [p for p in given if p in wanted]), theirs


def test_no_sentence_of_it_is_one_of_the_portals_own() -> None:
    """A page that says one of these means its own words: they must not change under it."""
    assert not {entry.msgid for entry in catalogues.ours() if catalogues.is_of_the_product(entry.msgid)}


def test_each_word_of_the_admins_scripts_is_ours_or_plain() -> None:
    own = {entry.msgid for entry in catalogues.ours("djangojs")}
    left = set()
    for entry in catalogues.of_libraries("djangojs"):
        scripts = {Path(file).name for file, _ in entry.occurrences} - UNUSED_SCRIPTS
        # Names of months and days.
        if scripts and scripts != {"calendar.js"}:
            left.add(entry.msgid)
    assert left - own == PLAIN_IN_SCRIPTS


def test_django_says_what_the_catalogue_does() -> None:
    assert gettext("This field is required.") == "Fill this in."
    one, more = "Please submit at most %(num)d form.", "Please submit at most %(num)d forms."
    assert ngettext(one, more, 1) % {"num": 1} == "These are too many: 1 fits. Delete the others."
    assert ngettext(one, more, 2) % {"num": 2} == "These are too many: 2 fit. Delete the others."


def test_a_portal_whose_catalogues_are_not_built_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(build_locale.CATALOGUES, tmp_path / "locale")
    monkeypatch.setattr(build_locale, "ROOT", tmp_path)
    monkeypatch.setattr(build_locale, "CATALOGUES", tmp_path / "locale")
    monkeypatch.setattr(build_locale, "__file__", str(tmp_path / "build_locale.py"))
    (tmp_path / "build_locale.py").touch()
    built = tmp_path / "built"
    monkeypatch.setattr(build_locale, "BUILT", built)

    def said() -> list[str]:
        return [f"{fault.msg} {fault.hint}" for fault in checks.words_are_built(None)]

    assert ["python3 bootstrap.py run" in line for line in said()] == [True]
    assert (build_locale.build(into=built), build_locale.build(into=built)) == (True, False)
    assert said() == []
    catalogue = tmp_path / "locale" / "en_GB" / "LC_MESSAGES" / "django.po"
    catalogue.write_text(
        catalogue.read_text(encoding="utf-8").replace("Fill this in.", "Fill it in."), encoding="utf-8"
    )
    assert len(said()) == 1
    assert build_locale.build(into=built) is True
    assert (built / "en_GB" / "LC_MESSAGES" / "django.mo").read_bytes().count(b"Fill it in.") > 0
    catalogue.write_text("no catalogue", encoding="utf-8")
    with pytest.raises(build_locale.BuildFailed, match=r"django\.po"):
        build_locale.build(into=built)
