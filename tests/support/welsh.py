"""The Welsh catalogue against what has to be in Welsh: `python -m tests.support.welsh`, which `make check` runs.

It names each message without Welsh, each that nothing says any more, and each whose Welsh has lost a tag or a place to
fill in. With --update it adds the first, empty, and takes the second away, in the order of the code. Where we say
something else by now in place of a library's words, it marks the Welsh as fuzzy.
"""

from __future__ import annotations

import argparse
import calendar
import re
import sys
from typing import TYPE_CHECKING

import polib

from accounts.english_in_welsh import ENGLISH_IN_WELSH, OF_THE_GUIDE
from esr_portal.build_locale import CATALOGUES
from tests.support import catalogues, messages

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = CATALOGUES / "cy" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
# Plural forms by CLDR: of nothing, one, two, three, six, and all other numbers.
PLURALS = "nplurals=6; plural=(n==0) ? 0 : (n==1) ? 1 : (n==2) ? 2 : (n==3) ? 3 : (n==6) ? 4 : 5;"
FORMS = 6
HEADER = {
    "Project-Id-Version": "ESR Portal",
    "Language": "cy",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": PLURALS,
}
Key = tuple[str, str]

# What Django's own Welsh says otherwise than the portal ("Gorffenaf"), or leaves to English.
OF_DJANGO: dict[str, tuple[Key, ...]] = {
    "django": (
        *(("", words) for words in ("July", "noon", "a.m.", "p.m.", "Clear all filters", "Breadcrumbs", "Close")),
        *(("", words) for words in ("View", "View %s", "Added:", "Changed:", "Deleted:")),
    ),
    "djangojs": (
        *(("", month) for month in calendar.month_name[1:]),
        *((f"one letter {day}", day[0]) for day in calendar.day_name),
    ),
}
_PLACES = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
_TAGS = re.compile(r"</?[a-zA-Z][^>]*>|&\w+;")
# Before what stands in place of a library's words, in the comment of an entry; of several forms the last is the plural.
_WE_SAY, _OR = "We say: ", " / "
# Words of English sentences that are none in Welsh.
ENGLISH = re.compile(r"\b(?:the|and|your|you|with|from|this|that|please|not|have|has|was|were|which)\b", re.IGNORECASE)


def catalogue(domain: str) -> polib.POFile:
    """Return the Welsh catalogue of a domain, an empty one where there is none."""
    file = FOLDER / f"{domain}.po"
    return polib.pofile(str(file)) if file.exists() else polib.POFile()


def wanted(domain: str) -> dict[Key, polib.POEntry]:
    """Return what has to be in Welsh, without it: what the portal says, and what it says in place of its libraries.

    Some of what Django says by itself too.
    """
    entries = {}
    if domain == "django":
        for message, files in messages.marked().items():
            entries[message.context, message.words] = polib.POEntry(
                msgctxt=message.context or None,
                msgid=message.words,
                msgid_plural=message.plural,
                occurrences=[(file, "") for file in files],
            )
    for own in catalogues.ours(domain):
        said = _OR.join(own.msgstr_plural.values()) if own.msgid_plural else own.msgstr
        entries[own.msgctxt or "", own.msgid] = polib.POEntry(
            msgctxt=own.msgctxt, msgid=own.msgid, msgid_plural=own.msgid_plural, comment=f"{_WE_SAY}{said}"
        )
    for context, words in OF_DJANGO[domain]:
        entries[context, words] = polib.POEntry(msgctxt=context or None, msgid=words, comment="Django's.")
    return entries


def faults(domain: str) -> Iterator[str]:
    """Yield what is wrong with the catalogue of a domain, in words."""
    there, needed = _by_key(catalogue(domain)), wanted(domain)
    for key in needed.keys() - there.keys():
        yield f"not in the catalogue: {key[1]!r}"
    for key in there.keys() - needed.keys():
        yield f"said nowhere: {key[1]!r}"
    for key in needed.keys() & there.keys():
        for fault in _faults_of(there[key], needed[key]):
            yield f"{fault}: {key[1]!r}"


