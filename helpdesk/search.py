"""Finding a person by what a caller says: name, username, ESR number, email address, or the number of a smartcard."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.folding import joined, pieces
from accounts.identifiers import normalise_email, normalise_username, without_blanks
from accounts.models import CareIdentity

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

# Few people have more names than this; more words only make the database work.
MOST_WORDS = 6
# More people than an agent reads through: another word tells them apart.
MOST_FOUND = 500
# Of an email address whose @ was not typed: a shorter beginning is that of too many.
SHORTEST_OF_AN_EMAIL = 3
# No fact of a person is longer than an email address. SQLite fails on a LIKE of 50,000 bytes.
LONGEST_FOUND = 254
CARE_IDENTITY_LENGTH = 12
ESR_NUMBER_LENGTH = 8
# A number as people say it, in groups of digits.
_IN_GROUPS = re.compile(r"(?<!\S)[0-9]+(?:[ \-\u2010-\u2015\u2212]+[0-9]+)+(?!\S)")


def find(*, people: QuerySet[User], typed: str) -> QuerySet[User]:
    """Return those of `people` who fit every word of `typed`, MOST_FOUND at most; all of them where it is blank.

    The beginning of a name, username, ESR number or email address fits. Names fit in any order, however their accents,
    apostrophes and dashes are written. A Care Identity fits as a whole, however it is spaced.
    """
    if not _words(typed):
        return people
    # Read first: given an order and a page at once, PostgreSQL reads by name until it has met enough who fit.
    found = fitting(people=people, typed=typed).order_by().values_list("pk", flat=True)
    return people.filter(pk__in=list(found[:MOST_FOUND]))


def fitting(*, people: QuerySet[User], typed: str) -> QuerySet[User]:
    """Return all of `people` who fit, for which each database reads its indexes."""
    words = _words(typed)
    if len(words) == 1 and re.fullmatch(rf"[0-9]{{{CARE_IDENTITY_LENGTH}}}", words[0]):
        # Read first: an "or" across tables would keep the database from its indexes.
        linked = list(CareIdentity.objects.filter(uid=words[0]).values_list("user_id", flat=True))
        return people.filter(Q(pk__in=linked) | Q(username__startswith=words[0]))
    if any(len(word) > LONGEST_FOUND for word in words):
        return people.none()
    # A dash or apostrophe by itself tells nothing.
    telling = [word for word in words if pieces(word)][:MOST_WORDS]
    if not telling:
        return people.none()
    for word in telling:
        people = people.filter(_fits(word, alone=len(words) == 1))
    return people


def _words(typed: str) -> list[str]:
    """Return the words of what was typed, with the groups of a number as one."""
    split = unicodedata.normalize("NFKC", typed).replace(",", " ").split()
    words = " ".join(word for word in map(without_blanks, split) if word)
    return _IN_GROUPS.sub(lambda groups: _number(groups[0]), words).split()


def _number(groups: str) -> str:
    """Return groups of digits as one number, where that may be an ESR number or a Care Identity."""
    digits = re.sub(r"[^0-9]", "", groups)
    return digits if len(digits) <= ESR_NUMBER_LENGTH or len(digits) == CARE_IDENTITY_LENGTH else groups


def _fits(word: str, *, alone: bool) -> Q:
    if "@" in word:
        return Q(email__startswith=normalise_email(word))
    username = normalise_username(word)
    if re.fullmatch(rf"[0-9]{{4,{ESR_NUMBER_LENGTH}}}", username):
        return Q(employee_number__startswith=username)
    if re.match(r"[0-9]", username):
        return Q(username__startswith=username)
    fits = _in_a_name(word)
    if alone and len(word) >= SHORTEST_OF_AN_EMAIL:
        fits |= Q(email__startswith=normalise_email(word))
    return fits


def _in_a_name(word: str) -> Q:
    """Return the condition of a word that is a name, or what follows the digits of a username."""
    fits = Q()
    for parts in pieces(word):
        each = Q(search_words__has_word=joined(parts))
        if len(parts) > 1:
            apart = Q()
            for part in parts:
                apart &= Q(search_words__has_word=part)
            each |= apart
        fits &= each
    return fits
