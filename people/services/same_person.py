"""Which accounts are, as far as can be known, of one human being: for rules that keep people from acting on their own.

It takes rights away and gives none: a shared mailbox proves nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import CareIdentity, User
from accounts.services import care_identities

if TYPE_CHECKING:
    from collections.abc import Collection


def is_same(*, user: User, other: User) -> bool:
    """Return whether two accounts are of one human being: by mailbox, or else by Care Identity.

    That is read once of each of the two objects, so that a page which asks often costs two queries. A record that is
    not saved yet is no account of anybody's.
    """
    if other.pk is None:
        return False
    if user.pk == other.pk or user.email == other.email:
        return True
    own = care_identities.of(user=user)
    theirs = care_identities.of(user=other) if own else None
    return own is not None and theirs is not None and own.uid == theirs.uid


def ways_in_of(*, user: User) -> frozenset[str]:
    """Return the mailbox and the Care Identity of an agent, neither of which they may put on another's record."""
    return frozenset({user.email, *CareIdentity.objects.filter(user=user).values_list("uid", flat=True)})


def same_among(*, user: User, people: Collection[User]) -> set[int]:
    """Return the keys of those of `people` who are the same human being as `user`, as `is_same` says it of one."""
    same = {person.pk for person in people if person.pk == user.pk or person.email == user.email}
    cards = CareIdentity.objects.filter(user=user).values("uid")
    rows = CareIdentity.objects.filter(user__in=[person.pk for person in people], uid__in=cards)
    return same | set(rows.values_list("user", flat=True))
