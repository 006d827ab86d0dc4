"""Asking to be let back in, and deciding it.

`ask` runs in the request and looks no person up, so its answer and its time are always the same. `decide` runs in the
worker. Source: OWASP Forgot Password Cheat Sheet.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import secrets
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.identifiers import keyed_digest, normalise_email
from accounts.models import RecoveryRequest, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import events, internet_access, outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

# OWASP Forgot Password Cheat Sheet (a limit for each account): so many requests for one email address send a mail in a
# day. Wrong dates of birth do not count once the mailbox was told, so that a stranger cannot use them up.
REQUESTS_A_DAY = 5
DAY = datetime.timedelta(hours=24)

# A person may quote a reference so long after; strangers can make rows, and they must not stay for ever.
REQUESTS_KEPT_FOR = datetime.timedelta(days=90)

# Crockford's base 32: no I, L, O or U, so that it can be read out on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP_LENGTH = 2, 4
# Two requests draw the same of 2^40 references once in a very long while; four times in a row they do not.
_DRAWS = 4
_TOOK_EFFECT = (Outcome.MAILED, Outcome.TOLD_WHY_NOT, Outcome.TOLD_DATE_DIFFERS)


class WhyNoLink(enum.StrEnum):
    """Why recovery gives a login no link. Only the mail says so, to the person."""

    NOT_ACTIVE = "not_active"
    ENDED = "ended"
    CARE_IDENTITY_ONLY = "care_identity_only"
    STARTS_LATER = "starts_later"


@dataclasses.dataclass(frozen=True, slots=True)
class MailsLeft:
    """How many more requests for an address send a mail before `until`, when the first of this day is a day old."""

    number: int
    until: datetime.datetime


def why_no_link(*, user: User) -> WhyNoLink | None:
    """Return why `user` can be given no link today, or None where one can."""
    if not user.is_active:
        return WhyNoLink.NOT_ACTIVE
    if user.has_ended():
        return WhyNoLink.ENDED
    if user.care_identity_only and internet_access.status(user=user) is not internet_access.Status.ON:
        return WhyNoLink.CARE_IDENTITY_ONLY
    if user.starts_later():
        return WhyNoLink.STARTS_LATER
    return None


def ask(*, email: str, date_of_birth: datetime.date) -> str:
    """Take a recovery form; return the reference that the person can quote, like "7K3M-9QXT".

    Writes the same rows for every input, and reads none. The worker calls `decide` for it. Raises IntegrityError where
    every reference drawn was taken.
    """
    address, draws_left = normalise_email(email), _DRAWS
    while True:
        draws_left -= 1
        try:
            return _ask(reference=_new_reference(), email=address, date_of_birth=date_of_birth)
        except IntegrityError:
            if not draws_left:
                raise


def email_digest(*, email: str) -> str:
    """Return what requests from an email address are kept under, for the helpdesk to find them by it."""
    return keyed_digest(purpose="recovery.email", value=normalise_email(email))


def mails_left(*, email: str) -> MailsLeft | None:
    """Return how many more requests for an address send a mail today, or None where none has sent one yet."""
    moments = _took_effect_today(email_digest(email=email)).order_by("decided_at").values_list("decided_at", flat=True)
    first, count = moments.first(), moments.count()
    return MailsLeft(number=max(REQUESTS_A_DAY - count, 0), until=first + DAY) if first else None


def _ask(*, reference: str, email: str, date_of_birth: datetime.date) -> str:
    with transaction.atomic():
        request = RecoveryRequest.objects.create(
            reference=reference,
            email=email,
            email_digest=email_digest(email=email),
            date_of_birth_digest=_date_digest(reference=reference, date_of_birth=date_of_birth),
        )
        outbox.add(kind=Kind.DECIDE_RECOVERY, about={"request": request.pk})
        events.record(event=Event.RECOVERY_REQUESTED, user_id=None, reference=reference)
    return reference


def decide(*, request_id: int) -> None:
    """Decide a request, add the mail it leads to, and erase the typed address and date, in one transaction.

    Decides once: a second call, after a worker was killed, does nothing.
    """
    with transaction.atomic():
        undecided = RecoveryRequest.objects.select_for_update().filter(decided_at__isnull=True)
        request = undecided.filter(pk=request_id).first()
        if request is None:
            return
        # Locked, so that two requests for one address are decided one after the other and the daily limits hold.
        # Spelt again: a process of the version before may have stored the request, during an upgrade.
        email = normalise_email(request.email)
        people = list(User.objects.select_for_update().filter(email=email).order_by("pk"))
        matching = [user for user in people if _is_born_on_date_of(request, user)]
        outcome = _outcome(request, people=people, matching=matching)
        _add_mail(request, outcome, people=people, matching=matching)
        for user in matching or people:
            events.record(
                event=Event.RECOVERY_DECIDED, user_id=user.pk, reason=outcome.value, reference=request.reference
            )
        request.outcome = outcome
        request.decided_at = timezone.now()
        request.email = request.date_of_birth_digest = ""
        request.save(update_fields=["outcome", "decided_at", "email", "date_of_birth_digest"])


def delete_old_requests() -> int:
    """Delete the requests that were decided REQUESTS_KEPT_FOR ago; return how many. Daily work."""
    deleted, _ = RecoveryRequest.objects.filter(decided_at__lt=timezone.now() - REQUESTS_KEPT_FOR).delete()
    return deleted


def send_by_helpdesk(*, user: User, by: User) -> None:
    """Send `user` alone the mail with username and link, to the address on record. `by` is the helpdesk's agent."""
    with transaction.atomic():
        outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk], "by_helpdesk": True})
        events.record(event=Event.RECOVERY_EMAIL_SENT_BY_HELPDESK, user_id=user.pk, by=by)


