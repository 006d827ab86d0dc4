"""Username and password outside the organisation's networks: who has it, getting it, giving it up.

The guide that staff are given, step 9: a person with a smartcard asks for it with Manage Internet Access, on a
computer of the organisation. The helpdesk gives it to people without a smartcard.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import trusted_networks
from accounts.identifiers import keyed_digest
from accounts.models import User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import care_identities, events, freezing, lockout, outbox, password_policy, sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import SecurityEvent
    from accounts.proof import Proof


class Status(enum.Enum):
    """Whether a person has internet access."""

    NOT_REQUESTED = "not requested"
    ON = "on"
    WITHDRAWN = "withdrawn"


class Missing(enum.StrEnum):
    """What a person lacks to set up or give up internet access."""

    # The session did not begin with Care Identity, or with one that is no longer linked to the person.
    CARE_IDENTITY = "care_identity"
    # Care Identity was used, but with an app or the like.
    SMARTCARD = "smartcard"
    # Care Identity was used, but too long ago.
    FRESH = "fresh"
    # The request did not come from a network of the organisation.
    NETWORK = "network"
    # The organisation has no network on record, so that no request can come from one.
    ANY_NETWORK = "any_network"


class NotProven(Exception):
    """Something is missing that only the person themselves can show."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class ChangedMeanwhile(Exception):
    """The email address is no longer the one that was confirmed, or the password what it was."""


def status(*, user: User) -> Status:
    """Return whether `user` has internet access, never asked for it, or had it withdrawn."""
    if user.internet_access_since is not None:
        return Status.ON
    return Status.NOT_REQUESTED if user.internet_access_withdrawn_at is None else Status.WITHDRAWN


def works_outside(*, user: User) -> bool:
    """Return whether a username and password let `user` in from outside the trusted networks.

    With internet access they do; once it is withdrawn they do not. Where it was never asked for, they do unless the
    organisation requires it.
    """
    match status(user=user):
        case Status.ON:
            return True
        case Status.WITHDRAWN:
            return False
    return not user.organisation.requires_internet_access


def comes_by_card_alone(*, user: User) -> bool:
    """Return whether `user` is to log in with Care Identity alone: recovery gives them no password.

    Internet access is for a username and password, so with it they have them too.
    """
    return user.care_identity_only and status(user=user) is not Status.ON


def missing_from_proof(*, user: User, proof: Proof | None) -> list[Missing]:
    """Return what `proof` lacks to show that `user` has just used their smartcard; empty where it shows that."""
    if proof is None or not care_identities.is_linked(user=user, uid=proof.uid):
        return [Missing.CARE_IDENTITY]
    missing = []
    if not proof.is_smartcard:
        missing.append(Missing.SMARTCARD)
    if not proof.is_fresh:
        missing.append(Missing.FRESH)
    return missing


def what_is_missing(*, user: User, proof: Proof | None, address: str) -> list[Missing]:
    """Return what keeps `user` from managing their internet access: nothing with a smartcard at the organisation.

    `proof` is the session's, None where it did not begin with Care Identity; `address` is where the request came from.
    """
    missing = missing_from_proof(user=user, proof=proof)
    if user.organisation_id not in trusted_networks.trusting(address=address):
        known = trusted_networks.are_on_record(organisation=user.organisation)
        missing.append(Missing.NETWORK if known else Missing.ANY_NETWORK)
    return missing


def masked_email(*, user: User) -> str:
    """Return the address on record with its name hidden, so that its owner knows which mailbox it is: "j•••••@nhs.net".

    The dots do not say how many characters they stand for.
    """
    name, _, domain = user.email.rpartition("@")
    return f"{name[:1] if len(name) > 1 else ''}•••••@{domain}"


def email_digest(*, user: User) -> str:
    """Return a digest of the address for the page that shows it, so that the answer confirms that one and no other."""
    return keyed_digest(purpose="internet_access.email", value=user.email)


