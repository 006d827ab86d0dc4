"""Who was kept out in an outage, and is still: those who can be let in at once, and those who are left out, and why.

The events of the outage say whom to look at; the counters know usernames by digest alone.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import ipaddress
from collections import Counter
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from accounts.models import SecondStepRecord, SecurityEvent, User
from accounts.models.outage_unlock import Cause
from accounts.models.security_event import Event
from accounts.services import lockout
from accounts.services.second_step import wrong_codes
from accounts.trusted_networks import OwnNetworks
from helpdesk import lock_state
from people.services import rights, same_person

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from accounts.models import Organisation

# One press lets in no more. A shift of a large trust is fewer.
MOST = 10_000
# People who are looked at together.
_BATCH = 1000
# Where a person was in lately, they are known.
KNOWN_FOR = datetime.timedelta(days=90)
# What a customer of a provider has of version 6 (RFC 6177 has /48 to /64): devices change the rest by themselves.
_PREFIX_6 = 64

# What is read of each: to make whole people of ten thousand rows takes a second.
_NEEDED = (
    *("username", "email", "is_active", "starts_on", "ends_on", "role", "wrong_passwords_before"),
    *("password_frozen_at", "password_changed_at", "organisation__name", "organisation__welsh_name"),
)

_LOCKS: Mapping[Cause, Event] = {
    Cause.WRONG_PASSWORDS: Event.LOCKED,
    Cause.WRONG_CODES: Event.SECOND_STEP_FAILED,
}
_TRIES: Mapping[Cause, frozenset[Event]] = {
    Cause.WRONG_PASSWORDS: frozenset({Event.LOG_IN_FAILED, Event.PASSWORD_CHANGE_FAILED, Event.PROVING_AGAIN_FAILED}),
    Cause.WRONG_CODES: frozenset({Event.SECOND_STEP_FAILED}),
}


class Why(enum.StrEnum):
    """Why a person who was kept out is not let in with the others."""

    # It ended by itself, or the helpdesk or the person has ended it.
    NO_LONGER = "no_longer"
    NOT_IN_FORCE = "not_in_force"
    FROZEN = "frozen"
    HAS_RIGHTS = "has_rights"
    USED_UP = "used_up"
    STRANGERS = "strangers"


@dataclasses.dataclass(frozen=True, slots=True)
class Outage:
    """What kept people out, and when."""

    cause: Cause
    begins_at: datetime.datetime
    ends_at: datetime.datetime


@dataclasses.dataclass(slots=True)
class Found:
    """The primary keys of those who can be let in, and how many are left out."""

    outage: Outage
    people: list[int] = dataclasses.field(default_factory=list)
    # Of these the locks in browsers of theirs end alone: strangers have tried elsewhere.
    in_own_browsers_alone: set[int] = dataclasses.field(default_factory=set)
    left_out: Counter[Why] = dataclasses.field(default_factory=Counter)


def find(*, by: User, organisation: Organisation | None, outage: Outage) -> Found | None:
    """Return whom `outage` has kept out of `organisation` (None: of all), as `by` may let them in.

    None where there are more than MOST. The caller has asked `rights.may_unlock_many`.
    """
    rows = SecurityEvent.objects.filter(
        event=_LOCKS[outage.cause], at__gte=outage.begins_at, at__lte=outage.ends_at, user__isnull=False
    )
    if organisation is not None:
        rows = rows.filter(user__organisation=organisation)
    keys = list(rows.order_by().values_list("user_id", flat=True).distinct()[: MOST + 1])
    if len(keys) > MOST:
        return None
    found, networks = Found(outage), _Networks()
    for start in range(0, len(keys), _BATCH):
        _look_at(keys[start : start + _BATCH], found, networks, by)
    return found


def among(*, keys: Collection[int], by: User, organisation: Organisation | None, outage: Outage) -> Found:
    """Return whom of these `find` would find now."""
    if organisation is not None:
        keys = list(User.objects.filter(pk__in=keys, organisation=organisation).values_list("pk", flat=True))
    found = Found(outage)
    _look_at(keys, found, _Networks(), by)
    return found


class _Networks:
    """The networks of each organisation, read once."""

    def __init__(self) -> None:
        self._of: dict[int, OwnNetworks] = {}

    def of(self, organisation: Organisation) -> OwnNetworks:
        return self._of.setdefault(organisation.pk, OwnNetworks(organisation))


def _look_at(keys: Collection[int], found: Found, networks: _Networks, by: User) -> None:
    people = list(User.objects.filter(pk__in=keys).select_related("organisation").only(*_NEEDED).order_by("pk"))
    # Whether each is kept out elsewhere, and in browsers of their own; who is in none is let in already.
    kept = _locked(people, found) if found.outage.cause is Cause.WRONG_PASSWORDS else _waiting(people, found)
    allowed, own = [], same_person.same_among(user=by, people=people)
    for person in people:
        if person.pk in kept:
            why = _why_not(person, by, is_another=person.pk not in own)
            if why is None:
                allowed.append(person)
            else:
                found.left_out[why] += 1
    tried_by_strangers = _tried_by_strangers([person for person in allowed if kept[person.pk][0]], found, networks)
    for person in allowed:
        _, in_own = kept[person.pk]
        if person.pk not in tried_by_strangers:
            found.people.append(person.pk)
        elif in_own:
            found.people.append(person.pk)
            found.in_own_browsers_alone.add(person.pk)
        else:
            found.left_out[Why.STRANGERS] += 1


def _why_not(person: User, by: User, *, is_another: bool) -> Why | None:
    if person.why_not_in_force() is not None:
        return Why.NOT_IN_FORCE
    if person.password_is_frozen():
        return Why.FROZEN
    return None if rights.may_change(by=by, person=person, is_another=is_another) else Why.HAS_RIGHTS


def _locked(people: Collection[User], found: Found) -> dict[int, tuple[bool, bool]]:
    """Return who is locked for a while, elsewhere and in browsers of their own; count the others as left out."""
    kept = {}
    for key, state in lock_state.of_all(people=people).items():
        open_ones = [counter for counter in state.counters if counter.locked_until and not counter.used_up]
        if open_ones:
            in_own = any(counter.in_known_browser for counter in open_ones)
            kept[key] = (not all(counter.in_known_browser for counter in open_ones), in_own)
        else:
            found.left_out[Why.USED_UP if state.used_up else Why.NO_LONGER] += 1
    return kept


def _waiting(people: Collection[User], found: Found) -> dict[int, tuple[bool, bool]]:
    """Return whose codes have to wait for a while; count the others as left out."""
    records = {record.pk: record for record in SecondStepRecord.objects.filter(user__in=people)}
    kept = {}
    for person in people:
        record = records.get(person.pk)
        if record is not None and wrong_codes.has_a_wait_that_ends(record=record):
            kept[person.pk] = (True, False)
        else:
            is_used_up = record is not None and record.wrong_in_a_row >= wrong_codes.MOST_IN_A_ROW
            found.left_out[Why.USED_UP if is_used_up else Why.NO_LONGER] += 1
    return kept


def _tried_by_strangers(people: Collection[User], found: Found, networks: _Networks) -> set[int]:
    """Return those for whom a try came from a place where they were not in before the outage, in two queries.

    Inside the networks of their organisation they are known. A try before the outage may have been one of the ten.
    """
    by_key = {person.pk: person for person in people}
    outage = found.outage
    was_in = SecurityEvent.objects.filter(
        event=Event.LOGGED_IN, at__gte=outage.begins_at - KNOWN_FOR, at__lt=outage.begins_at, address__isnull=False
    ).order_by()
    # The log-ins of a person are read until the first from that address, which as a rule is among the last.
    tried = (
        SecurityEvent.objects.filter(
            user__in=by_key,
            event__in=_TRIES[outage.cause],
            at__gte=outage.begins_at - lockout.DURATION,
            at__lte=timezone.now(),
        )
        .order_by()
        .values("user_id", "address")
        .annotate(
            tries=Count("pk"), is_known=Exists(was_in.filter(user=OuterRef("user_id"), address=OuterRef("address")))
        )
    )
    unknown: dict[int, set[str]] = {}
    for row in tried:
        key, address = row["user_id"], row["address"]
        if not row["is_known"] and not networks.of(by_key[key].organisation).hold(address):
            unknown.setdefault(key, set()).add(_place(address))
    _discard_known_households(unknown, was_in)
    return {key for key, places in unknown.items() if places}


def _discard_known_households(unknown: Mapping[int, set[str]], was_in: QuerySet[SecurityEvent]) -> None:
    """Take out of the unknown places those of version 6 in which the person was, by another address of the network."""
    in_6 = [key for key, places in unknown.items() if all("/" in place for place in places)]
    if in_6:
        for key, address in was_in.filter(user__in=in_6).values_list("user_id", "address").distinct():
            unknown[key].discard(_place(address))


def _place(address: str | None) -> str:
    """Return what tells one place from another; "" where it is not known, which is nobody's place."""
    if not address:
        return ""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed.packed, _PREFIX_6), strict=False))
    return address
