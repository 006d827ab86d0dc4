"""Slots of the session: what the server remembers of a browser for a while, each under its own name for its own time.

What is half finished lies together in one entry of the session, so that it can be dropped at once without knowing what
it is: the next person at the same PC finds nothing of it (OWASP ASVS 7.2.4).
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Session = MutableMapping[str, Any]

HALF_FINISHED = "half_finished"


class Slot:
    """One thing that a session may remember. It is JSON, and there for `lasts` after it was kept.

    `entry` is the entry of the session that it lies in. `begun` says that the person can go on with it; what is only
    told to them afterwards is not.
    """

    def __init__(self, key: str, *, lasts: datetime.timedelta, entry: str = HALF_FINISHED, begun: bool = True) -> None:
        self._key = key
        self._lasts = lasts
        self._entry = entry
        self._begun = begun

    def keep(self, session: Session, value: Any) -> None:
        """Remember `value` in place of what was there."""
        kept = {"value": value, "until": (timezone.now() + self._lasts).timestamp(), "begun": self._begun}
        session[self._entry] = {**session.get(self._entry, {}), self._key: kept}

    def find(self, session: Session) -> Any:
        """Return what is remembered, or None where there is nothing any more."""
        kept = session.get(self._entry, {}).get(self._key)
        return kept["value"] if kept and timezone.now().timestamp() <= kept["until"] else None

    def ends_at(self, session: Session) -> datetime.datetime | None:
        """Return until when something is remembered, or None where nothing is."""
        kept = session.get(self._entry, {}).get(self._key)
        return datetime.datetime.fromtimestamp(kept["until"], tz=datetime.UTC) if kept else None

    def take(self, session: Session) -> Any:
        """Return what is remembered, or None, and forget it."""
        value = self.find(session)
        self.forget(session)
        return value

    def forget(self, session: Session) -> None:
        """Forget what is remembered. A session that remembers nothing here is not touched, and so not stored."""
        entry = session.get(self._entry, {})
        if self._key not in entry:
            return
        left = {key: kept for key, kept in entry.items() if key != self._key}
        if left:
            session[self._entry] = left
        else:
            del session[self._entry]


def holds_begun(session: Session) -> bool:
    """Return whether this browser is in the middle of something that is half finished."""
    now = timezone.now().timestamp()
    return any(kept.get("begun") and now <= kept["until"] for kept in session.get(HALF_FINISHED, {}).values())


def forget_half_finished(session: Session) -> None:
    """Forget all that is half finished in this browser."""
    session.pop(HALF_FINISHED, None)
