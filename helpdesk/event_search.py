"""Finding security events by person, agent, kind, network, reference and time, the newest first.

One index says which events may fit, in the order of time; the rest of what was asked is compared with a limited number
of them, and a page that has looked at so many says how far back it has looked. So no search takes long, however many
events there are. Nothing is counted: the next page begins behind the last event of this one.

All that is asked of the database for an agent is within their organisation, so that neither an event of another one nor
its time shows in how far a page has looked.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, NamedTuple

from accounts.identifiers import normalise_username
from accounts.models import FiledEvent, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import filing_events
from accounts.services.recovery import looking_up
from helpdesk import event_networks, finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    from django.db.models import Model, QuerySet

    from accounts.models import Organisation
    from accounts.models.trusted_network import Network

    _Row = TypeVar("_Row", bound=Model)

PAGE = 50
# How many events may fit are looked at, more each time that too few of them do.
STEPS = (200, 2_000, 10_000)
COMPARED_AT_ONCE = 200
# The newest, which no worker has filed yet. Workers do so every half minute.
MOST_UNFILED = 5_000


class Place(NamedTuple):
    """An event's place in the order of time, and what says without a look at it whether it may fit."""

    at: datetime.datetime
    key: int
    kind: str = ""
    address: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for. Empty is anything."""

    person: str = ""
    # The same by primary key, where it is known.
    person_key: int = 0
    agent: str = ""
    kind: str = ""
    network: Network | None = None
    reference: str = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Some events, and behind which place there may be more; where too many were compared, until when they were."""

    events: Sequence[SecurityEvent] = ()
    next: Place | None = None
    looked_back_to: datetime.datetime | None = None
    # More events wait to be filed than are looked at, so some of the newest may be missing.
    is_behind: bool = False


def find(*, wanted: Wanted, by: User, behind: Place | None = None, most: int = PAGE) -> Page:
    """Return up to `most` events that fit, which the agent `by` may see, of those behind a place."""
    search = _Search(wanted, finding.looks_after(by=by))
    keys = search.keys()
    if keys is None:
        return Page()
    found: list[SecurityEvent] = []
    told = None
    for step in STEPS:
        places = keys(behind, step)
        found += search.fitting_among(places, most=most + 1 - len(found))
        if len(found) > most:
            last = found[most - 1]
            return Page(found[:most], next=Place(last.at, last.pk), is_behind=search.is_behind)
        if len(places) < step:
            return Page(found, is_behind=search.is_behind)
        behind = places[-1]
        # What came of a request is not told to every agent, nor when.
        told = next((place for place in reversed(places) if place.kind != Event.RECOVERY_DECIDED), behind)
    return Page(_before(found, told), next=told, looked_back_to=told and told.at, is_behind=search.is_behind)


def _before(found: list[SecurityEvent], told: Place | None) -> list[SecurityEvent]:
    """Return those of the events that do not come again behind the place where the next page begins."""
    if told is None:
        return found
    return [event for event in found if (event.at, event.pk) >= (told.at, told.key)]


def keys_of(*, typed: str, by: User, most: int) -> list[int]:
    """Return the keys of events about the person or by the agent with this username, or with this reference.

    Three looks into three indexes, the newest `most` of each: one "or" would read all events.
    """
    username, reference = normalise_username(typed), typed.strip().upper()
    if not username or not reference:
        return []
    each = (Wanted(person=username), Wanted(agent=username), Wanted(reference=reference))
    return sorted({event.pk for wanted in each for event in find(wanted=wanted, by=by, most=most).events})


