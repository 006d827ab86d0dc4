"""Username and password outside the organisation's networks: who has it, getting it, giving it up.

The guide that staff are given, step 9: whoever has a smartcard asks for it with Manage Internet Access.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User


class Status(enum.Enum):
    """How a person stands."""

    NOT_REQUESTED = "not requested"
    ON = "on"
    WITHDRAWN = "withdrawn"


def status(*, user: User) -> Status:
    """Return how `user` stands."""
    if user.internet_access_since is not None:
        return Status.ON
    return Status.NOT_REQUESTED if user.internet_access_withdrawn_at is None else Status.WITHDRAWN


def works_outside(*, user: User) -> bool:
    """Return whether a username and password let `user` in from outside the trusted networks.

    Whoever has internet access may; whoever gave it up may not; of the others, those may whose organisation asks for
    nothing.
    """
    match status(user=user):
        case Status.ON:
            return True
        case Status.WITHDRAWN:
            return False
    return not user.organisation.requires_internet_access
