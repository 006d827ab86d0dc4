"""Which people an agent or operator may see and change. Decided here alone; docs/decisions/0011 says why it is code.

An agent (`is_staff`) looks after the people of their own organisation. An operator (`is_superuser` as well) looks after
all, and alone makes other people agents or operators. No person raises their own rights (OWASP ASVS 8.4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User

# What makes a person an agent or operator.
RIGHTS = frozenset({"is_staff", "is_superuser"})
# What lets a person in at all. No person changes these, or the rights, on their own record.
IN_FORCE = frozenset({"is_active", "starts_on", "ends_on"})
# What opens an account to the person who holds it. On a record that is there already it is changed by a proposal
# (helpdesk/services/proposals.py), never with the other facts: type and address do not change in one save.
WAYS_IN = frozenset({"email"})


class NotAllowed(Exception):
    """The agent may not change this."""


def is_operator(*, user: User) -> bool:
    """Return whether `user` looks after every organisation."""
    return user.is_staff and user.is_superuser


def may_see(*, by: User, person: User) -> bool:
    """Return whether `by` may open the record of `person`, unlock them and have a recovery email sent to them."""
    return is_operator(user=by) or (by.is_staff and by.organisation_id == person.organisation_id)


def may_change(*, by: User, person: User) -> bool:
    """Return whether `by` may change anything on the record of `person`.

    An agent changes neither their own record nor another agent's or operator's: a new email address on such a record
    would be a way into rights that the agent does not have.
    """
    if is_operator(user=by):
        return True
    return may_see(by=by, person=person) and not person.is_staff and by.pk != person.pk


def may_approve(*, by: User, person: User) -> bool:
    """Return whether `by` may agree to what another agent asks for `person`."""
    return may_change(by=by, person=person)


def unchangeable(*, by: User, person: User | None) -> frozenset[str]:
    """Return the fields that `by` may not change on a record that they may change (or add, where it is None)."""
    own = person is not None and by.pk == person.pk
    ways_in: frozenset[str] = WAYS_IN if person is not None else frozenset()
    return ways_in | (RIGHTS if own or not is_operator(user=by) else frozenset()) | (IN_FORCE if own else frozenset())