def grant(
    *, user: User, proof: Proof | None, address: str, confirmed_email: str, password: str, keep_session: str | None
) -> User:
    """Give `user` internet access with a new password; return the user as they now are.

    A person who has it already only sets a new password. `confirmed_email` is the digest of the address that the person
    said is theirs: recovery will write to it. Lifts a lock and a freeze, ends every session but `keep_session`, and
    sends a mail. Raises NotProven, ChangedMeanwhile and password_policy.PasswordRefused.
    """
    # Before the password is looked at: without proof, the history must tell the caller nothing.
    _refuse_unproven(user=user, proof=proof, address=address)
    # The slow part, before anything is locked.
    hashed = password_policy.hash_allowed(user=user, password=password)
    with transaction.atomic():
        before, user = user, User.objects.select_for_update().get(pk=user.pk)
        if not user.may_enter() or not constant_time_compare(user.password, before.password):
            raise ChangedMeanwhile
        if not constant_time_compare(email_digest(user=user), confirmed_email):
            raise ChangedMeanwhile
        _refuse_unproven(user=user, proof=proof, address=address)
        password_policy.store(user=user, hashed=hashed)
        granted = _switch_on(user=user, by=None)
        event = events.record(event=Event.PASSWORD_CHANGED, user_id=user.pk, reason="internet_access")
        # After the new password: a mail from before it has no link to press (freezing.py). One mail is enough: that of
        # a new grant says that the password is new.
        if granted is not None:
            _tell_of_grant(granted)
        else:
            outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk], "event": event.pk})
        lockout.unlock(user=user, by=None)
        freezing.lift(user=user)
        sessions.end_all(user=user, but=keep_session)
    return user


def grant_by_helpdesk(*, user: User, by: User) -> bool:
    """Give `user` internet access with the password they have, or will set by recovery; tell them by mail.

    For people without a smartcard. `by` is the helpdesk's agent. Returns False where they have it already.
    """
    with transaction.atomic():
        granted = _switch_on(user=User.objects.select_for_update().get(pk=user.pk), by=by)
        if granted is not None:
            _tell_of_grant(granted)
    return granted is not None


def withdraw(*, user: User, by: User | None, keep_session: str | None = None) -> bool:
    """Take internet access from `user`, and tell them by mail; return False where they have none.

    `by` is the helpdesk's agent, or None where the person gives it up. Ends every session that began with a
    password, except `keep_session`.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if status(user=user) is not Status.ON:
            return False
        user.internet_access_since, user.internet_access_withdrawn_at = None, timezone.now()
        user.save(update_fields=["internet_access_since", "internet_access_withdrawn_at"])
        event = events.record(event=Event.INTERNET_ACCESS_WITHDRAWN, user_id=user.pk, by=by)
        sessions.end_begun_with_password(user=user, but=keep_session)
        outbox.add(kind=Kind.INTERNET_ACCESS_WITHDRAWN, about={"users": [user.pk], "event": event.pk})
    return True


def withdraw_oneself(*, user: User, proof: Proof | None, address: str, keep_session: str | None) -> bool:
    """Let `user` give up their internet access, as `withdraw` does. Raises NotProven."""
    _refuse_unproven(user=user, proof=proof, address=address)
    return withdraw(user=user, by=None, keep_session=keep_session)


def _switch_on(*, user: User, by: User | None) -> SecurityEvent | None:
    """Switch internet access on, inside the caller's transaction; return the event, or None where it is on."""
    if status(user=user) is Status.ON:
        return None
    user.internet_access_since, user.internet_access_withdrawn_at = timezone.now(), None
    user.save(update_fields=["internet_access_since", "internet_access_withdrawn_at"])
    return events.record(event=Event.INTERNET_ACCESS_GRANTED, user_id=user.pk, by=by)


def _tell_of_grant(event: SecurityEvent) -> None:
    about = {"users": [event.user_id], "event": event.pk, **({"by_helpdesk": True} if event.by_id else {})}
    outbox.add(kind=Kind.INTERNET_ACCESS_GRANTED, about=about)


def _refuse_unproven(*, user: User, proof: Proof | None, address: str) -> None:
    missing = what_is_missing(user=user, proof=proof, address=address)
    if missing:
        raise NotProven(missing)
