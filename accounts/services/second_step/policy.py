"""From which people a second step is asked, and to which it is offered.

Source: NHS England MFA policy (2023): all who may use the admin, and remote log-ins. The rest is the organisation's to
say, which is answerable for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import trusted_networks
from accounts.models import SecondStepExcuse
from accounts.models.organisation import SecondStepPolicy
from accounts.services.second_step import roll_out, ways

if TYPE_CHECKING:
    from accounts.models import User


class LastWay(Exception):
    """It is the only second step of a person who has to have one."""


def is_needed(*, user: User, address: str | None = None) -> bool:
    """Return whether a password of `user` is not enough to get in from `address`.

    `address` is where the log-in comes from; "" and None are outside of every network. A person who has set up a second
    step is asked for it, but in the networks of an organisation that requires it only outside of them. A person whose
    password was frozen is asked for it wherever there can be one, unless they are excused and have set up none.
    """
    policy = SecondStepPolicy(user.organisation.second_step)
    if user.is_staff:
        return True
    if user.password_frozen_at is not None and policy is not SecondStepPolicy.OFF:
        return is_required_by_freeze(user=user) or ways.is_set_up(user=user)
    if policy is SecondStepPolicy.REQUIRED_OUTSIDE and _is_inside(user, address):
        return False
    return ways.is_set_up(user=user) or is_required(user=user)


def is_required(*, user: User) -> bool:
    """Return whether the organisation requires a second step of `user`, at least outside of its networks."""
    if user.is_staff:
        return True
    if user.organisation.second_step not in {SecondStepPolicy.REQUIRED, SecondStepPolicy.REQUIRED_OUTSIDE}:
        return False
    return is_rolled_out_to(user=user) and not is_excused(user=user)


def is_required_by_freeze(*, user: User) -> bool:
    """Return whether `user` has to have a second step, whatever else holds, until a log-in ends the freeze.

    An excuse counts here too: a press on the link in a mail must not shut out for good a person who can have none.
    """
    if user.password_frozen_at is None or user.organisation.second_step == SecondStepPolicy.OFF:
        return False
    return not is_excused(user=user)


def keep_one(*, user: User) -> None:
    """Raise LastWay where `user` has to have a second step, and what the caller has just taken away was the last.

    Called in the transaction that takes it away, under the lock of the person: of two that go at once, the second is
    the last. Recovery codes are for the day on which a second step is lost, and a stopped passkey opens nothing.
    """
    left = ways.of(user=user)
    if not (left.passkeys or left.authenticator) and is_required(user=user):
        raise LastWay


def is_offered(*, user: User) -> bool:
    """Return whether `user` may set up a second step.

    A person from whom it is asked may, outside the share too: who has one can replace it, and make new recovery codes.
    Where the setting is `off` no person may.
    """
    if user.is_staff:
        return True
    if user.organisation.second_step == SecondStepPolicy.OFF:
        return False
    return user.password_frozen_at is not None or is_rolled_out_to(user=user) or ways.is_set_up(user=user)


def is_rolled_out_to(*, user: User) -> bool:
    """Return whether `user` is in the share of their organisation's people that its setting holds for.

    The same people always: a larger share adds people and takes none away.
    """
    return roll_out.number(user.pk) < user.organisation.second_step_share


def is_excused(*, user: User) -> bool:
    """Return whether `user` is excused today from a second step that is required of others."""
    return SecondStepExcuse.objects.in_effect().filter(user=user).exists()


def _is_inside(user: User, address: str | None) -> bool:
    return bool(address) and user.organisation_id in trusted_networks.trusting(address=address or "")
