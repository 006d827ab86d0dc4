"""The words of a person, of their organisation and of the service, of which no password may be made.

Source: OWASP ASVS 6.2.11, a documented list of words that are specific to the place. They stand here as they are on
record: `common_passwords` finds them in any script and spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import idna
from django.conf import settings
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import Organisation, User

SERVICE = "Electronic Staff Record"
# The address of the national service, which people know also where the portal has another.
SERVICES_ADDRESS = "my.esr.nhs.uk"

# Shorter names are in too many good passwords. In scripts where a letter is a syllable or more, two are a name.
_SHORTEST_NAME, _SHORTEST_NAME_OF_SYLLABLES = 3, 2
_OF_SYLLABLES = ("CJK UNIFIED", "HANGUL SYLLABLE", "HIRAGANA", "KATAKANA")
_SMALL_WORDS_OF_NAMES = frozenset({"and", "for", "the", "of"})
# Words in the names of most organisations and domains are those of none.
_ANY_ORGANISATIONS = frozenset({"nhs", "trust", "foundation", "gig", "ymddiriedolaeth", "sefydledig"})
_ANY_DOMAINS = frozenset({"www", "mail", "email", "gmail", "hotmail", "outlook", "yahoo", "icloud", "example"})
_SHORTEST_OF_A_DOMAIN = 4


def personal_words(user: User | None) -> dict[str, StrOrPromise]:
    """Return the words of a person, their organisation and the service, each with what it is ("your name").

    What they are is lazy, and translated only where a word is found. Not the date of birth: any date is refused as the
    substance of a password, and the live check must not tell whether a date is the person's.
    """
    if user is None:
        return _words_of_the_service()
    own_words = (
        *_words_of_the_organisation(user.organisation),
        (_words_of_an_address(user.email), _("your email address")),
        ([user.employee_number], _("your ESR number")),
        (_names_in(user.username), _("your username")),
        (_words_of_a_name(user.given_name, user.family_name), _("your name")),
    )
    words: dict[str, StrOrPromise] = {}
    for found, what in own_words:
        words |= dict.fromkeys(filter(_is_long_enough, found), what)
    return words | _words_of_the_service()


def _words_of_the_service() -> dict[str, StrOrPromise]:
    names: dict[str, StrOrPromise] = dict.fromkeys((SERVICE, f"NHS {SERVICE}", "ESR Portal"), _("this service's name"))
    hosts = filter(None, (SERVICES_ADDRESS, urlsplit(settings.BASE_URL).hostname))
    addresses = dict.fromkeys(
        (f"{scheme}{host}" for host in hosts for scheme in ("", "https://")), _("this service's address")
    )
    return names | addresses | {"nhs": _("the word “NHS”"), "esr": _("the word “ESR”")}


def _words_of_the_organisation(organisation: Organisation) -> Iterator[tuple[Iterable[str], StrOrPromise]]:
    for address in (organisation.it_support_email, organisation.support_email):
        yield _words_of_an_address(address), _("your organisation's email address")
    for name in filter(None, (organisation.name, organisation.welsh_name)):
        yield _words_of_its_name(name), _("your organisation's name")
    yield [organisation.code], _("your organisation's code")


def _words_of_its_name(name: str) -> list[str]:
    words = _split(name)
    initials = "".join(word[0] for word in words)
    # YAS for the Yorkshire Ambulance Service NHS Trust.
    short = "".join(word[0] for word in words if word not in _ANY_ORGANISATIONS)
    return [*words, "".join(words), *accumulate(initials), short]


def _words_of_a_name(given: str, family: str) -> list[str]:
    """Return the words of a name, each part and the whole as one word, and the whole beginning with the family name."""
    parts = [_split(given), _split(family)]
    joined = ["".join(part) for part in parts]
    initials = "".join(word[0] for part in parts for word in part)
    return [*parts[0], *parts[1], *joined, "".join(joined), "".join(reversed(joined)), initials]


def _words_of_an_address(email: str) -> list[str]:
    """Return an email address whole, the words of each side, and each side as one word."""
    name, _, domain = email.partition("@")
    try:
        # A domain is stored as DNS has it, and typed as people read it.
        domain_as_read = idna.decode(domain)
    except (UnicodeError, ValueError):
        domain_as_read = domain
    labels = [label for label in domain_as_read.split(".") if len(label) >= _SHORTEST_OF_A_DOMAIN]
    return [
        *(label for label in labels if label not in _ANY_DOMAINS),
        *(_split(name)),
        "".join(_split(name)),
        name,
        domain_as_read,
        email,
        f"{name}@{domain_as_read}",
    ]


def _split(name: str) -> list[str]:
    """Return the words of a name in small letters."""
    # An apostrophe or a mark on a letter is inside of a word.
    return [word for word in re.findall(r"[\w\u0300-\u036f]+", name.casefold()) if word not in _SMALL_WORDS_OF_NAMES]


def _names_in(username: str) -> list[str]:
    """Return 999jsmith01, jsmith01 and jsmith for 999JSMITH01."""
    name = username.casefold()
    return [name, name.lstrip("0123456789"), name.strip("0123456789")]


def _is_long_enough(word: str) -> bool:
    is_of_syllables = word and all(unicodedata.name(c, "").startswith(_OF_SYLLABLES) for c in word)
    return len(word) >= (_SHORTEST_NAME_OF_SYLLABLES if is_of_syllables else _SHORTEST_NAME)
