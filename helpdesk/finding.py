"""Finding the person who calls, in the one box of the desk: a few people, those who were in last first.

`search` says who fits; here is who of them is shown, whether each can get in, and what to try where none fits. What is
said where none fits depends on what was typed alone, never on people whom the agent may not see (OWASP ASVS 8.2.2).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.browser import preferred_method
from accounts.models import CareIdentity, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.models.user import NotInForce
from accounts.services import internet_access
from accounts.services.recovery import looking_up
from helpdesk import lock_state, search, search_advice
from nhsuk.wording import spoken_time
from people.services import rights

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from accounts.models import Organisation
    from helpdesk.lock_state import LockState

# Few enough to be read out of the corner of an eye, with the caller on the telephone.
MOST_SHOWN = 10
# Of so many who fit the last log-ins are compared; each is one look into an index.
MOST_COMPARED = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """One person who fits, when they were last let in, and in two or three words whether they can get in now."""

    person: User
    last_log_in: datetime.datetime | None
    getting_in: str


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a search shows: some people, or else what to try next, in sentences."""

    found: tuple[Found, ...] = ()
    has_more: bool = False
    # Those who are shown are the last in of MOST_COMPARED, and others fit who may have been in later.
    has_too_many: bool = False
    advice: tuple[str, ...] = ()


def find(*, typed: str, by: User) -> Answer:
    """Return up to MOST_SHOWN people who fit `typed` among those whom the agent `by` looks after, the last in first.

    Where no person fits and `typed` is a recovery reference, the people whom that request was for. Looking up a
    reference is recorded.
    """
    if not typed.strip():
        return Answer()
    organisation = looks_after(by=by)
    people = User.objects.all() if organisation is None else User.objects.filter(organisation=organisation)
    # Without an order: PostgreSQL would read by name until it has met enough who fit.
    keys = list(search.fitting(people=people, typed=typed).order_by().values_list("pk", flat=True)[: MOST_COMPARED + 1])
    reference = "" if keys else _reference(typed)
    if reference:
        looking_up.record_look_up(typed=typed, by=by)
        keys = looking_up.people_of(references=[reference], organisation=organisation).get(reference, [])
    if keys:
        return Answer(
            found=_last_in_first(people, keys[:MOST_COMPARED]),
            has_more=len(keys) > MOST_SHOWN,
            has_too_many=len(keys) > MOST_COMPARED,
        )
    if reference and looking_up.was_received(reference=reference):
        return Answer(advice=(_of_a_request(organisation),))
    return Answer(advice=tuple(search_advice.what_next(typed=typed, sees_all=organisation is None)))


def looks_after(*, by: User) -> Organisation | None:
    """Return the organisation whose people the agent `by` looks after, or None for all of them."""
    return None if rights.is_operator(user=by) else by.organisation


def _reference(typed: str) -> str:
    """Return the reference that was typed, or "".

    Eight numbers are an ESR number, and eight letters a name, unless there is such a request: neither is recorded as a
    reference that was looked up.
    """
    reference = looking_up.reference_in(typed)
    is_mixed = any(c.isdigit() for c in reference) and any(c.isalpha() for c in reference)
    return reference if is_mixed or (reference and looking_up.was_received(reference=reference)) else ""


def _of_a_request(organisation: Organisation | None) -> str:
    if organisation is not None:
        return str(looking_up.RECEIVED)
    return _("There is a request with this reference, and nobody has the email address that was typed.")


def _last_in_first(people: QuerySet[User], keys: Collection[int]) -> tuple[Found, ...]:
    """Return the MOST_SHOWN of `people` with these primary keys who were let in last, then the others by name."""
    log_ins = SecurityEvent.objects.filter(event=Event.LOGGED_IN, user=OuterRef("pk")).order_by("-at")
    rows = people.filter(pk__in=keys).annotate(last_in=Subquery(log_ins.values("at")[:1]))
    ordered = rows.order_by(F("last_in").desc(nulls_last=True), "family_name", "given_name", "username")
    shown = list(ordered.select_related("organisation")[:MOST_SHOWN])
    words = getting_in(people=shown)
    return tuple(Found(person, person.last_in, words[person.pk]) for person in shown)


def getting_in(*, people: Sequence[User]) -> dict[int, str]:
    """Return in two or three words whether each can get in, by primary key, in two queries."""
    locks = lock_state.of_all(people=people)
    linked = set(CareIdentity.objects.filter(user__in=people).values_list("user_id", flat=True))
    return {person.pk: _in_words(person, locks[person.pk], has_card=person.pk in linked) for person in people}


def _in_words(person: User, locks: LockState, *, has_card: bool) -> str:
    match person.why_not_in_force():
        case NotInForce.NOT_ACTIVE:
            return _("Not active")
        case NotInForce.ENDED:
            return _("Ended")
        case NotInForce.STARTS_LATER:
            return _("Starts later")
    if person.has_usable_password():
        return _with_a_password(person, locks)
    if has_card and preferred_method.is_offered():
        return _("By smartcard")
    return _("No card linked") if internet_access.comes_by_card_alone(user=person) else _("No password yet")


def _with_a_password(person: User, locks: LockState) -> str:
    if person.password_is_frozen():
        return _("Password frozen")
    if person.is_dormant():
        return _("Password dormant")
    if locks.used_up:
        return _("Locked until unlocked")
    if locks.locked_until:
        return _("Locked until %(time)s") % {"time": spoken_time(locks.locked_until)}
    if person.must_change_password:
        return _("Must change password")
    return _("Yes") if internet_access.works_outside(user=person) else _("Own network only")
