"""Going from one account of a person to another of theirs, each with its own organisation's rules.

That two accounts are one person's is known in two ways alone: one Care Identity opens both, or the person has logged in
to both in this browser. The same name or mailbox proves nothing.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING

from accounts import trusted_networks
from accounts.models import User
from accounts.models.security_event import Event
from accounts.services import care_identities, events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accounts.proof import Proof

# Accounts that one browser is logged in to at once. A copied cookie opens them all, so they are few.
MOST_AT_ONCE = 3


class Way(enum.StrEnum):
    """How a person gets to another account."""

    LOGGED_IN = "logged_in"
    CARE_IDENTITY = "care_identity"
    LOG_IN_AGAIN = "log_in_again"


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """Another account of a person, and how they get to it."""

    user: User
    way: Way


def may_keep_several(*, shared: bool, address: str) -> bool:
    """Return whether a browser may stay logged in to one account while it is used with another.

    Never at a computer that people share, as the person says (`shared`) or the organisation does, by its network: the
    next person would find two accounts open instead of one.
    """
    return not shared and not trusted_networks.SHARED.hold(address)


def linked(*, user: User, proof: Proof | None) -> Sequence[User]:
    """Return the other accounts that the Care Identity of `user`'s session opens today, as a log-in with it would.

    In force, and at organisations for which the level of `proof` is enough. None where a password was the way in.
    """
    if proof is None:
        return []
    others = [other for other in care_identities.logins(uid=proof.uid) if other.pk != user.pk and other.may_enter()]
    return [other for other in others if care_identities.is_sure_enough(proof=proof, organisation=other.organisation)]


def accounts(*, user: User, proof: Proof | None, kept: Mapping[int, bool]) -> list[Account]:
    """Return the other accounts of `user`, by organisation.

    `kept` are those that this browser has logged in to: their primary keys, and whether each is logged in still.
    """
    found = {other.pk: Account(other, Way.CARE_IDENTITY) for other in linked(user=user, proof=proof)}
    for other in User.objects.select_related("organisation").filter(pk__in=kept) if kept else ():
        if kept[other.pk]:
            found[other.pk] = Account(other, Way.LOGGED_IN)
        else:
            found.setdefault(other.pk, Account(other, Way.LOG_IN_AGAIN))
    return sorted(found.values(), key=lambda account: (account.user.organisation.shown_name, account.user.username))


def record(*, left: int, entered: int) -> None:
    """Record ACCOUNT_SWITCHED for the account that a person has left and for the one that they have gone to.

    Neither event names the other account: its organisation's helpdesk has nothing to do with it.
    """
    events.record(event=Event.ACCOUNT_SWITCHED, user_id=left, reason="left")
    events.record(event=Event.ACCOUNT_SWITCHED, user_id=entered, reason="entered")
