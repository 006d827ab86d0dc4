"""A person's passkeys: adding, renaming and removing them, and whether one that is shown counts.

Each is made and used with the authenticator checking its person (PIN, fingerprint or face), so that one counts as both
steps (NIST SP 800-63B-4, 3.1.7). `Passkey.confirmed` is False from when its counter went back, because there may be a
copy of it (Web Authentication, Level 3, 6.1.1), or from when its person said that they may have been robbed of the
device: it opens nothing then until it is removed, and protects still what it protected.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django_otp_webauthn.models import WebAuthnCredential as Passkey
from django_otp_webauthn.models import WebAuthnUserHandle

from accounts import authenticator_names, user_agents, webauthn
from accounts.models import User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import care_identities, events, outbox, sessions, spent_challenges, switched_off
from accounts.services.second_step import policy, records, recovery_codes, ways
from accounts.services.second_step.authenticators import AlreadySetUp
from accounts.webauthn import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import SecurityEvent

logger = logging.getLogger("esr_portal.passkeys")

MOST = 20
LONGEST_NAME = 60


class TooMany(Exception):
    """There are MOST passkeys already."""


class NoSuchPasskey(Exception):
    """The person has no such passkey, or no more."""


class NoName(Exception):
    """A passkey needs a name of LONGEST_NAME characters at most."""


def are_on() -> bool:
    """Return whether passkeys can be made and used, by any person."""
    return switched_off.is_on(Part.PASSKEYS)


def theirs(*, user: User) -> QuerySet[Passkey]:
    """Return the passkeys of `user`, the oldest first, with those whose counter went back."""
    return Passkey.objects.filter(user=user).order_by("created_at", "pk")


def may_be_used(*, user: User, pk: int) -> bool:
    """Return whether this is a passkey of `user` that opens something now."""
    return are_on() and ways.passkeys_of(user).filter(pk=pk).exists()


def begin_adding(*, user: User) -> webauthn.Begun:
    """Begin to make a passkey for `user`. Raises Refused where passkeys are switched off, and TooMany."""
    _refuse_while_off()
    _refuse_too_many(user)
    return webauthn.begin_registration(user=user)


def add(*, user: User, challenge: str, credential: str, quiet: bool = False, only_as_first: bool = False) -> Passkey:
    """Keep the passkey that a browser made for `user`, and tell them by mail; return it.

    `only_as_first` is for a log-in that may set up what is not there yet: it raises AlreadySetUp where a second step is
    set up by now. Raises PasswordChanged where the password is no longer that of `user` as the caller read it, TooMany,
    and Refused.
    """
    _refuse_while_off()
    # Before what was sent is looked at: a browser that was not told to make one sends none.
    _refuse_too_many(user)
    new = webauthn.complete_registration(user=user, challenge=challenge, credential=credential, quiet=quiet)
    try:
        with transaction.atomic():
            _store(new, user=user, challenge=challenge, only_as_first=only_as_first)
    except IntegrityError as known:
        raise Refused("registered_already") from known
    return new


def _store(new: Passkey, *, user: User, challenge: str, only_as_first: bool) -> None:
    # With the lock, of two browsers at the same time the second finds what the first stored.
    now = records.hold_person(user)
    if only_as_first and ways.is_set_up(user=now):
        raise AlreadySetUp
    _refuse_too_many(now)
    if not spent_challenges.spend(challenge.encode()):
        raise Refused("challenge_again")
    new.name = _first_name(new, user=now)
    new.save()
    _tell(Kind.SECOND_STEP_ADDED, user=now, event=events.record(event=Event.PASSKEY_ADDED, user_id=now.pk))


def _refuse_too_many(user: User) -> None:
    if Passkey.objects.filter(user=user).count() >= MOST:
        raise TooMany


def _first_name(new: Passkey, *, user: User) -> str:
    """Return a name that the person knows the new passkey by: what keeps it, else the browser it was made in."""
    made_in = user_agents.in_words(user_agents.describe(user_agent=events.origin().user_agent))
    name = (authenticator_names.name_of(aaguid=new.aaguid) or made_in or _("Passkey"))[:LONGEST_NAME]
    taken = set(Passkey.objects.filter(user=user).values_list("name", flat=True))
    numbered = (f"{name} ({number})" for number in range(2, MOST + 2))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def rename(*, user: User, pk: int, name: str) -> None:
    """Give a passkey of `user` another name. Raises NoSuchPasskey and NoName."""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise NoName
    with transaction.atomic():
        if not Passkey.objects.filter(user=user, pk=pk).update(name=name):
            raise NoSuchPasskey
        events.record(event=Event.PASSKEY_RENAMED, user_id=user.pk)


def remove(*, user: User, pk: int, session_key: str | None = None) -> None:
    """Take away a passkey of `user`, who asks for that; tell them by mail, and end their sessions but `session_key`.

    Raises NoSuchPasskey, and LastWay where it is the last second step of a person who has to have one.
    """
    with transaction.atomic():
        now = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        removed, _rows = Passkey.objects.filter(user=user, pk=pk).delete()
        if not removed:
            raise NoSuchPasskey
        policy.keep_one(user=now)
        recovery_codes.end_with_the_last_way(user=now)
        sessions.end_all(user=user, but=session_key)
        event = events.record(event=Event.PASSKEY_REMOVED, user_id=user.pk)
        _tell(Kind.SECOND_STEP_REMOVED, user=user, event=event)


def may_be_stopped(*, user: User) -> bool:
    """Return whether the mailbox of `user` may stop their passkeys: it may where they have another way in."""
    has = ways.of(user=user)
    card = has.care_identity and care_identities.are_connected()
    return has.passkeys > 0 and (has.authenticator or has.recovery_codes > 0 or card)


def stop_all(*, user: User) -> None:
    """Let no passkey of `user`, who may have been robbed of a device, open anything; tell them by mail.

    The mailbox alone says so, in a recovery: what the passkeys protected they protect still, so that a thief of the
    mailbox gains nothing by it. Does nothing where they may not be stopped so. Records PASSKEY_REFUSED.
    """
    if may_be_stopped(user=user) and Passkey.objects.filter(user=user, confirmed=True).update(confirmed=False):
        event = events.record(event=Event.PASSKEY_REFUSED, user_id=user.pk, reason="device_stolen")
        _tell(Kind.SECOND_STEP_REMOVED, user=user, event=event, what="stopped_passkeys")


def _tell(kind: Kind, *, user: User, event: SecurityEvent, what: str = "passkey") -> None:
    outbox.add(kind=kind, about={"users": [user.pk], "event": event.pk, "what": what})


def begin_use(*, user: User) -> webauthn.Begun:
    """Begin to use a passkey of `user`. Raises Refused where they have none that may be used, or all are off."""
    _refuse_while_off()
    usable = ways.passkeys_of(user)
    if not usable.exists():
        raise Refused("none")
    return webauthn.begin_authentication(credentials=usable)


def begin_log_in(*, challenge: bytes) -> webauthn.Begun:
    """Begin a log-in with whatever passkey the browser has. Raises Refused where passkeys are switched off."""
    _refuse_while_off()
    return webauthn.begin_authentication(challenge=challenge)


def use(*, assertion: webauthn.Assertion, challenge: bytes, user: User | None) -> Passkey:
    """Return the passkey that answered `challenge`, noted as used, with its owner and their organisation.

    `user` is the person whose it must be, or None where it says by itself whose it is. Of many copies of one answer one
    counts. Raises Refused. Records PASSKEY_REFUSED where the counter went back.
    """
    _refuse_while_off()
    credential_id_sha256 = Passkey.get_credential_id_sha256(assertion.credential_id)
    # Before a lock for writing is taken: a stranger may send any number of made-up ones.
    if not Passkey.objects.filter(credential_id_sha256=credential_id_sha256).exists():
        raise _refused("unknown", user_id=user.pk if user else None)
    with transaction.atomic():
        known = Passkey.objects.select_for_update(of=("self",)).select_related("user__organisation")
        passkey: Passkey | None = known.filter(credential_id_sha256=credential_id_sha256).first()
        goes_back = passkey is not None and not _counts(passkey, assertion=assertion, challenge=challenge, user=user)
    if passkey is None:
        raise _refused("removed", user_id=None)
    if goes_back:
        raise _refused("counter", user_id=passkey.user_id)
    return passkey


def _counts(passkey: Passkey, *, assertion: webauthn.Assertion, challenge: bytes, user: User | None) -> bool:
    """Note the use of a locked passkey that answered rightly; return False where its counter went back. Raises Refused.

    The challenge comes before the counter: a copy of an answer is no copy of the passkey.
    """
    if user is not None and passkey.user_id != user.pk:
        raise _refused("another_persons", user_id=user.pk)
    if not passkey.confirmed:
        raise _refused("refused_before", user_id=passkey.user_id)
    _check_handle(passkey, assertion=assertion, must_be_there=user is None)
    shown = webauthn.verify(assertion, passkey=passkey, challenge=challenge)
    if not spent_challenges.spend(challenge):
        raise _refused("challenge_again", user_id=passkey.user_id)
    if (shown.counter or passkey.sign_count) and shown.counter <= passkey.sign_count:
        _stop_copied(passkey)
        return False
    passkey.sign_count, passkey.backup_state = shown.counter, shown.is_synced
    passkey.last_used_at = timezone.now()
    passkey.save(update_fields=["sign_count", "backup_state", "last_used_at"])
    return True


def _stop_copied(passkey: Passkey) -> None:
    """Let a passkey that there may be a copy of open nothing any more, and end what the copy may have opened."""
    passkey.confirmed = False
    passkey.save(update_fields=["confirmed"])
    sessions.end_all(user=passkey.user)
    event = events.record(event=Event.PASSKEY_REFUSED, user_id=passkey.user_id, reason="counter")
    _tell(Kind.SECOND_STEP_REMOVED, user=passkey.user, event=event, what="copied_passkey")


def _check_handle(passkey: Passkey, *, assertion: webauthn.Assertion, must_be_there: bool) -> None:
    """Refuse an answer that names another owner, or none where only it can say (Web Authentication, Level 3, 7.2)."""
    if not assertion.user_handle and not must_be_there:
        return
    owners = WebAuthnUserHandle.objects.filter(user_id=passkey.user_id).values_list("handle_hex", flat=True).first()
    if not owners or not constant_time_compare(assertion.user_handle.hex(), owners):
        raise _refused("not_the_owner", user_id=passkey.user_id)


def _refuse_while_off() -> None:
    if not are_on():
        raise Refused("switched_off")


def _refused(reason: str, *, user_id: int | None) -> Refused:
    """Return the refusal, once it is in the log: strangers can have any number refused, so no row is kept."""
    logger.info("passkey refused", extra={"reason": reason, "user": user_id, "address": events.origin().address})
    return Refused(reason)
