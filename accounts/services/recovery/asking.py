"""Asking to be let back in: taking the form, and no more.

It runs in the request and looks no person up, so its answer and its time are always the same; `deciding` runs in the
worker. Source: OWASP Forgot Password Cheat Sheet.
"""

from __future__ import annotations

import datetime
import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import languages
from accounts.identifiers import earlier_keyed_digests, keyed_digest, normalise_email
from accounts.models import RecoveryRequest
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox
from accounts.services.recovery import queueing

# A person may quote a reference so long after; strangers can make rows, and they must not stay for ever.
REQUESTS_KEPT_FOR = datetime.timedelta(days=90)

# Crockford's base 32: no I, L, O or U, so that it can be read out on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP_LENGTH = 2, 4
_OF_DATES, _OF_ADDRESSES = "recovery.date_of_birth", "recovery.email"
# Two requests draw the same of 2^40 references once in a very long while; four times in a row they do not.
_DRAWS = 4


def ask(*, email: str, date_of_birth: datetime.date) -> str:
    """Take a recovery form; return the reference that the person can quote, like "7K3M-9QXT".

    Writes the same rows for every input, and reads nothing that depends on what was typed. The worker calls `decide`
    for it. Raises IntegrityError where every reference drawn was taken.
    """
    address, draws_left = normalise_email(email), _DRAWS
    while True:
        draws_left -= 1
        try:
            return _ask(reference=_new_reference(), email=address, date_of_birth=date_of_birth)
        except IntegrityError:
            if not draws_left:
                raise


def email_digest(*, email: str) -> str:
    """Return what requests from an email address are kept under, for the helpdesk to find them by it."""
    return keyed_digest(purpose=_OF_ADDRESSES, value=normalise_email(email))


def email_digests(*, email: str) -> list[str]:
    """Return the same, and what it was under each key before while the keys are changed."""
    return [email_digest(email=email), *earlier_keyed_digests(purpose=_OF_ADDRESSES, value=normalise_email(email))]


def date_digest(*, reference: str, date_of_birth: datetime.date) -> str:
    """Return the keyed digest of a date of birth; with the reference in it, no two rows can be compared by it."""
    return keyed_digest(purpose=_OF_DATES, value=f"{reference} {date_of_birth.isoformat()}")


def earlier_date_digests(*, reference: str, date_of_birth: datetime.date) -> list[str]:
    """Return what `date_digest` was under each earlier key: a form that was sent before a change of keys is right."""
    return earlier_keyed_digests(purpose=_OF_DATES, value=f"{reference} {date_of_birth.isoformat()}")


def delete_old_requests() -> int:
    """Delete the requests that were decided REQUESTS_KEPT_FOR ago; return how many. Daily work."""
    deleted, _ = RecoveryRequest.objects.filter(decided_at__lt=timezone.now() - REQUESTS_KEPT_FOR).delete()
    return deleted


def _ask(*, reference: str, email: str, date_of_birth: datetime.date) -> str:
    network = queueing.network_digest(address=events.origin().address)
    with transaction.atomic():
        turn_at = queueing.turn_of_next(network=network)
        request = RecoveryRequest.objects.create(
            reference=reference,
            email=email,
            email_digest=email_digest(email=email),
            date_of_birth_digest=date_digest(reference=reference, date_of_birth=date_of_birth),
            network=network,
            turn_at=turn_at,
            language=languages.current(),
        )
        outbox.add(kind=Kind.DECIDE_RECOVERY, about={"request": request.pk}, turn_at=turn_at)
        events.record(event=Event.RECOVERY_REQUESTED, user_id=None, reference=reference)
    return reference


def _new_reference() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
