"""The question whether a second step that was not used for weeks still works, before the day on which it is needed.

People inside a network that is exempt, in remembered browsers and with a Care Identity are not asked for theirs: they
would find out that a phone is gone when they stand outside. It is answered by using it.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import prepared
from accounts.models import Authenticator, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import events
from accounts.services.second_step import authenticators, passkeys, records

if TYPE_CHECKING:
    from django.db.models import QuerySet

ASK_AFTER = datetime.timedelta(days=28)

_USED, _LOST, _LATER = "used", "lost", "ask_next_time"


def _moments(pk: int) -> QuerySet[User, tuple[datetime.datetime | None, ...]]:
    """Return when a second step of a person was set up, app and passkey, and when each was last shown to work."""
    apps = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)
    keys = Passkey.objects.filter(user=OuterRef("pk"), confirmed=True)
    used = keys.filter(last_used_at__isnull=False).order_by("-last_used_at")
    return User.objects.filter(pk=pk).values_list(
        Subquery(apps.values("created_at")[:1]),
        Subquery(keys.order_by("-created_at").values("created_at")[:1]),
        Subquery(apps.values("last_used_at")[:1]),
        Subquery(used.values("last_used_at")[:1]),
        "second_step_record__shown_to_work_at",
    )


_MOMENTS = prepared.Select(_moments, pk=int)


def is_to_be_asked(*, user: User) -> bool:
    """Return whether `user`, who has just logged in, is to be asked. One query for a person who is not.

    A person who has only passkeys is not while these are switched off: they could not answer.
    """
    shown, long_ago = last_shown(user=user), timezone.now() - ASK_AFTER
    if shown is None or shown > long_ago or _answered(user, _LOST, since=long_ago):
        return False
    return passkeys.are_on() or Authenticator.objects.confirmed(user.pk).exists()


def may_wait(*, user: User) -> bool:
    """Return whether `user` may be asked at the next log-in instead: once, and from then on no more."""
    shown = last_shown(user=user)
    return shown is None or not _answered(user, _LATER, since=shown)


def use_code(*, user: User, code: str) -> str:
    """Answer the question by a code of `user`'s app. Returns and raises what `authenticators.check` does."""
    shown = authenticators.check(user=user, code=code)
    note_used(user=user)
    return shown


def note_used(*, user: User) -> None:
    """Note that `user` has answered by using a second step just now. Records SECOND_STEP_KEPT."""
    records.note_works(user)
    events.record(event=Event.SECOND_STEP_KEPT, user_id=user.pk, reason=_USED)


def note_lost(*, user: User) -> None:
    """Note that `user`, who was asked, says that it is lost: they are not asked for another ASK_AFTER.

    Records SECOND_STEP_KEPT, or nothing for a person who is not asked.
    """
    if is_to_be_asked(user=user):
        events.record(event=Event.SECOND_STEP_KEPT, user_id=user.pk, reason=_LOST)


def wait(*, user: User) -> None:
    """Note that `user`, who was asked, is to be asked at the next log-in instead, where they may wait.

    Records SECOND_STEP_KEPT, or nothing for a person who is not asked, or has waited.
    """
    if is_to_be_asked(user=user) and may_wait(user=user):
        events.record(event=Event.SECOND_STEP_KEPT, user_id=user.pk, reason=_LATER)


def _answered(user: User, answer: str, *, since: datetime.datetime) -> bool:
    answers = SecurityEvent.objects.filter(user=user, event=Event.SECOND_STEP_KEPT, reason=answer, at__gt=since)
    return answers.exists()


def last_shown(*, user: User) -> datetime.datetime | None:
    """Return when a second step of `user` last worked, or was set up where it was never used; None where none is."""
    moments = _MOMENTS.first(pk=user.pk)
    if moments is None:
        return None
    set_up_at = [at for at in moments[:2] if at is not None]
    return max([*set_up_at, *(at for at in moments[2:] if at is not None)]) if set_up_at else None
