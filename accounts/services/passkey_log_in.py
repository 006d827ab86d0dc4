"""Who may get in with a passkey alone, and when one is offered.

It counts as both steps. A lock is about passwords, so it does not matter here, as with Care Identity. A person who is
refused has proved who they are, and is told why; of a passkey that does not count nothing is said, whatever is wrong.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import prepared, trusted_networks
from accounts.models import SecondStepRecord, SwitchedOff, User
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import events, log_in
from accounts.services.second_step import passkeys, policy, ways

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts import webauthn

# A person who said "not now" has thought about it.
OFFERED_EVERY = datetime.timedelta(days=30)


class MayNotEnter(Exception):
    """`user` has proved who they are, and may not get in: they are not in force, or else not from this network."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user


class NotInForce(MayNotEnter):
    """The account has ended, has not begun, or is not active."""


class OutsideNetwork(MayNotEnter):
    """The organisation wants internet access for a log-in from here, and the person has none."""


def check(*, assertion: webauthn.Assertion, challenge: bytes, address: str) -> Passkey:
    """Return the passkey whose owner may go on to the next stage. `address` is where the log-in comes from.

    Raises webauthn.Refused, NotInForce and OutsideNetwork. Records LOG_IN_REFUSED for the latter two.
    """
    passkey = passkeys.use(assertion=assertion, challenge=challenge, user=None)
    user: User = passkey.user
    if not user.may_enter():
        events.record(event=Event.LOG_IN_REFUSED, user_id=user.pk, reason="not_in_force")
        raise NotInForce(user)
    if not log_in.works_here(user=user, address=address):
        events.record(event=Event.LOG_IN_REFUSED, user_id=user.pk, reason="outside_network")
        raise OutsideNetwork(user)
    return passkey


def may_be_offered(*, user: User, shared: bool) -> bool:
    """Return whether `user`, who is logged in, may be offered a passkey in the browser that is asking.

    `shared` is whether they said that other people use the computer too: a passkey made there would be another's.
    """
    if shared or not policy.is_offered(user=user):
        return False
    return not trusted_networks.SHARED.hold(events.origin().address)


def _reasons_not_to(pk: int, lately: datetime.datetime) -> QuerySet[User, tuple[bool, ...]]:
    reasons = [
        Passkey.objects.filter(user=pk),
        SwitchedOff.objects.filter(part=Part.PASSKEYS),
        SecondStepRecord.objects.filter(user=pk, passkey_offered_at__gt=lately),
    ]
    return User.objects.filter(pk=pk).values_list(*(Exists(reason) for reason in reasons))


_REASONS_NOT_TO = prepared.Select(_reasons_not_to, pk=int, lately=datetime.datetime)


def is_offer_due(*, user: User, shared: bool) -> bool:
    """Return whether `user`, who has just logged in with a password, is to be offered a passkey. One query at most.

    `shared` is what `may_be_offered` takes.
    """
    if not may_be_offered(user=user, shared=shared):
        return False
    found = _REASONS_NOT_TO.first(pk=user.pk, lately=timezone.now() - OFFERED_EVERY)
    return found is not None and not any(found)


def note_offered(*, user: User) -> None:
    """Note that a passkey was offered to `user` now, so that it is not for a while."""
    SecondStepRecord.objects.update_or_create(user=user, defaults={"passkey_offered_at": timezone.now()})


def may_be_made_quietly(*, user: User, shared: bool) -> bool:
    """Return whether the browser that is asking may make a passkey for `user`, who is logged in, without a press.

    It may where one may be offered. From then on their password alone is not enough: they must not learn so at a
    computer that has no passkey of theirs and with no other way to show a second step.
    """
    if not may_be_offered(user=user, shared=shared):
        return False
    has = ways.of(user=user)
    return bool(has.authenticator or has.recovery_codes or has.care_identity)
