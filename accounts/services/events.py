"""Write down what happened: a row in the database and a line in the log.

Called by the other services, inside their transaction. The log line carries the user's id and the network address, so
that a guessing machine can be shut out, and no other personal data.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import figures, many_rows, prepared, user_agents
from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import event_seals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from accounts.models import User

logger = logging.getLogger("esr_portal.security")

# Of one kind and one person, so that an attacker who knows the password does not fill the table.
FAILURES_A_DAY = 100
DAY = datetime.timedelta(days=1)
# The reason of what the helpdesk did for many people at once.
AFTER_OUTAGE = "after_outage"


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the network address, and what the browser says it is (its User-Agent).

    `address` is "" where it is not known, which is in no network.
    """

    address: str = ""
    user_agent: str = ""


_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())
_note: ContextVar[str | None] = ContextVar("note", default=None)


def origin() -> Origin:
    """Return where the request that is being answered came from; of a worker or a command, an empty Origin."""
    return _origin.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Record `origin` with every event inside the block. The middleware does so for each request."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def noting(note: str) -> Iterator[None]:
    """Keep `note`, at most LONGEST_NOTE characters that an agent wrote, with every event recorded inside the block."""
    token = _note.set(note or None)
    try:
        yield
    finally:
        _note.reset(token)


def record(
    *, event: Event, user_id: int | None, by: User | None = None, reason: str = "", reference: str = ""
) -> SecurityEvent:
    """Add a security event and its log line; return the event.

    `user_id` is the person it is about (None for an unknown username), `by` the person who did it where that is
    another, `reason` a short code, `reference` what the person can quote to the helpdesk.
    """
    where = origin()
    row = prepared.insert(
        SecurityEvent(
            event=event,
            user_id=user_id,
            by_id=by.pk if by else None,
            address=where.address or None,
            device=user_agents.describe(user_agent=where.user_agent),
            reason=reason,
            reference=reference,
            note=_note.get(),
        )
    )
    _log(event, user_id=user_id, by_id=row.by_id, reason=reason, reference=reference)
    return row


def record_failure(*, event: Event, user_id: int, reason: str) -> None:
    """Record a failed try, as `record` does, FAILURES_A_DAY times a day; from then on the log alone has it.

    For what a person can go on sending who knows the password and nothing else, and what no other count ends.
    """
    alike = SecurityEvent.objects.filter(user_id=user_id, event=event, reason=reason, at__gt=timezone.now() - DAY)
    if alike.count() < FAILURES_A_DAY:
        record(event=event, user_id=user_id, reason=reason)
    else:
        _log(event, user_id=user_id, reason=reason)


def _log(event: Event, *, user_id: int | None, by_id: int | None = None, reason: str, reference: str = "") -> None:
    facts = {"event": event.value, "user": user_id, "by": by_id, "reason": reason, "reference": reference}
    logger.info(event.value, extra={**facts, "address": origin().address})
    figures.count_event(event.value, reason=reason)


def record_many(
    *, event: Event, about: Iterable[tuple[int, str] | tuple[int, str, str]], by: User | None = None
) -> dict[tuple[int, str], int]:
    """Add the same event many times, and one log line that counts them; return their keys by person and reason.

    `about` is for each the id of the person, the reason and, where there is one, the reference.
    """
    where = origin()
    told = list(about)
    if not told:
        return {}
    same = {
        "event": event.value,
        "by_id": by.pk if by else None,
        "address": where.address or None,
        "device": user_agents.describe(user_agent=where.user_agent),
        "at": timezone.now(),
        "note": _note.get(),
    }
    rows = [(user_id, reason, "".join(reference), *same.values()) for user_id, reason, *reference in told]
    keys = many_rows.insert(model=SecurityEvent, columns=("user_id", "reason", "reference", *same), rows=rows)
    logger.info(event.value, extra={"event": event.value, "count": len(keys), "by": same["by_id"]})
    for reason, number in Counter(reason for _, reason, *_ in told).items():
        figures.count_event(event.value, reason=reason, number=number)
    return {(user_id, reason): key for (user_id, reason, *_), key in zip(told, keys, strict=True)}


def kept_for(*, event: Event) -> datetime.timedelta:
    """Return how long an event of this kind is kept: SECURITY_EVENTS_KEPT has kinds, and under "" all others."""
    return settings.SECURITY_EVENTS_KEPT.get(event.value, settings.SECURITY_EVENTS_KEPT[""])


def delete_old() -> int:
    """Delete the events that have been kept for as long as their kind is; return how many. Daily work.

    A day that is sealed goes as a whole, when its last event is old enough. The two newest log-ins of each person stay
    as long as what is kept longest, and so do the two newest times that they came from another account of theirs: My
    ESR and the helpdesk show the first, and dormancy counts from the last of both. Raises django.db.Error where the
    portal's clock is so far ahead that the database thinks an event too young.
    """
    now, sealed = timezone.now(), event_seals.sealed_until()
    old = {event.value: (_past_their_age(event), now - kept_for(event=event)) for event in Event}
    if sealed is None:
        return sum(event_seals.delete(rows) for rows, _ in old.values())
    after = event_seals.start_of(sealed + DAY)
    unsealed = sum(event_seals.delete(rows.filter(at__gte=after)) for rows, before in old.values() if before > after)
    return unsealed + event_seals.delete_due(old=old)


def _past_their_age(event: Event) -> QuerySet[SecurityEvent]:
    now = timezone.now()
    old = SecurityEvent.objects.filter(event=event, at__lt=now - kept_for(event=event)).order_by()
    if event not in event_seals.NEWEST_STAY:
        return old
    newer = SecurityEvent.objects.filter(user=OuterRef("user"), event=event, at__gt=OuterRef("at")).order_by()
    return old.filter(Exists(newer[1:2]) | Q(at__lt=now - settings.SECURITY_EVENTS_KEPT[""]))
