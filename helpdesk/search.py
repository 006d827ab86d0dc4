"""Finding a person by what a caller says: name, username, ESR number, email address, or the number of a smartcard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.identifiers import normalise_care_identity, normalise_email, normalise_username, without_blanks
from accounts.models import CareIdentity

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

# Few people have more names than this; more words only make the database work.
MOST_WORDS = 6


def find(*, people: QuerySet[User], typed: str) -> QuerySet[User]:
    """Return those of `people` who fit every word of `typed`.

    The beginning of a username, ESR number or email address fits, which an index finds at once; of a name, any part. A
    Care Identity fits as a whole, however it is spaced.
    """
    uid = normalise_care_identity(typed[:40])
    if re.fullmatch(r"[0-9]{12}", uid):
        # Read first: an "or" across tables would keep the database from its indexes.
        linked = list(CareIdentity.objects.filter(uid=uid).values_list("user_id", flat=True))
        return people.filter(Q(pk__in=linked) | Q(username__startswith=uid))
    words = [word for word in map(without_blanks, typed.split()) if word]
    for word in words[:MOST_WORDS]:
        people = people.filter(_fits(word))
    return people


def _fits(word: str) -> Q:
    if "@" in word:
        return Q(email__startswith=normalise_email(word))
    username = normalise_username(word)
    if re.fullmatch(r"[0-9]{4,8}", username):
        return Q(employee_number__startswith=username)
    if re.match(r"[0-9]", username):
        return Q(username__startswith=username)
    in_a_name = Q(given_name__icontains=word) | Q(family_name__icontains=word)
    return in_a_name | Q(username__contains=username) | Q(email__startswith=normalise_email(word))