class _Search:
    """One search: which index it reads, and what is compared."""

    def __init__(self, wanted: Wanted, organisation: Organisation | None) -> None:
        self._wanted, self._organisation = wanted, organisation
        self.is_behind = False
        self._compared = looking_up.readable_events(self._scoped(SecurityEvent.objects.all()))
        self._person, self._agent = wanted.person_key, 0

    def keys(self) -> Callable[[Place | None, int], list[Place]] | None:
        """Return what gives the places of events that may fit; None where the person or agent is not there."""
        wanted = self._wanted
        if wanted.person:
            self._person = _key_of(wanted.person, self._organisation)
        if wanted.agent:
            self._agent = _key_of(wanted.agent, None)
        if (wanted.person and not self._person) or (wanted.agent and not self._agent):
            return None
        if wanted.reference:
            return self._of_events(SecurityEvent.objects.filter(reference=wanted.reference, reference__gt=""))
        if self._person:
            return self._of_events(SecurityEvent.objects.filter(user=self._person))
        return self._among_filed()

    def _among_filed(self) -> Callable[[Place | None, int], list[Place]]:
        filed = FiledEvent.objects.all()
        if self._organisation is not None:
            filed = filed.filter(organisation=self._organisation.pk)
        if self._agent:
            return self._of_filed(filed.filter(by=self._agent))
        if self._wanted.network is not None:
            addresses = event_networks.seen_in(self._wanted.network, organisation=self._organisation)
            if addresses is not None:
                return self._of_networks(filed, addresses)
        if self._wanted.kind:
            return self._of_filed(filed.filter(kind=self._wanted.kind))
        if self._organisation is None:
            return self._of_events(SecurityEvent.objects.all())
        return self._of_filed(filed)

    def fitting_among(self, places: Sequence[Place], *, most: int) -> list[SecurityEvent]:
        """Return the events at these places that are as asked for: `most` of them at least, where there are so many."""
        exactly = {"user": self._person, "by": self._agent, "reference": self._wanted.reference}
        rows = self._compared.filter(**{name: value for name, value in exactly.items() if value})
        rows = rows.select_related("user", "by").order_by("-at", "-pk")
        keys = [place.key for place in places if self._may_fit(place)]
        found: list[SecurityEvent] = []
        for start in range(0, len(keys), COMPARED_AT_ONCE):
            found += rows.filter(pk__in=keys[start : start + COMPARED_AT_ONCE])
            if len(found) >= most:
                break
        return found

    def _may_fit(self, place: Place) -> bool:
        """Return whether the kind and address of an event are as asked for."""
        wanted = self._wanted
        if wanted.kind and place.kind != wanted.kind:
            return False
        return wanted.network is None or event_networks.holds(wanted.network, place.address)

    def _scoped(self, events: QuerySet[SecurityEvent]) -> QuerySet[SecurityEvent]:
        return events if self._organisation is None else events.filter(user__organisation=self._organisation)

    def _of_events(self, events: QuerySet[SecurityEvent]) -> Callable[[Place | None, int], list[Place]]:
        """Read the events themselves, by an index that each request writes."""
        scoped = self._scoped(events).order_by("-at", "-pk")

        def places(behind: Place | None, most: int) -> list[Place]:
            rows = self._in_time(scoped, behind).values_list("at", "pk", "event", "address")
            return [Place(*row) for row in rows[:most]]

        return places

    def _of_filed(self, filed: QuerySet[FiledEvent]) -> Callable[[Place | None, int], list[Place]]:
        """Read what is filed, and all that is not filed yet: what of that fits is compared like the rest."""
        unfiled = self._unfiled()

        def places(behind: Place | None, most: int) -> list[Place]:
            rows = self._in_time(filed.order_by("-at", "-pk"), behind).values_list("at", "pk", "kind", "address")
            return _newest([Place(*row) for row in rows[:most]], self._of_time(unfiled, behind), most)

        return places

    def _of_networks(
        self, filed: QuerySet[FiledEvent], addresses: Sequence[str]
    ) -> Callable[[Place | None, int], list[Place]]:
        """Read what is filed of each address."""
        unfiled = self._unfiled()

        def places(behind: Place | None, most: int) -> list[Place]:
            rows = event_networks.newest(
                self._in_time(filed, behind).order_by("-at", "-pk"), addresses=addresses, most=most
            )
            return _newest([Place(*row) for row in rows], self._of_time(unfiled, behind), most)

        return places

    def _unfiled(self) -> list[Place]:
        rows = SecurityEvent.objects.filter(pk__gt=filing_events.filed_up_to()).order_by("-pk")
        newest = list(rows.values_list("at", "pk", "event", "address", "user__organisation")[: MOST_UNFILED + 1])
        self.is_behind = len(newest) > MOST_UNFILED
        ours = None if self._organisation is None else self._organisation.pk
        return [Place(*place) for *place, whose in newest[:MOST_UNFILED] if ours in {None, whose}]  # type: ignore[arg-type]

    def _in_time(self, rows: QuerySet[_Row], behind: Place | None) -> QuerySet[_Row]:
        wanted = self._wanted
        if wanted.since:
            rows = rows.filter(at__gte=wanted.since)
        if wanted.until:
            rows = rows.filter(at__lt=wanted.until)
        if behind:
            # A range of the index, and then those of the same moment.
            rows = rows.filter(at__lte=behind.at).exclude(at=behind.at, pk__gte=behind.key)
        return rows

    def _of_time(self, places: Sequence[Place], behind: Place | None) -> Iterator[Place]:
        wanted = self._wanted
        for place in places:
            early = wanted.since is not None and place.at < wanted.since
            late = wanted.until is not None and place.at >= wanted.until
            seen = behind is not None and (place.at, place.key) >= (behind.at, behind.key)
            if not (early or late or seen):
                yield place


def _newest(filed: list[Place], unfiled: Iterator[Place], most: int) -> list[Place]:
    return sorted({*filed, *unfiled}, reverse=True)[:most]


def _key_of(username: str, organisation: Organisation | None) -> int:
    people = User.objects.filter(username=normalise_username(username))
    if organisation is not None:
        people = people.filter(organisation=organisation)
    return people.values_list("pk", flat=True).first() or 0