def _faults_of(entry: polib.POEntry, needed: polib.POEntry) -> Iterator[str]:
    if entry.fuzzy or entry.obsolete or _says_otherwise(entry, needed):
        yield "to be looked at again"
    if entry.msgid_plural != needed.msgid_plural:
        yield "another plural"
    forms = [entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural)] or [entry.msgstr]
    if not all(forms) or (entry.msgid_plural and len(forms) != FORMS):
        yield "not in Welsh"
        return
    english = _english(needed)
    *of_one_number, of_all = forms
    for form in of_one_number:
        # "One minute": the number may be in words, and nothing else may be left out.
        yield from _faults_of_form(form, english, most_left_out=1)
    yield from _faults_of_form(of_all, english, most_left_out=0)


def _says_otherwise(entry: polib.POEntry, needed: polib.POEntry) -> bool:
    """Return whether we say something else by now in place of a library's words, which are the key all the same."""
    return " ".join(entry.comment.split()) != " ".join(needed.comment.split())


def _english(needed: polib.POEntry) -> str:
    """Return what is said in English: our own words, or those that we say in place of a library's; the plural."""
    if not needed.comment.startswith(_WE_SAY):
        return str(needed.msgid_plural or needed.msgid)
    said = str(needed.comment).removeprefix(_WE_SAY)
    return said.rpartition(_OR)[2] if needed.msgid_plural else said


def _faults_of_form(form: str, english: str, *, most_left_out: int) -> Iterator[str]:
    given, kept = set(_PLACES.findall(english)), set(_PLACES.findall(form))
    if kept - given or len(given - kept) > most_left_out:
        yield f"other places to fill in ({', '.join(sorted(given ^ kept))})"
    if sorted(_TAGS.findall(english)) != sorted(_TAGS.findall(form)):
        yield "other tags"
    if "'" in _TAGS.sub("", form):
        yield "an apostrophe that is not ’"
    if found := ENGLISH.search(without_english_on_purpose(_PLACES.sub("", _TAGS.sub("", form)))):
        yield f"English in it ({found[0]})"
    for label in OF_THE_GUIDE:
        if label in english and f"({label})" not in form:
            yield f"without the guide's “{label}”"


def without_english_on_purpose(text: str) -> str:
    """Return a Welsh text without the labels of the guide that stand behind theirs, and what another program says."""
    for english in ENGLISH_IN_WELSH:
        text = text.replace(english, "")
    return text


def update(domain: str) -> None:
    """Add what is missing, empty, and take away what is said nowhere."""
    there = _by_key(catalogue(domain))
    new = polib.POFile(wrapwidth=120)
    new.metadata = HEADER
    new.header = "The portal in Welsh. docs/welsh.md: the glossary, and who has to read it before it goes live."
    for key, needed in wanted(domain).items():
        entry = there.get(key)
        if entry is not None and entry.msgid_plural == needed.msgid_plural:
            needed.msgstr, needed.msgstr_plural, needed.flags = entry.msgstr, entry.msgstr_plural, entry.flags
            if _says_otherwise(entry, needed) and not entry.fuzzy:
                needed.flags.append("fuzzy")
            needed.tcomment = entry.tcomment
        elif needed.msgid_plural:
            needed.msgstr_plural = dict.fromkeys(range(FORMS), "")
        new.append(needed)
    FOLDER.mkdir(parents=True, exist_ok=True)
    new.save(str(FOLDER / f"{domain}.po"))


def _by_key(file: polib.POFile) -> dict[Key, polib.POEntry]:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in file if not entry.obsolete}


def main() -> None:
    """Name what is wrong and end with 1, or bring the catalogues up to date."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.welsh", description=__doc__)
    parser.add_argument("--update", action="store_true", help="add what is missing, and take away what is said nowhere")
    if parser.parse_args().update:
        for domain in DOMAINS:
            update(domain)
        return
    found = [fault for domain in DOMAINS for fault in faults(domain)]
    print("\n".join([*sorted(found), f"{len(found)} faults of the Welsh catalogues."]))  # noqa: T201
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
