"""Secrets of second steps, sealed with the newest of SECOND_STEP_KEYS where they are not yet."""

from __future__ import annotations

import logging
from typing import NamedTuple

from django.db import transaction

from accounts import sealing
from accounts.models import Authenticator, RecoveryCodes

logger = logging.getLogger("esr_portal.security")

# Rows of one transaction: a person who types a code waits for it for some hundredths of a second.
BATCH = 200


class Resealed(NamedTuple):
    """How many rows the newest key seals now that it did not before, and how many no key opens."""

    done: int
    closed: int


def reseal() -> Resealed:
    """Seal what is in clear still, and what an older key sealed, with the newest key.

    It may be stopped and begun again: a row that is done is passed over. A row whose key was taken away stays as it is,
    and the log says how many there are.
    """
    authenticators, codes = _all_of(Authenticator), _all_of(RecoveryCodes)
    both = Resealed(authenticators.done + codes.done, authenticators.closed + codes.closed)
    if both.closed:
        logger.warning("second steps that none of SECOND_STEP_KEYS opens", extra={"count": both.closed})
    return both


def put_right() -> int:
    """Reseal; return how many rows that was. Daily work, for what a process of the version before stored in clear."""
    return reseal().done


def _all_of(kind: type[Authenticator] | type[RecoveryCodes]) -> Resealed:
    done, closed, last = 0, 0, 0
    rows = kind.objects.order_by("pk")
    # Looked at without a lock first: on most days there is nothing to do.
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        stale = [row.pk for row in batch if not _is_newest(row)]
        if not stale:
            continue
        with transaction.atomic():
            for row in rows.select_for_update().filter(pk__in=stale):
                try:
                    _reseal(row)
                except sealing.CannotOpen:
                    closed += 1
                else:
                    done += 1
    return Resealed(done, closed)


def _is_newest(row: Authenticator | RecoveryCodes) -> bool:
    return all(sealing.is_newest(sealed) for sealed in ([row.key] if isinstance(row, Authenticator) else row.sealed))


def _reseal(row: Authenticator | RecoveryCodes) -> None:
    of = row.sealed_for(row.user_id)
    if isinstance(row, Authenticator):
        row.key = sealing.seal(row.bin_key, of=of)
        row.save(update_fields=["key"])
    else:
        row.sealed = [sealing.seal(sealing.unseal(sealed, of=of), of=of) for sealed in row.sealed]
        row.save(update_fields=["sealed"])
