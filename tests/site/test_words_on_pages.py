"""In a made-up language, in which each message stands in «…», nothing that a person reads stands outside.

It finds what no look at the code does: words that are put together, translated too early, or kept in one language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import translation
from django.utils.html import escape

from tests.support.made_up_language import LANGUAGE, catalogue, outside
from tests.support.shown_pages import Shown

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker


pytestmark = pytest.mark.django_db

# What is data, and the names of services and languages: people, organisations, usernames, addresses, references,
# secrets.
_DATA = re.compile(
    r"Jo Smith|Northern Test Hospitals|99[89][A-Z]+[0-9]*|\S+@\S+|https://\S+|__Host-\S+"
    r"|\b[A-Z0-9]{4}(?:[- ][A-Z0-9]{4})+\b|\bNHS\b|\bESR\b|\bCymraeg\b"
)


OFFERED = "https://care-identity.example/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def shown(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Shown]:
    """Return the portal in the made-up language."""
    made_up = override_settings(LANGUAGE_CODE=LANGUAGE, LOCALE_PATHS=[catalogue()], CARE_IDENTITY_DISCOVERY_URL=OFFERED)
    with django_db_blocker.unblock(), made_up, translation.override(LANGUAGE), transaction.atomic():
        yield Shown()
        transaction.set_rollback(True)


def unknown(texts: list[str]) -> list[str]:
    """Return the texts that are more than data."""
    without = [_DATA.sub("", text) for text in texts]
    return [rest.strip() for rest in without if any(c.isalpha() for c in rest)]


def test_every_word_of_a_page_can_be_translated(shown: Shown) -> None:
    assert len(shown.pages) > 80
    found = {name: words for name, page in shown.pages.items() if (words := unknown(outside(page)))}
    assert not found


def test_every_word_of_a_mail_can_be_translated(shown: Shown) -> None:
    assert len(shown.mails) > 10
    found = {}
    for each in shown.mails:
        html = str(each.alternatives[0][0])
        if words := unknown(outside(html) + outside(escape(each.body)) + outside(each.subject)):
            found[each.subject] = words
    assert not found


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>«Log in» now</p>", ["now"]),
        ("<p>«Log <a href='/'>in</a> now»</p>", []),
        ("<p>«You have «2 minutes» left»: 10</p>", []),
        ("<img alt='A card'><nav aria-label='«Pages»'></nav>", ["A card"]),
        ("<input type='submit' value='Go'><input type='text' value='Jo'>", ["Go"]),
        ("<template><p>Done:</p></template><!-- why --><script>let x</script>", ["Done:"]),
    ],
)
def test_what_stands_outside_is_found(html: str, found: list[str]) -> None:
    assert outside(html) == found
