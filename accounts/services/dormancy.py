"""Dormancy: a password that was not used for so long lets in no more, until its person wakes it (decision 53).

Each organisation says after how many days without a log-in, by whatever way; none, where it says nothing. The person is
warned twice by mail before. From then on a right password is answered like a wrong one. A new password by recovery
wakes it, or a log-in with Care Identity or a passkey: no call is needed.

No log-in writes for this. The daily work finds who was not in for long, by the events of log-ins, of which the newest
of each person is kept for six years. A log-in reads one column more of the row that it reads anyway.
"""

from __future__ import annotations

import datetime
import functools
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet

# How many days before a password becomes dormant its person is warned, and warned again.
FIRST_WARNING, SECOND_WARNING = 30, 7
# So many days after it was sent a warning is void, and comes anew: the number of its organisation was raised since, or
# was none for a while, or the person was kept out. What it said is long over.
FIRST_IS_GOOD_FOR, SECOND_IS_GOOD_FOR = 2 * FIRST_WARNING, 2 * SECOND_WARNING
# Of a person who goes from one account of theirs to another, both accounts have been used.
_IN = (Event.LOGGED_IN, Event.ACCOUNT_SWITCHED)
# People in one transaction, so that no other work waits for long.
_AT_ONCE = 500


def warn() -> int:
    """Warn those whose password is dormant in FIRST_WARNING, or in SECOND_WARNING; return how many. Daily work.

    Where the work was not done for a while, or an organisation has just begun with dormancy, both warnings and the
    time between them come all the same: what was missed makes the password dormant later, never without a warning.
    """
    return sum(_warn_first(each) + _warn_again(each) for each in _organisations())


def make_dormant() -> int:
    """Make the passwords dormant whose person was warned twice and did not come; return how many. Daily work."""
    return sum(_in_batches(functools.partial(_to_make_dormant, each), _make_dormant) for each in _organisations())


def wake(*, user: User, by_way: str) -> None:
    """Let the password of `user` let them in again. They came `by_way` of what a guesser of passwords has not.

    Does nothing where it is not dormant. Records WOKEN.
    """
    if not user.is_dormant():
        return
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, dormant_since__isnull=False).update(dormant_since=None):
            events.record(event=Event.WOKEN, user_id=user.pk, reason=by_way)
    user.dormant_since = None


def dormant_on(*, user: User) -> datetime.date | None:
    """Return the day on which the password of `user`, who was warned, becomes dormant if they do not log in.

    None where the warning is void: they were in since, it is too old, the password is dormant already, or none ever
    will be.
    """
    days, warned, again = (
        user.organisation.dormant_after_days,
        user.dormancy_warned_at,
        user.dormancy_warned_again_at,
    )
    last = _last_in(user)
    if days is None or warned is None or user.is_dormant() or not user.may_enter():
        return None
    if warned < max(last, _end_of_day(FIRST_IS_GOOD_FOR)):
        return None
    counts = again is not None and again > warned and again >= _end_of_day(SECOND_IS_GOOD_FOR)
    by_warning = _day(again, SECOND_WARNING) if again is not None and counts else _day(warned, FIRST_WARNING)
    return max(_day(last, days), by_warning)


def _organisations() -> QuerySet[Organisation]:
    return Organisation.objects.filter(dormant_after_days__isnull=False).order_by("pk")


def _day(moment: datetime.datetime, days: int) -> datetime.date:
    """Return the day that is so many days after a moment's."""
    return timezone.localdate(moment) + datetime.timedelta(days=days)


def _end_of_day(days: int) -> datetime.datetime:
    """Return the end of the day that was so many days ago.

    Days are counted, not hours: the daily work does not begin in the same second each day.
    """
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return timezone.make_aware(midnight - datetime.timedelta(days=days - 1))


def _idle_for(organisation: Organisation, *, but: int = 0) -> QuerySet[User]:
    """Return the people of an organisation whose password is dormant in `but` days, by their log-ins alone.

    Only those who may enter: a person who has left or is switched off is kept out already. Without a password there is
    none to become dormant.
    """
    since, today = _end_of_day((organisation.dormant_after_days or 0) - but), timezone.localdate()
    lately = SecurityEvent.objects.filter(user=OuterRef("pk"), event__in=_IN, at__gte=since)
    return (
        User.objects.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lt=since.date()),
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            Q(password_changed_at__isnull=True) | Q(password_changed_at__lt=since),
            organisation=organisation,
            is_active=True,
            dormant_since__isnull=True,
            created_at__lt=since,
        )
        .exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .exclude(Exists(lately))
        .order_by("pk")
    )


