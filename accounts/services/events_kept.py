"""How long the events of an organisation's people are kept, where its administrator has chosen less than the portal.

What agents did stays for as long as the portal keeps it, and so does all that happened to the account of a person who
has or had a role: no administrator erases the traces of what they did, or of who got into their account.
docs/decisions/0057-an-organisation-keeps-events-for-less.md says why.
"""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import FiledEvent, Organisation, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import event_seals, events
from accounts.services.event_seals import DAY, start_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from accounts.models import User

# What was typed by mistake can be taken back until then: what is deleted is deleted for good.
HELD_FOR = datetime.timedelta(days=7)
# Each is compared with its seal and sealed once more, in 0.1 s at most times: so many take minutes. A number that is
# new has very many, which take some days.
BLOCKS_A_DAY = 5_000
# Of one statement. Organisations that keep events for the same number of days are looked for together.
NUMBERS_AT_ONCE = 100

# What people do with their own account, and what happens to their record. A kind that is not here is kept for as long
# as the portal keeps it: rights, what the helpdesk does, and kinds that are new.
SHORTENED = frozenset(
    {
        *(Event.PASSWORD_CHANGED, Event.RECOVERY_LINK_USED, Event.FROZEN, Event.UNFROZEN),
        *(Event.BECAME_DORMANT, Event.WOKEN),
        *(Event.SECOND_STEP_ENROLLED, Event.SECOND_STEP_REMOVED, Event.WRONG_CODES_FORGIVEN),
        *(Event.PASSKEY_ADDED, Event.PASSKEY_RENAMED, Event.PASSKEY_REMOVED, Event.PASSKEY_REFUSED),
        *(Event.RECOVERY_CODES_MADE, Event.RECOVERY_CODE_USED, Event.BOOTSTRAP_CODE_USED),
        *(Event.BROWSER_REMEMBERED, Event.BROWSER_FORGOTTEN, Event.BROWSER_COPIED),
        *(Event.ADDRESS_GIVEN, Event.ADDRESS_CONFIRMED, Event.ADDRESS_REMOVED, Event.LEAVER_PAGE_OPENED),
        *(Event.CARE_IDENTITY_LINKED, Event.CARE_IDENTITY_UNLINKED),
        *(Event.INTERNET_ACCESS_GRANTED, Event.INTERNET_ACCESS_WITHDRAWN),
        *(Event.PERSON_IMPORTED, Event.PERSON_ADDED, Event.PERSON_CHANGED),
    }
)
OF_ROLES = (Event.ROLE_GIVEN, Event.ROLE_TAKEN_AWAY, Event.ADMIN_CREATED)


class _Due(NamedTuple):
    """What goes: the events before a moment, which begins a day in UTC, of the people of some organisations."""

    before: datetime.datetime
    organisations: Sequence[int]


def note_change(*, organisation: Organisation, before: Organisation, by: User | None) -> bool:
    """Note on `organisation` when its number of days was lowered last; return whether it is another than `before`.

    The caller saves it, in the transaction. Records EVENTS_KEPT_CHANGED, with both numbers.
    """
    was, days = before.events_kept_days, organisation.events_kept_days
    is_lower = days is not None and (was is None or days < was)
    since = timezone.now() if is_lower else before.events_kept_since
    organisation.events_kept_since = None if days is None else since
    if days == was:
        return False
    reason = f"{organisation.code}_{was or 'none'}_to_{days or 'none'}"
    events.record(event=Event.EVENTS_KEPT_CHANGED, user_id=by.pk if by else None, by=by, reason=reason)
    return True


def delete_old() -> int:
    """Delete what organisations keep for less than the portal; return how many events. Daily work.

    A day of a kind that is sealed loses the events of such organisations, and is sealed again, once a month at most:
    each goes up to a month later. What is not sealed stays, and so does a day that differs from its seal.
    """
    due = _due()
    pieces = (due[first : first + NUMBERS_AT_ONCE] for first in range(0, len(due), NUMBERS_AT_ONCE))
    found = {block for some in pieces for block in _blocks(some)}
    blocks = event_seals.to_seal_again(sorted(found))[:BLOCKS_A_DAY]
    return sum(event_seals.delete_from(seal, old=_of_day(due, seal.day, seal.kind)) for seal in blocks)


def _due() -> list[_Due]:
    """Return what is past its age, by the number of days that organisations have chosen."""
    now = timezone.now()
    chosen = Organisation.objects.filter(events_kept_days__isnull=False, events_kept_since__lte=now - HELD_FOR)
    in_order = chosen.order_by("events_kept_days", "pk").values_list("events_kept_days", "pk")
    return [
        _Due(_day_of(now - days * DAY), [pk for _, pk in rows])
        for days, rows in itertools.groupby(in_order, lambda row: row[0] or 0)
    ]


def _day_of(moment: datetime.datetime) -> datetime.datetime:
    return start_of(moment.astimezone(datetime.UTC).date())


def _blocks(due: Sequence[_Due]) -> Iterator[tuple[datetime.date, str]]:
    """Give the days and kinds of which something is due."""
    some = Q()
    for each in due:
        some |= Q(organisation__in=each.organisations, at__lt=each.before)
    of_day = _of_people(FiledEvent.objects.filter(some)).annotate(day=TruncDate("at", tzinfo=datetime.UTC))
    yield from of_day.values_list("day", "event").distinct()


def _of_day(due: Sequence[_Due], day: datetime.date, kind: str) -> QuerySet[SecurityEvent]:
    """Return what is due of a day and kind."""
    organisations = [pk for each in due if each.before > start_of(day) for pk in each.organisations]
    filed = FiledEvent.objects.filter(organisation__in=organisations, at__gte=start_of(day), at__lt=start_of(day + DAY))
    # Of a person whose record was deleted, the filed row alone still knows it.
    theirs = Q(user__organisation__in=organisations) | Q(user__organisation=None)
    return _of_people(filed.filter(kind=kind)).filter(theirs, event=kind)


def _of_people(filed: QuerySet[FiledEvent]) -> QuerySet[SecurityEvent]:
    """Return those of the events that no agent did, and that are about a person who never had a role.

    Rows of the search are not sealed: they lead to the events, and what decides is read from the event and its person.
    """
    keys = filed.filter(kind__in=SHORTENED, by__isnull=True).values("pk")
    role = SecurityEvent.objects.filter(user=OuterRef("user"), event__in=OF_ROLES).order_by()
    found = SecurityEvent.objects.filter(pk__in=keys, event__in=SHORTENED, by__isnull=True).order_by()
    return found.exclude(user__role__gt="").exclude(Exists(role))
