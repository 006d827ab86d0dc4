"""Which notices are shown, and which of them a person has read, so that they fold away on My ESR."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone

from accounts import prepared, welsh_texts
from hub.models import Notice

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclasses.dataclass(frozen=True, slots=True)
class Notices:
    """The notices to show now: those that are new to a person, and those that were there when they last logged in."""

    new: tuple[ShownNotice, ...]
    read: tuple[ShownNotice, ...]


class ShownNotice(NamedTuple):
    """What a page shows of a notice. `in_english` is whether it is on a page in Welsh all the same."""

    kind: str
    title: str
    text: str
    in_english: bool


# With one of these changed it is as good as another notice, to those who are to read it.
_NEW_WITH = frozenset({"title", "text", "welsh_title", "welsh_text", "kind", "organisation", "shown_from"})
_FOR_VISITORS = prepared.Select(Notice.objects.for_visitors, now=datetime.datetime)
_FOR_PEOPLE = prepared.Select(Notice.objects.for_people_of, organisation=int, now=datetime.datetime)


def shown_now() -> tuple[ShownNotice, ...]:
    """Return the notices of the front page: planned downtime first, then the newest."""
    return tuple(map(_shown, _FOR_VISITORS.all(now=timezone.now())))


def for_person(*, organisation: int, last_here: datetime.datetime | None) -> Notices:
    """Return the notices to show to a person of the organisation with this key: everybody's, and its own.

    They logged in before at `last_here`, None where this is the first time. A log-in leads to My ESR, where each
    notice is. So the events tell what was read: in any browser, on a shared computer too, and without a row or a cookie
    for it.
    """
    new: list[ShownNotice] = []
    read: list[ShownNotice] = []
    for notice in _FOR_PEOPLE.all(organisation=organisation, now=timezone.now()):
        is_read = last_here is not None and _there_since(notice) <= last_here
        (read if is_read else new).append(_shown(notice))
    return Notices(new=tuple(new), read=tuple(read))


def save(*, notice: Notice, changed: Collection[str]) -> None:
    """Store a notice of which these fields were `changed`: with other words it is new to each person once more.

    So it is for other people, or from another time on, or where it had ended.
    """
    now = timezone.now()
    had_ended = "shown_until" in changed and Notice.objects.filter(pk=notice.pk, shown_until__lte=now).exists()
    if had_ended or not _NEW_WITH.isdisjoint(changed):
        notice.changed_at = now
    notice.save()


def _there_since(notice: Notice) -> datetime.datetime:
    """Return since when a notice has said on My ESR what it says: it may be written as shown from an earlier time."""
    return max(notice.shown_from, notice.changed_at or notice.shown_from)


def _shown(notice: Notice) -> ShownNotice:
    in_english = welsh_texts.is_shown_in_english(notice, "text")
    return ShownNotice(notice.kind, notice.shown_title, notice.shown_text, in_english)