def _was_in_since(field: str) -> Q:
    """Return whether a person logged in, or got a new password, after the moment in `field`."""
    later = SecurityEvent.objects.filter(user=OuterRef("pk"), event__in=_IN, at__gt=OuterRef(field))
    return Q(Exists(later)) | Q(password_changed_at__gt=F(field))


def _to_warn_first(organisation: Organisation) -> QuerySet[User]:
    is_void = Q(dormancy_warned_at__lt=_end_of_day(FIRST_IS_GOOD_FOR)) | _was_in_since("dormancy_warned_at")
    return _idle_for(organisation, but=FIRST_WARNING).filter(Q(dormancy_warned_at__isnull=True) | is_void)


def _to_warn_again(organisation: Organisation) -> QuerySet[User]:
    is_warned_once = Q(dormancy_warned_again_at__isnull=True) | Q(dormancy_warned_again_at__lt=F("dormancy_warned_at"))
    is_void = Q(dormancy_warned_again_at__lt=_end_of_day(SECOND_IS_GOOD_FOR))
    return (
        _idle_for(organisation, but=SECOND_WARNING)
        .filter(
            is_warned_once | is_void,
            dormancy_warned_at__lt=_end_of_day(FIRST_WARNING - SECOND_WARNING),
            dormancy_warned_at__gte=_end_of_day(FIRST_IS_GOOD_FOR),
        )
        .exclude(_was_in_since("dormancy_warned_at"))
    )


def _to_make_dormant(organisation: Organisation) -> QuerySet[User]:
    return (
        _idle_for(organisation)
        .filter(
            dormancy_warned_at__gte=_end_of_day(FIRST_IS_GOOD_FOR),
            dormancy_warned_again_at__lt=_end_of_day(SECOND_WARNING),
            dormancy_warned_again_at__gte=_end_of_day(SECOND_IS_GOOD_FOR),
            dormancy_warned_again_at__gt=F("dormancy_warned_at"),
        )
        .exclude(_was_in_since("dormancy_warned_at"))
    )


def _warn_first(organisation: Organisation) -> int:
    return _in_batches(lambda: _to_warn_first(organisation), lambda keys: _mail(keys, "dormancy_warned_at"))


def _warn_again(organisation: Organisation) -> int:
    return _in_batches(lambda: _to_warn_again(organisation), lambda keys: _mail(keys, "dormancy_warned_again_at"))


def _in_batches(wanted: Callable[[], QuerySet[User]], do: Callable[[Sequence[int]], None]) -> int:
    """Do something to the people who are wanted, some at a time, each once; return how many.

    In the order of their keys, so that no row is looked at twice. Their rows are locked: a second run at the same time
    waits, and finds them done.
    """
    done, last = 0, 0
    while True:
        with transaction.atomic():
            locked = wanted().filter(pk__gt=last).select_for_update(of=("self",))
            keys = list(locked.values_list("pk", flat=True)[:_AT_ONCE])
            if not keys:
                return done
            do(keys)
            done, last = done + len(keys), keys[-1]


def _mail(keys: Sequence[int], moment: str) -> None:
    User.objects.filter(pk__in=keys).update(**{moment: timezone.now()})
    outbox.add_many(kind=Kind.DORMANT_SOON, about=({"users": [key]} for key in keys))


def _make_dormant(keys: Sequence[int]) -> None:
    User.objects.filter(pk__in=keys).update(dormant_since=timezone.now())
    events.record_many(event=Event.BECAME_DORMANT, about=((key, "") for key in keys))


def _last_in(user: User) -> datetime.datetime:
    """Return when `user` last showed that the account is theirs, or since when it has been there for them."""
    log_in = user.security_events.filter(event__in=_IN).order_by("-at").values_list("at", flat=True).first()
    return max(moment for moment in (log_in, user.password_changed_at, user.created_at) if moment is not None)
