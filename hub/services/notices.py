"""Which notices a person has read, so that they fold away on My ESR."""

from __future__ import annotations

import dataclasses
import datetime

from django.utils import timezone

from accounts import prepared
from hub.models import Notice


@dataclasses.dataclass(frozen=True, slots=True)
class Notices:
    """The notices to show now: those that are new to a person, and those that were there when they last logged in."""

    new: list[Notice]
    read: list[Notice]


_SHOWN = prepared.Select(Notice.objects.shown_at, now=datetime.datetime)


def shown_now() -> list[Notice]:
    """Return the notices of the front page: planned downtime first, then the newest."""
    return _SHOWN.all(now=timezone.now())


def for_person(*, last_here: datetime.datetime | None) -> Notices:
    """Return the notices to show to a person who logged in before at `last_here`, None where this is the first time.

    A log-in leads to My ESR, where each notice is. So the events tell what was read: in any browser, on a shared
    computer too, and without a row or a cookie for it.
    """
    notices = shown_now()
    is_read = {notice.pk: last_here is not None and notice.shown_from <= last_here for notice in notices}
    return Notices(
        new=[notice for notice in notices if not is_read[notice.pk]],
        read=[notice for notice in notices if is_read[notice.pk]],
    )
