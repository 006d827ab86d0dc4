"""Which accounts are, as far as can be known, of one human being: for rules that keep people from acting on their own.

It takes rights away and gives none: a shared mailbox proves nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import CareIdentity, User

if TYPE_CHECKING:
    from collections.abc import Collection


def is_same(*, user: User, other: User) -> bool:
    """Return whether two accounts are of one human being: by mailbox, or else, with one query, by Care Identity.

    A record that is not saved yet is no account of anybody's.
    """
    if other.pk is None:
        return False
    if user.pk == other.pk or user.email == other.email:
        return True
    cards = CareIdentity.objects.filter(user=user).values("uid")
    return CareIdentity.objects.filter(user=other, uid__in=cards).exists()


def ways_in_of(*, user: User) -> frozenset[str]:
    """Return the mailbox and the Care Identity of an agent, neither of which they may put on another's record."""
    return frozenset({user.email, *CareIdentity.objects.filter(user=user).values_list("uid", flat=True)})


def same_among(*, user: User, people: Collection[User]) -> set[int]:
    """Return the keys of those of `people` who are the same human being as `user`, as `is_same` says it of one."""
    same = {person.pk for person in people if person.pk == user.pk or person.email == user.email}
    cards = CareIdentity.objects.filter(user=user).values("uid")
    rows = CareIdentity.objects.filter(user__in=[person.pk for person in people], uid__in=cards)
    return same | set(rows.values_list("user", flat=True))
