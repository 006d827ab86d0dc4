"""Which people are locked, and until when: all the counters of wrong passwords of a person together."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Lockout, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import lockout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A list of locked people longer than this is an attack, not work for one helpdesk.
MOST_LOCKED = 2000


@dataclasses.dataclass(frozen=True, slots=True)
class Counter:
    """Wrong passwords in a row, for one person: in a browser with their device cookie, or in all the others."""

    in_known_browser: bool
    failures: int
    locked_until: datetime.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class LockState:
    """All the counters of one person that still count."""

    counters: tuple[Counter, ...] = ()

    @property
    def locked_until(self) -> datetime.datetime | None:
        """When the last of the locks ends, or None where nothing is locked."""
        return max((c.locked_until for c in self.counters if c.locked_until), default=None)


def of_all(*, people: Iterable[User]) -> dict[int, LockState]:
    """Return the lock state of each person, by primary key, in one query."""
    by_digest = {lockout.username_digest(person.username): person.pk for person in people}
    now = timezone.now()
    found: dict[int, list[Counter]] = {pk: [] for pk in by_digest.values()}
    rows = Lockout.objects.filter(username_digest__in=by_digest, last_failure_at__gt=now - lockout.DURATION)
    for row in rows.order_by("browser_digest"):
        ends = row.locked_at + lockout.DURATION if row.locked_at else None
        found[by_digest[row.username_digest]].append(
            Counter(
                in_known_browser=bool(row.browser_digest),
                failures=row.failures,
                locked_until=ends if ends and ends > now else None,
            )
        )
    return {pk: LockState(tuple(counters)) for pk, counters in found.items()}


def of(*, person: User) -> LockState:
    """Return the lock state of one person."""
    return of_all(people=[person])[person.pk]


def locked_people() -> Sequence[int]:
    """Return the primary keys of the people who are locked now, in any browser.

    The counters know usernames by digest alone, so the recent events say which people to look at.
    """
    since = timezone.now() - lockout.DURATION
    recent = SecurityEvent.objects.filter(event=Event.LOCKED, at__gt=since, user__isnull=False).order_by("-at")
    keys = list(recent.values_list("user_id", flat=True)[:MOST_LOCKED])
    states = of_all(people=User.objects.filter(pk__in=keys).only("pk", "username"))
    return [pk for pk, state in states.items() if state.locked_until]
