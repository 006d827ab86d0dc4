"""Which people are locked, and until when: all the counters of wrong passwords of a person together."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import DeviceCookie, Lockout, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import lockout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accounts.models import Organisation

# A list of locked people longer than this is an attack, not work for one helpdesk.
MOST_LOCKED = 2000
# `tidy_up` is run daily; a day that it missed is none that the helpdesk misses.
CARRIED_OVER_WITHIN = datetime.timedelta(days=3)


@dataclasses.dataclass(frozen=True, slots=True)
class Counter:
    """Wrong passwords in a row, for one person: in a browser with their device cookie, or in all the others."""

    in_known_browser: bool
    failures: int
    locked_until: datetime.datetime | None
    # Whether no password is looked at there any more, however long the person waits.
    used_up: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class LockState:
    """All the counters of one person that still count."""

    counters: tuple[Counter, ...] = ()

    @property
    def used_up(self) -> tuple[Counter, ...]:
        """The counters at which no password is looked at any more."""
        return tuple(counter for counter in self.counters if counter.used_up)

    @property
    def locked_until(self) -> datetime.datetime | None:
        """When the last of the locks that end by themselves does, or None where there is none."""
        return max((c.locked_until for c in self.counters if c.locked_until), default=None)


def of_all(*, people: Iterable[User]) -> dict[int, LockState]:
    """Return the lock state of each person, by primary key, in one query."""
    by_digest = {lockout.username_digest(person.username): person for person in people}
    rows: dict[int, list[Lockout]] = {person.pk: [] for person in by_digest.values()}
    for row in Lockout.objects.filter(username_digest__in=by_digest).order_by("browser_digest"):
        rows[by_digest[row.username_digest].pk].append(row)
    return {person.pk: _state(person, rows[person.pk]) for person in by_digest.values()}


def _state(person: User, rows: Iterable[Lockout]) -> LockState:
    by_browser = {row.browser_digest: row for row in rows}
    # What strangers did may have been carried over to the person, and their counter deleted.
    counters = [_counter(person, digest, by_browser.get(digest)) for digest in {"": None, **by_browser}]
    return LockState(tuple(counter for counter in counters if counter.failures or counter.used_up))


def _counter(person: User, browser: str, row: Lockout | None) -> Counter:
    now = timezone.now()
    still_counts = row is not None and row.last_failure_at > now - lockout.DURATION
    ends = row.locked_at + lockout.DURATION if row is not None and row.locked_at else None
    in_a_row = (row.in_a_row if row else 0) + (0 if browser else person.wrong_passwords_before)
    return Counter(
        in_known_browser=bool(browser),
        failures=row.failures if row is not None and still_counts else 0,
        locked_until=ends if ends and ends > now else None,
        used_up=in_a_row >= lockout.most_in_a_row(browser=browser),
    )


def of(*, person: User) -> LockState:
    """Return the lock state of one person."""
    return of_all(people=[person])[person.pk]


def locked_people(*, organisation: Organisation | None) -> Sequence[int]:
    """Return the primary keys of the people who are locked now, in any browser, for a while or until the way back in.

    Of `organisation` alone, so that an attack on another one is in no list of theirs; None is of all. The counters know
    usernames by digest alone, so the events since the counters were last carried over to the people say which of them
    to look at. Those of browsers that a person is known by are never carried over; the device cookie says whose they
    are.
    """
    since = timezone.now() - CARRIED_OVER_WITHIN
    recent = SecurityEvent.objects.filter(event=Event.LOCKED, at__gt=since, user__isnull=False)
    used_up = User.objects.filter(wrong_passwords_before__gte=lockout.MOST_IN_A_ROW)
    in_known_browsers = Lockout.objects.filter(in_a_row__gte=lockout.MOST_IN_A_ROW_IN_A_KNOWN_BROWSER)
    known = DeviceCookie.objects.filter(
        digest__in=in_known_browsers.exclude(browser_digest="").values("browser_digest")
    )
    if organisation is not None:
        recent, known = recent.filter(user__organisation=organisation), known.filter(user__organisation=organisation)
        used_up = used_up.filter(organisation=organisation)
    keys = {
        *recent.order_by("-at").values_list("user_id", flat=True)[:MOST_LOCKED],
        *used_up.order_by("-pk").values_list("pk", flat=True)[:MOST_LOCKED],
        *known.order_by("-pk").values_list("user_id", flat=True)[:MOST_LOCKED],
    }
    states = of_all(people=User.objects.filter(pk__in=keys).only("pk", "username", "wrong_passwords_before"))
    return [pk for pk, state in states.items() if state.locked_until or state.used_up]
