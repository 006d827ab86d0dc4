"""What the helpdesk may know of recovery requests, and that looking one up is recorded.

An agent can send the form too, with any address and date, and look up what came of it. So a request that is not for
people of their own organisation says no more than that it was received, and one that is says what came of it only as
long as no more dates were tried for the address than people need who mistype (OWASP ASVS 8.4.1, 14.2.6).
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, cast

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import RecoveryRequest, SecurityEvent, User
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import events
from accounts.services.recovery.slowing import DAY

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Organisation

# Requests for one address within a day of which each still says what came of it.
DATES_TOLD_APART = 3
# For so long a look-up that was recorded stands for its further pages.
LOOKS_GO_ON = datetime.timedelta(hours=1)

RECEIVED = gettext_lazy("Received. It is for no person of your organisation.")
MANY_DATES = gettext_lazy(
    "Received. There were more than %(number)s requests for this address within a day, so what came of each is not "
    "shown."
)

# To an agent in one sentence: whether the mailbox was told would tell which date was another organisation's person's.
DATE_DIFFERED = gettext_lazy("The date of birth did not match.")
_DATE_DIFFERS = (Outcome.TOLD_DATE_DIFFERS, Outcome.DATE_DIFFERS)
_MAILED = (Outcome.MAILED, Outcome.TOLD_WHY_NOT)

# The groups and letters of a reference, however they are typed.
_NOT_IN_A_REFERENCE = re.compile(r"[^0-9A-Z]")
_READ_AS = str.maketrans("OIL", "011")
_REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def requests(*, organisation: Organisation | None) -> QuerySet[RecoveryRequest]:
    """Return all requests, as `said` and `is_open` need them. `organisation` is the agent's; None is an operator."""
    return RecoveryRequest.objects.annotate(
        is_theirs=Value(value=True) if organisation is None else _is_for_people_of(organisation),
        outcome_theirs=F("outcome") if organisation is None else _outcome_for(organisation),
        to_operator=Value(value=organisation is None),
        many_dates=Exists(_others_of_that_day()[DATES_TOLD_APART : DATES_TOLD_APART + 1]),
    )


def is_open(request: RecoveryRequest) -> bool:
    """Return whether the agent that `requests` was called for may know what came of `request`, and when."""
    found = cast("_Annotated", request)
    return found.is_theirs and (not found.many_dates or found.outcome == Outcome.NO_MATCH)


def is_one_of_many(request: RecoveryRequest) -> bool:
    """Return whether `request` is for people of the organisation, and too many dates keep its outcome back."""
    return cast("_Annotated", request).is_theirs and not is_open(request)


def has_a_mail_to_tell_of(request: RecoveryRequest) -> bool:
    """Return whether the agent that `requests` was called for may know of the mail that `request` led to.

    Of a mail that says that the date of birth differed an agent may not: whether it was sent would tell which date was
    another organisation's person's.
    """
    return is_open(request) and (cast("_Annotated", request).to_operator or outcome_told(request) in _MAILED)


def outcome_told(request: RecoveryRequest) -> Outcome | None:
    """Return what came of `request` for the agent that `requests` was called for, or None where they may not know."""
    return Outcome(cast("_Annotated", request).outcome_theirs or Outcome.UNDECIDED) if is_open(request) else None


def said(request: RecoveryRequest) -> str:
    """Return what `request` says to the agent that `requests` was called for."""
    found, outcome = cast("_Annotated", request), outcome_told(request)
    if outcome is not None:
        return str(DATE_DIFFERED if outcome in _DATE_DIFFERS and not found.to_operator else outcome.label)
    return str(MANY_DATES) % {"number": DATES_TOLD_APART} if found.is_theirs else str(RECEIVED)


def readable_events(rows: QuerySet[SecurityEvent]) -> QuerySet[SecurityEvent]:
    """Return `rows` without those that say what came of a request, or that anything did, where the request does not."""
    many = RecoveryRequest.objects.filter(
        Exists(_others_of_that_day()[DATES_TOLD_APART : DATES_TOLD_APART + 1]), reference=OuterRef("reference")
    )
    return rows.exclude(Exists(many), event=Event.RECOVERY_DECIDED)


def people_of(*, references: Collection[str], organisation: Organisation | None) -> dict[str, list[int]]:
    """Return the primary keys of the people whom requests are for, by reference; None is every organisation's.

    They are all who have the address that was typed, whatever the date was: so they tell nothing of it.
    """
    found: dict[str, list[int]] = {}
    decided = SecurityEvent.objects.filter(
        event=Event.RECOVERY_DECIDED, reference__gt="", reference__in=references, user__isnull=False
    )
    waiting = RecoveryRequest.objects.filter(reference__in=references, outcome=Outcome.UNDECIDED)
    emails = dict(waiting.values_list("reference", "email"))
    people = User.objects.filter(email__in=set(emails.values()))
    if organisation is not None:
        decided, people = decided.filter(user__organisation=organisation), people.filter(organisation=organisation)
    for reference, key in decided.order_by("pk").values_list("reference", "user_id"):
        found.setdefault(reference, []).append(key)
    if emails:
        by_email: dict[str, list[int]] = {}
        for key, email in people.order_by("pk").values_list("pk", "email"):
            by_email.setdefault(email, []).append(key)
        found |= {reference: by_email[email] for reference, email in emails.items() if email in by_email}
    return found


