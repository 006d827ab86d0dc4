"""In Welsh no page and no mail says a word of English but names and the labels of the guide.

That each word can be translated is shown by a made-up language (test_words_on_pages.py), that each message is by the
catalogue (test_welsh_catalogue.py). Here the two meet.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from django.test import override_settings
from django.utils import translation
from django.utils.html import escape

from accounts.english_in_welsh import ENGLISH_IN_WELSH
from tests.conftest import UNCOLLECTED
from tests.support import messages, welsh
from tests.support.made_up_language import outside
from tests.support.shown_pages import Shown

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

pytestmark = pytest.mark.django_db

_ADDRESS = re.compile(r"\S+@\S+|https://\S+")
TEXT_ALONE = ["title", "option", "textarea", "script"]
OFFERED = "https://care-identity.example/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def shown(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Shown]:
    """Return the portal in Welsh."""
    in_welsh = override_settings(
        STORAGES=UNCOLLECTED, LANGUAGE_CODE="cy", CARE_IDENTITY_DISCOVERY_URL=OFFERED, OPERATOR_NAME="Tîm ESR"
    )
    with django_db_blocker.unblock(), in_welsh, translation.override("cy"), transaction.atomic():
        yield Shown()
        transaction.set_rollback(True)


@functools.cache
def _messages() -> set[str]:
    """Return the English messages of more than one word that are said otherwise in Welsh: “Care Identity” is a name."""
    there = {entry.msgid: entry.msgstr for entry in welsh.catalogue("django")}
    return {each.words for each in messages.marked() if " " in each.words and there.get(each.words) != each.words}


def english(texts: list[str]) -> list[str]:
    """Return the texts that are an English message, or have words of an English sentence in them."""
    plain = [_ADDRESS.sub("", welsh.without_english_on_purpose(text)) for text in texts]
    return [text for text in plain if text.strip() in _messages() or welsh.ENGLISH.search(text)]


def test_no_page_says_a_word_of_english(shown: Shown) -> None:
    assert len(shown.pages) > 80
    found = {name: words for name, page in shown.pages.items() if (words := english(outside(page)))}
    assert not found


def test_every_page_says_that_it_is_in_welsh(shown: Shown) -> None:
    languages = {name: BeautifulSoup(page, "html.parser").html for name, page in shown.pages.items() if page}
    assert not [name for name, html in languages.items() if html is None or html["lang"] != "cy"]


def test_what_is_in_english_says_so(shown: Shown) -> None:
    """A screen reader has a voice for each language. What stands in the title, or in an attribute, can say nothing."""
    documents = {**shown.pages, **{mail.subject: str(mail.alternatives[0][0]) for mail in shown.mails}}
    english_parts = re.compile("|".join(map(re.escape, ENGLISH_IN_WELSH)))
    marked, unmarked = set(), []
    for name, document in documents.items():
        for text in BeautifulSoup(document, "html.parser").find_all(string=english_parts):
            if text.find_parent(TEXT_ALONE) is None:
                in_english = text.parent is not None and text.parent.get("lang") == "en"
                marked.add(str(text)) if in_english else unmarked.append((name, str(text)))
    assert not unmarked
    assert marked == set(ENGLISH_IN_WELSH)


def test_no_mail_says_a_word_of_english(shown: Shown) -> None:
    assert len(shown.mails) > 40
    found = {}
    for each in shown.mails:
        html = str(each.alternatives[0][0])
        assert '<html lang="cy">' in html
        if words := english(outside(html) + outside(escape(each.body)) + outside(escape(each.subject))):
            found[each.subject] = words
    assert not found


@pytest.mark.parametrize("text", ["Log out of your account", "Rhowch your cyfrinair", "Try again"])
def test_english_is_found(text: str) -> None:
    assert english([text]) == [text]
