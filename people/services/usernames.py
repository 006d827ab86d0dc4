"""Making usernames as ESR makes them: organisation code, first initial, family name, a number: 999JSMITH01.

The number counts up for each such beginning and is never used twice. A username, once made, never changes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from accounts import erased_digests
from accounts.folding import latin_capital
from accounts.models import ErasedPerson, Organisation, User

if TYPE_CHECKING:
    from collections.abc import Iterable

# A family name beyond this many letters is cut, so that the whole stays within the 63 characters of a username.
MOST_LETTERS = 50
# Stands for a name in which no letter has a Latin form.
NO_LATIN_LETTER = "X"

_MADE = re.compile(r"([0-9]{3}[A-Z]+)([0-9]{2,4})")


def beginning(*, organisation_code: str, given_name: str, family_name: str) -> str:
    """Return the part of a username before its number: "999JSMITH" for Jo Smith at 999, whatever the names hold.

    Accents are folded; apostrophes, hyphens, blanks and letters that have no Latin form are dropped.
    """
    initial = _in_latin_capitals(given_name)[:1] or NO_LATIN_LETTER
    family = _in_latin_capitals(family_name)[:MOST_LETTERS] or NO_LATIN_LETTER
    return f"{organisation_code}{initial}{family}"


def next_free(*, organisation: Organisation, given_name: str, family_name: str) -> str:
    """Return the next username for a new person at `organisation`.

    Call it in the transaction that adds the person: until it ends, no other caller makes a username there.
    """
    lock(organisations=[organisation.pk])
    start = beginning(organisation_code=organisation.code, given_name=given_name, family_name=family_name)
    taken = User.objects.filter(username__startswith=start).values_list("username", flat=True)
    return Numbers(taken=taken, erased=of_erased(codes=[organisation.code])).next(start=start)


def of_erased(*, codes: Iterable[str]) -> frozenset[str]:
    """Return the digests of usernames of people who were erased at the organisations with these codes."""
    rows = ErasedPerson.objects.filter(organisation__code__in=set(codes))
    return frozenset(rows.values_list("username_digest", flat=True))


def is_of_erased(username: str, *, erased: frozenset[str]) -> bool:
    """Return whether this was the username of a person whose digest is among `erased`."""
    return bool(erased) and not erased.isdisjoint(erased_digests.each_of_username(username))


def lock(*, organisations: Iterable[int]) -> None:
    """Keep other callers from making usernames at these organisations (primary keys) until the transaction ends.

    SQLite has one writer anyway. The rows are locked in one order, so that two callers cannot wait for each other.
    """
    rows = Organisation.objects.filter(pk__in=set(organisations)).order_by("pk")
    # No key: rows that refer to an organisation can still be added meanwhile.
    list(rows.select_for_update(no_key=True).values_list("pk"))


class Numbers:
    """Hands out the numbers of usernames, counting up for each beginning."""

    def __init__(self, *, taken: Iterable[str], erased: frozenset[str] = frozenset()) -> None:
        """Begin after the highest numbers of the usernames `taken`, none of which is made again, nor those `erased`."""
        self._erased = erased
        self._taken: set[str] = set()
        self._highest: dict[str, int] = {}
        self.take(taken)

    def take(self, usernames: Iterable[str]) -> None:
        """Make none of these `usernames` either, and go on after their numbers."""
        for username in usernames:
            self._taken.add(username)
            made = _MADE.fullmatch(username)
            if made:
                self._highest[made[1]] = max(int(made[2]), self._highest.get(made[1], 0))

    def next(self, *, start: str) -> str:
        """Return `start` with its next number, in two digits or more."""
        number = self._highest.get(start, 0) + 1
        while self._was_made(f"{start}{number:02}"):
            number += 1
        self._highest[start] = number
        return f"{start}{number:02}"

    def _was_made(self, username: str) -> bool:
        return username in self._taken or is_of_erased(username, erased=self._erased)


def _in_latin_capitals(name: str) -> str:
    return "".join(map(latin_capital, unicodedata.normalize("NFKD", name).upper()))
