"""What is counted of the events of one day, by organisation: None is of unknown usernames, and of the whole portal.

Each query reads the events of the day by the index of their time. Of recovery no more is counted than an agent may know
of its forms (recovery/looking_up.py): a person for whose address more dates were tried than people need who mistype
counts as asking and as nothing else. Otherwise an agent could try dates, and see by the numbers whether one was right.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import TruncHour

from accounts.models import RecoveryRequest, SecurityEvent
from accounts.models.daily_count import LONGEST
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services.recovery import looking_up

if TYPE_CHECKING:
    from django.db.models import QuerySet

# What is counted by its reason: how people got in, and why they did not.
BY_REASON = frozenset({Event.LOGGED_IN, Event.LOG_IN_FAILED})
# What else is counted where the person did it, or a stranger.
AS_IT_IS = frozenset(
    {
        *(Event.LOCKED, Event.SECOND_STEP_FAILED, Event.RECOVERY_REQUESTED, Event.RECOVERY_LINK_USED, Event.FROZEN),
        *(Event.CARE_IDENTITY_REFUSED, Event.PASSWORD_CHANGED, Event.PASSKEY_ADDED, Event.SECOND_STEP_ENROLLED),
    }
)
# Before the name of what an agent did for a person.
DESK = "desk/"
ASKED, MAILED, LINK_USED, BACK_IN = "recovery/asked", "recovery/mailed", "recovery/link_used", "recovery/back_in"
STEPS = (ASKED, MAILED, LINK_USED, BACK_IN)
# Before the most minutes that it took from asking to being in.
WITHIN = "recovery/within/"
# In buckets, so that days add up: the median of many days is in one of them.
BUCKETS = (1, 2, 3, 5, 10, 15, 30, 60, 240, 1440)
# Who is in later has found another way, or had given up.
BACK_IN_WITHIN = datetime.timedelta(days=1)

# Many usernames from one network, however often each is tried: password spraying (OWASP, Credential Stuffing
# Prevention; NCSC, "Spray you, spray me"). People who mistype and share an address, as all of a hospital, also get in
# from there.
SPRAYED = "attack/sprayed"
SPRAYED_NAMES = 20
# Usernames that nobody has, many at once: a list of other people's (OWASP, Credential Stuffing Prevention). People
# mistype theirs, but more of them get in than not.
STUFFED = "attack/stuffed"
STUFFED_NAMES = 100

Counts = Counter[tuple[int | None, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """A person for whom a recovery form was sent on the day, and how far they came."""

    organisation: int | None
    is_mailed: bool = False
    link_used: bool = False
    minutes: float | None = None


def of_day(*, begins_at: datetime.datetime, ends_at: datetime.datetime) -> Counts:
    """Return how often each thing happened from `begins_at` to `ends_at`, by organisation and name."""
    rows = SecurityEvent.objects.filter(at__gte=begins_at, at__lt=ends_at).order_by()
    counts = _of_kinds(rows)
    counts.update(_of_recoveries(rows))
    counts.update(_of_spraying(rows))
    busiest = _of_stuffing(rows)
    if busiest:
        counts[None, STUFFED] = busiest
    return counts


def _of_kinds(rows: QuerySet[SecurityEvent]) -> Counts:
    by_desk = Case(When(Q(by__isnull=False) & (Q(user__isnull=True) | ~Q(by=F("user"))), then=1), default=0)
    alike = rows.values("user__organisation", "event", "reason", by_desk=by_desk).annotate(number=Count("pk"))
    counts: Counts = Counter()
    for row in alike:
        if row["event"] not in Event.values:
            # Of a version to come, whose web servers run already.
            continue
        name = _name(Event(row["event"]), row["reason"], by_desk=bool(row["by_desk"]))
        if name:
            counts[row["user__organisation"], name] += row["number"]
    return counts


def _name(event: Event, reason: str, *, by_desk: bool) -> str:
    if by_desk:
        return f"{DESK}{event.value}"
    if event in BY_REASON:
        return f"{event.value}/{reason or 'password'}"[:LONGEST]
    return event.value if event in AS_IT_IS else ""


def _of_recoveries(rows: QuerySet[SecurityEvent]) -> Counts:
    counts: Counts = Counter()
    for asked in _asked(rows).values():
        counts[asked.organisation, ASKED] += 1
        counts[asked.organisation, MAILED] += asked.is_mailed
        counts[asked.organisation, LINK_USED] += asked.link_used
        if asked.minutes is not None:
            counts[asked.organisation, BACK_IN] += 1
            within = next((most for most in BUCKETS if asked.minutes <= most), BUCKETS[-1])
            counts[asked.organisation, f"{WITHIN}{within}"] += 1
    return +counts


def _asked(rows: QuerySet[SecurityEvent]) -> dict[int, _Asked]:
    """Return the people for whom forms were decided, each once: by the first of theirs that led to a mail."""
    decided = rows.filter(event=Event.RECOVERY_DECIDED, user__isnull=False)
    found = {
        user: _Asked(organisation)
        for user, organisation in decided.values_list("user", "user__organisation").distinct()
    }
    mailed = looking_up.readable_events(decided.filter(reason=Outcome.MAILED)).annotate(
        asked_at=Subquery(RecoveryRequest.objects.filter(reference=OuterRef("reference")).values("created_at")[:1]),
        is_used=Exists(_after(Event.RECOVERY_LINK_USED)),
        in_at=Subquery(_after(Event.LOGGED_IN).values("user").annotate(first=Min("at")).values("first")),
    )
    columns = ("user", "user__organisation", "at", "asked_at", "is_used", "in_at")
    for user, organisation, at, asked_at, is_used, in_at in mailed.order_by("-at").values_list(*columns):
        minutes = (in_at - (asked_at or at)).total_seconds() / 60 if in_at else None
        found[user] = _Asked(organisation, is_mailed=True, link_used=is_used, minutes=minutes)
    return found


def _after(event: Event) -> QuerySet[SecurityEvent]:
    """Return what happened to the person of a decided form within BACK_IN_WITHIN."""
    return SecurityEvent.objects.filter(
        user=OuterRef("user"), event=event, at__gt=OuterRef("at"), at__lte=OuterRef("at") + BACK_IN_WITHIN
    ).order_by()


def _of_spraying(rows: QuerySet[SecurityEvent]) -> Counts:
    """Return how many people of each organisation were tried from a network that tries many usernames."""
    failed = rows.filter(event=Event.LOG_IN_FAILED, address__isnull=False)
    tried = failed.values("address").annotate(
        names=Count("user", distinct=True) + Count("pk", filter=Q(user__isnull=True))
    )
    suspected = {row["address"]: row["names"] for row in tried.filter(names__gte=SPRAYED_NAMES)}
    if not suspected:
        return Counter()
    people_in = rows.filter(event=Event.LOGGED_IN, address__in=suspected).values("address")
    got_in = dict(people_in.annotate(people=Count("user", distinct=True)).values_list("address", "people"))
    spraying = [address for address, names in suspected.items() if got_in.get(address, 0) * 2 < names]
    theirs = failed.filter(address__in=spraying, user__isnull=False).values("user__organisation")
    people: Any = theirs.annotate(people=Count("user", distinct=True)).values_list("user__organisation", "people")
    return Counter({(organisation, SPRAYED): number for organisation, number in people})


def _of_stuffing(rows: QuerySet[SecurityEvent]) -> int:
    """Return how many unknown usernames were tried in the worst hour in which fewer people got in, or 0."""
    unknown = Q(event=Event.LOG_IN_FAILED, user__isnull=True)
    hours = (
        rows.filter(unknown | Q(event=Event.LOGGED_IN))
        .values(hour=TruncHour("at"))
        .annotate(unknown=Count("pk", filter=unknown), people_in=Count("pk", filter=~unknown))
    )
    worst: dict[str, Any] = hours.filter(unknown__gte=STUFFED_NAMES, unknown__gt=F("people_in")).aggregate(
        most=Max("unknown")
    )
    return worst["most"] or 0
