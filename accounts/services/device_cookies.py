"""Which device cookies count: those made with the password of now, and of each person the newest five.

A device cookie buys its browser a counter of wrong passwords of its own (services/lockout.py). Without a limit each
log-in would add ten tries for the holder of a copy. Source: OWASP, "Slow Down Online Guessing Attacks with Device
Cookies"; docs/decisions/0024-a-hundred-wrong-in-a-row.md says why five and which.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import prepared
from accounts.identifiers import as_username
from accounts.models import DeviceCookie
from accounts.models.device_cookie import COUNTED
from accounts.services import log_in

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

# Beyond the longest leave; a browser that is not used for this long is a stranger again.
REMEMBERED_FOR = datetime.timedelta(days=400)


def counts(*, username: str, digest: str) -> bool:
    """Return whether the device cookie with this digest has a counter of its own for `username`."""
    return any(
        constant_time_compare(cookie.digest, digest)
        and constant_time_compare(cookie.password_digest, log_in.fingerprint(cookie.user))
        for cookie in _NEWEST_OF_NAME.all(username=as_username(username))
    )


def remember(*, user: User, digest: str, in_place_of: str = "") -> None:
    """Keep the device cookie of a browser in which `user`, as they were when they proved it, is logged in.

    `in_place_of` is the digest of the cookie that this browser had for them, or "": it ends, and copies of it with it.
    So do those that were made with another password, and the oldest beyond COUNTED.
    """
    password_digest = log_in.fingerprint(user)
    with transaction.atomic():
        prepared.insert(DeviceCookie(user=user, digest=digest, password_digest=password_digest))
        _END_OTHERS.run(user_id=user.pk, password_digest=password_digest, in_place_of=in_place_of)


def delete_old() -> int:
    """Delete the device cookies that no browser sends any more; return how many. Daily work."""
    deleted, _ = DeviceCookie.objects.filter(made_at__lte=timezone.now() - REMEMBERED_FOR).delete()
    return deleted


def _newest(cookies: QuerySet[DeviceCookie]) -> QuerySet[DeviceCookie]:
    """Return those of one person's cookies that count at most: log-ins at the same time may have added more."""
    return cookies.select_related("user").order_by("-made_at", "-pk")[:COUNTED]


def _ended(user_id: int, password_digest: str, in_place_of: str) -> QuerySet[DeviceCookie]:
    theirs = DeviceCookie.objects.filter(user=user_id)
    of_now = theirs.filter(password_digest=password_digest).exclude(digest=in_place_of)
    return theirs.exclude(pk__in=_newest(of_now).values("pk"))


_NEWEST_OF_NAME = prepared.Select(
    lambda username: _newest(DeviceCookie.objects.filter(user__username=username)), username=str
)
_END_OTHERS = prepared.Delete(_ended, user_id=int, password_digest=str, in_place_of=str)