def _outcome(request: RecoveryRequest, *, people: Sequence[User], matching: Sequence[User]) -> Outcome:
    if not people:
        return Outcome.NO_MATCH
    today = _took_effect_today(request.email_digest)
    outcomes_today = list(today.values_list("outcome", flat=True)[:REQUESTS_A_DAY])
    if len(outcomes_today) >= REQUESTS_A_DAY:
        return Outcome.LIMITED
    if any(why_no_link(user=user) is None for user in matching):
        return Outcome.MAILED
    if matching:
        return Outcome.TOLD_WHY_NOT
    return Outcome.DATE_DIFFERS if Outcome.TOLD_DATE_DIFFERS in outcomes_today else Outcome.TOLD_DATE_DIFFERS


def _took_effect_today(digest: str) -> QuerySet[RecoveryRequest]:
    return RecoveryRequest.objects.filter(
        email_digest=digest, outcome__in=_TOOK_EFFECT, decided_at__gt=timezone.now() - DAY
    )


def _add_mail(request: RecoveryRequest, outcome: Outcome, *, people: Sequence[User], matching: Sequence[User]) -> None:
    """Add the mail that an outcome leads to, if any: one for all the logins it is about."""
    if outcome in {Outcome.MAILED, Outcome.TOLD_WHY_NOT}:
        outbox.add(kind=Kind.RECOVERY, about={"request": request.pk, "users": [user.pk for user in matching]})
    elif outcome == Outcome.TOLD_DATE_DIFFERS:
        users = [user.pk for user in people]
        outbox.add(kind=Kind.DATE_OF_BIRTH_DIFFERS, about={"request": request.pk, "users": users})


def _is_born_on_date_of(request: RecoveryRequest, user: User) -> bool:
    digest = _date_digest(reference=request.reference, date_of_birth=user.date_of_birth)
    return constant_time_compare(digest, request.date_of_birth_digest)


def _date_digest(*, reference: str, date_of_birth: datetime.date) -> str:
    """Return the keyed digest of a date of birth; with the reference in it, no two rows can be compared by it."""
    return keyed_digest(purpose="recovery.date_of_birth", value=f"{reference} {date_of_birth.isoformat()}")


def _new_reference() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
