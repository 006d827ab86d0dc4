"""The last look before a log-in becomes a session: whether all of it is still true.

allauth does not look again between the stages. A person who was deactivated, locked, or whose password changed or was
frozen since the first one does not get in; nor does a person who by now needs a second step and has passed none.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models.security_event import Event
from accounts.services import care_identities, care_identity_log_outs, events, lockout, log_in, second_step
from accounts.services.second_step import passkeys, remembered_browsers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accounts.log_in_under_way import LogInUnderWay
    from accounts.models import User
    from accounts.proof import Proof


@dataclasses.dataclass(frozen=True, slots=True)
class _Finishing:
    user: User
    under_way: LogInUnderWay
    address: str | None

    @property
    def proof(self) -> Proof:
        assert self.under_way.proof is not None  # noqa: S101 - only asked of a log-in with Care Identity.
        return self.under_way.proof


def _not_in_force(login: _Finishing) -> bool:
    return not login.user.may_enter()


def _password_changed(login: _Finishing) -> bool:
    return not constant_time_compare(log_in.fingerprint(login.user), login.under_way.password_fingerprint)


def _password_frozen(login: _Finishing) -> bool:
    return login.under_way.by_password and login.user.password_is_frozen()


def _dormant(login: _Finishing) -> bool:
    return login.under_way.by_password and login.user.is_dormant()


def _must_change_password(login: _Finishing) -> bool:
    return login.user.has_to_set_a_new_password()


def _second_step(login: _Finishing) -> bool:
    return not login.under_way.both_steps_passed and second_step.is_needed(user=login.user, address=login.address)


def _second_step_gone(login: _Finishing) -> bool:
    device = login.under_way.second_step
    return bool(device) and not second_step.is_there(user=login.user, device=device)


def _browser_forgotten(login: _Finishing) -> bool:
    pk, ways = login.under_way.remembered, login.under_way.remembered_ways
    return pk is not None and not remembered_browsers.still_stands(user=login.user, pk=pk, ways=ways)


def _locked(login: _Finishing) -> bool:
    return lockout.is_locked(username=login.user.username, browser=login.under_way.browser)


def _outside_network(login: _Finishing) -> bool:
    return not log_in.works_here(user=login.user, address=login.address)


def _care_identity_not_linked(login: _Finishing) -> bool:
    return not care_identities.is_linked(user=login.user, uid=login.proof.uid)


def _level_below_organisations(login: _Finishing) -> bool:
    return not care_identities.is_sure_enough(proof=login.proof, organisation=login.user.organisation)


def _passkey_gone(login: _Finishing) -> bool:
    pk = login.under_way.passkey
    return pk is None or not passkeys.may_be_used(user=login.user, pk=pk)


def _care_identity_ended(login: _Finishing) -> bool:
    return care_identity_log_outs.have_ended(by=login.proof)


# The reasons to refuse, in the order in which they are looked for. The event names the first that holds.
_WITH_A_PASSWORD: Sequence[tuple[str, Callable[[_Finishing], bool]]] = (
    ("not_in_force", _not_in_force),
    ("password_frozen", _password_frozen),
    ("dormant", _dormant),
    ("password_changed", _password_changed),
    ("must_change_password", _must_change_password),
    ("second_step", _second_step),
    ("second_step_gone", _second_step_gone),
    ("browser_forgotten", _browser_forgotten),
    ("locked", _locked),
    ("outside_network", _outside_network),
)
# Care Identity is the stronger proof: a lock, a password to be changed and the network do not matter with it.
_WITH_CARE_IDENTITY: Sequence[tuple[str, Callable[[_Finishing], bool]]] = (
    ("not_in_force", _not_in_force),
    ("password_changed", _password_changed),
    ("second_step", _second_step),
    ("second_step_gone", _second_step_gone),
    ("care_identity_not_linked", _care_identity_not_linked),
    ("level_below_organisations", _level_below_organisations),
    ("care_identity_ended", _care_identity_ended),
)


# A passkey counts as both steps, and a lock is about passwords. That the password changed meanwhile does not matter:
# the fingerprint keeps out those who knew the old one, and nothing here was proved with it. A new password in place of
# one that must be changed is held to it by its own stage.
_WITH_A_PASSKEY: Sequence[tuple[str, Callable[[_Finishing], bool]]] = (
    ("not_in_force", _not_in_force),
    ("must_change_password", _must_change_password),
    ("passkey_gone", _passkey_gone),
    ("outside_network", _outside_network),
)


def _second_step_taken_away(login: _Finishing) -> bool:
    device = login.under_way.second_step
    return bool(device) and not second_step.hold(user=login.user, device=device)


def _browser_taken_away(login: _Finishing) -> bool:
    pk, ways = login.under_way.remembered, login.under_way.remembered_ways
    return pk is not None and not remembered_browsers.hold(user=login.user, pk=pk, ways=ways)


def _care_identity_taken_away(login: _Finishing) -> bool:
    proof = login.under_way.proof
    return proof is not None and not care_identities.hold(user=login.user, uid=proof.uid)


# What another request can take away while a log-in becomes a session. It ends the sessions that it finds, and the one
# that is being stored is not there yet: so these are looked for once more when it is, and a request that is taking them
# away at this moment is waited for.
_TAKEN_AWAY: Sequence[tuple[str, Callable[[_Finishing], bool]]] = (
    ("second_step_gone", _second_step_taken_away),
    ("browser_forgotten", _browser_taken_away),
    ("care_identity_not_linked", _care_identity_taken_away),
)


def stands(*, user: User, under_way: LogInUnderWay) -> bool:
    """Return whether a log-in whose session is stored still has the second step, or the Care Identity, that it passed.

    Records LOG_IN_REFUSED where not: the caller ends the session. A log-in by a password alone costs nothing here.
    """
    with transaction.atomic():
        return _no_reason(_TAKEN_AWAY, _Finishing(user=user, under_way=under_way, address=None))


def may_finish(*, user: User, under_way: LogInUnderWay, address: str | None = None) -> bool:
    """Return whether a log-in that passed every stage may become a session. Records LOG_IN_REFUSED where not.

    `user` is the person as the caller has just read them from the database: what they were at an earlier page says
    nothing. `address` is where the request came from, as in `log_in.check_password`.
    """
    return _no_reason(_reasons(under_way), _Finishing(user=user, under_way=under_way, address=address))


def _no_reason(reasons: Sequence[tuple[str, Callable[[_Finishing], bool]]], login: _Finishing) -> bool:
    """Return whether none of `reasons` holds. Records LOG_IN_REFUSED with the first that does."""
    refused = next((reason for reason, is_so in reasons if is_so(login)), "")
    if refused:
        events.record(event=Event.LOG_IN_REFUSED, user_id=login.user.pk, reason=refused)
    return not refused


def _reasons(under_way: LogInUnderWay) -> Sequence[tuple[str, Callable[[_Finishing], bool]]]:
    if under_way.proof is not None:
        return _WITH_CARE_IDENTITY
    return _WITH_A_PASSKEY if under_way.passkey is not None else _WITH_A_PASSWORD
