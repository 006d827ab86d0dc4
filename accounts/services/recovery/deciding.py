"""Deciding a request to be let back in, in a worker, where the browser learns nothing.

Source: OWASP Forgot Password Cheat Sheet.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.identifiers import normalise_email
from accounts.models import RecoveryRequest, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.models.user import NotInForce
from accounts.services import events, internet_access, leaving, outbox
from accounts.services.recovery import slowing
from accounts.services.recovery.asking import date_digest, earlier_date_digests, email_digests
from accounts.services.recovery.slowing import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

# OWASP Forgot Password Cheat Sheet (a limit for each account): so many requests for one email address send a mail in a
# day. Wrong dates of birth do not count once the mailbox was told, so that a stranger cannot use them up.
REQUESTS_A_DAY = 5
# So that no agent can fill a mailbox either. They do not count among the five of the form: the helpdesk's is the way
# that is left where those are used up.
MAILS_BY_HELPDESK_A_DAY = 5

_TOOK_EFFECT = (Outcome.MAILED, Outcome.TOLD_WHY_NOT, Outcome.TOLD_DATE_DIFFERS)


class WhyNoLink(enum.StrEnum):
    """Why recovery gives a login no link. Only the mail says so, to the person."""

    NOT_ACTIVE = NotInForce.NOT_ACTIVE
    ENDED = NotInForce.ENDED
    CARE_IDENTITY_ONLY = "care_identity_only"
    STARTS_LATER = NotInForce.STARTS_LATER
    # The helpdesk has changed the address lately, and no second agent has confirmed it.
    HELD = "held"


class TooManyMails(Exception):
    """The helpdesk has sent a person as many recovery mails as it may in a day; the next may go at `until`."""

    def __init__(self, *, until: datetime.datetime) -> None:
        super().__init__()
        self.until = until


@dataclasses.dataclass(frozen=True, slots=True)
class MailsLeft:
    """How many more requests for an address send a mail before `until`, when the first of this day is a day old."""

    number: int
    until: datetime.datetime


def why_no_link(*, user: User) -> WhyNoLink | None:
    """Return why `user` can be given no link today, or None where one can."""
    why = user.why_not_in_force()
    if internet_access.comes_by_card_alone(user=user) and why in {None, NotInForce.STARTS_LATER}:
        return WhyNoLink.CARE_IDENTITY_ONLY
    if why is None and user.links_are_held():
        return WhyNoLink.HELD
    return WhyNoLink(why) if why else None


def mails_left(*, email: str) -> MailsLeft | None:
    """Return how many more requests for an address send a mail today, or None where none has sent one yet."""
    moments = _took_effect_today(email).order_by("decided_at").values_list("decided_at", flat=True)
    first, count = moments.first(), moments.count()
    return MailsLeft(number=max(REQUESTS_A_DAY - count, 0), until=first + DAY) if first else None


def decide(*, request_id: int) -> datetime.datetime | None:
    """Decide a request, add the mail it leads to, and erase what was typed and its network, in one transaction.

    Returns None, or when to call again where the request has to wait (`slowing`). Where another for the same address
    has waited longer, that one is decided. Decides once: a second call, after a worker was killed, does nothing.
    """
    with transaction.atomic():
        request = RecoveryRequest.objects.filter(pk=request_id, decided_at__isnull=True).first()
        if request is None:
            return None
        # Locked, so that two requests for one address are decided one after the other and the limits hold. People
        # first and requests second, because the request that is decided may be another worker's.
        # Spelt again: a process of the version before may have stored the request, during an upgrade.
        email = normalise_email(request.email)
        people = _lock_all(email)
        if not people:
            _close(request, Outcome.NO_MATCH, people=[], matching=[])
            return None
        request = RecoveryRequest.objects.select_for_update().filter(pk=request_id, decided_at__isnull=True).first()
        if request is None:
            return None
        if _took_effect_today(email).count() >= REQUESTS_A_DAY:
            _close(request, Outcome.LIMITED, people=people, matching=[])
            return None
        return _decide_in_turn(request, people)


def _lock_all(email: str) -> list[User]:
    """Lock and return the people with this address on record, and the leavers whose personal one it is."""
    leavers = leaving.keys_of_leavers(email=email)
    theirs = Q(email=email) | Q(pk__in=leavers) if leavers else Q(email=email)
    return list(User.objects.select_for_update().filter(theirs).order_by("pk"))


def send_by_helpdesk(*, user: User, by: User) -> None:
    """Send `user` alone the mail with username and link, to the address on record. `by` is the helpdesk's agent.

    Raises TooManyMails where the helpdesk has sent them MAILS_BY_HELPDESK_A_DAY in the last 24 hours.
    """
    with transaction.atomic():
        # Locked, so that two agents at once keep the limit.
        User.objects.select_for_update().get(pk=user.pk)
        sent = user.security_events.filter(
            event=Event.RECOVERY_EMAIL_SENT_BY_HELPDESK, at__gt=timezone.now() - DAY
        ).order_by("-at")
        moments = list(sent.values_list("at", flat=True)[:MAILS_BY_HELPDESK_A_DAY])
        if len(moments) == MAILS_BY_HELPDESK_A_DAY:
            raise TooManyMails(until=moments[-1] + DAY)
        outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk], "by_helpdesk": True})
        events.record(event=Event.RECOVERY_EMAIL_SENT_BY_HELPDESK, user_id=user.pk, by=by)


def _decide_in_turn(request: RecoveryRequest, people: Sequence[User]) -> datetime.datetime | None:
    """Compare the date of a request for an address with people, or of the one that is first; or let it wait."""
    next_decision = slowing.next_decision(request)
    if next_decision is None:
        _compare(request, people)
        return None
    if next_decision > timezone.now():
        if slowing.has_waited_too_long(request):
            _close(request, Outcome.LIMITED, people=people, matching=[])
            return None
        slowing.take_place_of_older(request)
        _supersede(slowing.older_from_its_network(request), people)
        return slowing.no_later_than_its_end(request, next_decision)
    first = slowing.first_in_turn(request)
    _compare(first, people)
    _supersede(slowing.older_from_its_network(first), people)
    still_waits = RecoveryRequest.objects.filter(pk=request.pk, decided_at__isnull=True).exists()
    if not still_waits:
        return None
    return slowing.no_later_than_its_end(request, timezone.now() + slowing.ONE_DECISION_EVERY)


def _compare(request: RecoveryRequest, people: Sequence[User]) -> None:
    """Decide a request by its date of birth."""
    matching = [user for user in people if _is_born_on_date_of(request, user)]
    if any(why_no_link(user=user) is None for user in matching):
        outcome = Outcome.MAILED
    elif matching:
        outcome = Outcome.TOLD_WHY_NOT
    elif _took_effect_today(request.email).filter(outcome=Outcome.TOLD_DATE_DIFFERS).exists():
        outcome = Outcome.DATE_DIFFERS
    else:
        outcome = Outcome.TOLD_DATE_DIFFERS
    _add_mail(request, outcome, people=people, matching=matching)
    _close(request, outcome, people=people, matching=matching)


def _close(request: RecoveryRequest, outcome: Outcome, *, people: Sequence[User], matching: Sequence[User]) -> None:
    """Write an outcome down, for the people it is about, and erase what the request needed until now."""
    for user in people:
        # Each organisation learns of its own people alone: a date that is another person's at the address is as wrong.
        # Whether the mailbox was told stays out of it: it would tell the two apart.
        differs = outcome is Outcome.TOLD_DATE_DIFFERS or (matching and user not in matching)
        theirs = Outcome.DATE_DIFFERS if differs else outcome
        events.record(event=Event.RECOVERY_DECIDED, user_id=user.pk, reason=theirs.value, reference=request.reference)
    RecoveryRequest.objects.filter(pk=request.pk).update(**_closed(outcome))


def _supersede(requests: QuerySet[RecoveryRequest], people: Sequence[User]) -> None:
    """Close requests for the address of `people` that have a newer one in their place.

    In few statements: a burst can make thousands of them.
    """
    references = dict(requests.values_list("pk", "reference"))
    events.record_many(
        event=Event.RECOVERY_DECIDED,
        about=((user.pk, Outcome.SUPERSEDED.value, each) for each in references.values() for user in people),
    )
    RecoveryRequest.objects.filter(pk__in=references).update(**_closed(Outcome.SUPERSEDED))


def _closed(outcome: Outcome) -> dict[str, object]:
    return {
        "outcome": outcome,
        "decided_at": timezone.now(),
        "email": "",
        "date_of_birth_digest": "",
        "network": "",
    }


def _took_effect_today(email: str) -> QuerySet[RecoveryRequest]:
    # Under the key of before too: a day's limit does not begin anew with a new one.
    return RecoveryRequest.objects.filter(
        email_digest__in=email_digests(email=email), outcome__in=_TOOK_EFFECT, decided_at__gt=timezone.now() - DAY
    )


def _add_mail(request: RecoveryRequest, outcome: Outcome, *, people: Sequence[User], matching: Sequence[User]) -> None:
    """Add the mail that an outcome leads to, if any: one for all the logins it is about, and one for each leaver.

    Leavers are those who typed their personal address, which is no way in: no mail to it has a link for a password.
    Each is in the language of the page on which it was asked for.
    """
    told = matching if outcome in {Outcome.MAILED, Outcome.TOLD_WHY_NOT} else people
    asked = {"request": request.pk, **outbox.asked_in(request.language)}
    on_record, leavers = _apart(told, email=normalise_email(request.email))
    if outcome in {Outcome.MAILED, Outcome.TOLD_WHY_NOT}:
        if on_record:
            outbox.add(kind=Kind.RECOVERY, about={**asked, "users": on_record})
        leaving.tell(asked=asked, users=leavers)
    elif outcome == Outcome.TOLD_DATE_DIFFERS:
        about = {**asked, "users": on_record}
        if not on_record:
            about |= {"users": [user.pk for user in leavers], "to_personal": True}
        outbox.add(kind=Kind.DATE_OF_BIRTH_DIFFERS, about=about)


def _apart(people: Sequence[User], *, email: str) -> tuple[list[int], list[User]]:
    """Return the keys of those whose address on record is meant, and the leavers whose personal one it is."""
    keys = set(leaving.keys_of_leavers(email=email))
    return [user.pk for user in people if user.pk not in keys], [user for user in people if user.pk in keys]


def _is_born_on_date_of(request: RecoveryRequest, user: User) -> bool:
    reference, date = request.reference, user.date_of_birth
    digests = [
        date_digest(reference=reference, date_of_birth=date),
        *earlier_date_digests(reference=reference, date_of_birth=date),
    ]
    return any(constant_time_compare(digest, request.date_of_birth_digest) for digest in digests)