def of_late(*, organisation: Organisation | None, since: datetime.datetime, most: int) -> list[RecoveryRequest]:
    """Return the newest `most` requests after `since` for people of an organisation (None: all), as `requests` does.

    The newest are chosen first, by indexes, so that it takes no longer where millions of events are kept.
    """
    if organisation is None:
        chosen = requests(organisation=None).filter(created_at__gt=since)
        return list(chosen.order_by("-pk")[:most])
    decided = SecurityEvent.objects.filter(
        event=Event.RECOVERY_DECIDED, at__gt=since, user__organisation=organisation
    ).order_by("-at")
    # A request for a shared mailbox has an event for each who has it.
    references = set(decided.values_list("reference", flat=True)[: most * 3])
    theirs = Exists(User.objects.filter(organisation=organisation, email=OuterRef("email")))
    waiting = RecoveryRequest.objects.filter(theirs, decided_at__isnull=True, outcome="", created_at__gt=since)
    references |= set(waiting.order_by().values_list("reference", flat=True)[:most])
    chosen = requests(organisation=organisation).filter(reference__in=references, created_at__gt=since)
    return list(chosen.order_by("-pk")[:most])


def was_received(*, reference: str) -> bool:
    """Return whether there is a request with this reference, of whichever organisation."""
    return RecoveryRequest.objects.filter(reference=reference).exists()


def reference_in(typed: str) -> str:
    """Return the reference that was typed, as it is stored ("7K3M-9QXT"), or "" where that is none.

    A letter that no reference has is read as the number that it looks like, as Crockford's base 32 says; among letters
    alone it is a letter of a name.
    """
    letters = _NOT_IN_A_REFERENCE.sub("", typed.upper())
    if any(letter.isdigit() for letter in letters):
        letters = letters.translate(_READ_AS)
    reference = f"{letters[:4]}-{letters[4:]}"
    return reference if _REFERENCE.fullmatch(reference) else ""


def record_look_up(*, typed: str, by: User, goes_on: bool = False) -> None:
    """Record that the agent `by` looks up a request by a reference or by a whole address. Anything else is no look-up.

    The address is not kept. Where it `goes_on`, as with a further page, a look-up that was recorded within LOOKS_GO_ON
    stands for it.
    """
    reference = reference_in(typed)
    if goes_on and reference and _was_looked_up(reference=reference, by=by):
        return
    if "@" in typed:
        events.record(event=Event.RECOVERY_LOOKED_UP, user_id=None, by=by, reason="by_address")
    elif reference:
        events.record(event=Event.RECOVERY_LOOKED_UP, user_id=None, by=by, reason="by_reference", reference=reference)


def _was_looked_up(*, reference: str, by: User) -> bool:
    lately = SecurityEvent.objects.filter(reference=reference, at__gte=timezone.now() - LOOKS_GO_ON)
    return lately.filter(event=Event.RECOVERY_LOOKED_UP, by=by).exists()


class _Annotated(RecoveryRequest):
    """A request as `requests` returns it, for the type checker alone."""

    is_theirs: bool
    many_dates: bool
    outcome_theirs: str | None
    to_operator: bool

    class Meta:
        abstract = True


def _is_for_people_of(organisation: Organisation) -> Q:
    people = User.objects.filter(organisation=organisation, email=OuterRef("email"))
    # That one waits may not tell it from those that were decided, so it has to be known whose it is before that.
    return ExpressionWrapper(
        Exists(_decided_for(organisation)) | (Q(outcome=Outcome.UNDECIDED) & Exists(people)),
        output_field=BooleanField(),
    )  # type: ignore[return-value]


def _decided_for(organisation: Organisation) -> QuerySet[SecurityEvent]:
    """Return what was decided of one request for people of an organisation. PostgreSQL's index has no empty one."""
    return SecurityEvent.objects.filter(
        event=Event.RECOVERY_DECIDED,
        reference__gt="",
        reference=OuterRef("reference"),
        user__organisation=organisation,
    )


def _outcome_for(organisation: Organisation) -> Subquery:
    """Return what came of a request for people of an organisation: of several, for the one whose date was right."""
    differs_last = Case(When(reason__in=_DATE_DIFFERS, then=1), default=0)
    return Subquery(_decided_for(organisation).order_by(differs_last, "pk").values("reason")[:1])


def _others_of_that_day() -> QuerySet[RecoveryRequest]:
    """Return the requests for the same address within a day of one, itself among them."""
    return RecoveryRequest.objects.filter(
        email_digest=OuterRef("email_digest"),
        created_at__gt=OuterRef("created_at") - DAY,
        created_at__lt=OuterRef("created_at") + DAY,
    ).order_by()
