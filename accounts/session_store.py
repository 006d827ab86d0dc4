"""The session engine: Django's database sessions, with the user's id in a column of its own.

The key of a session stands in the browser's cookie alone: rows are stored under a digest of it.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone

from accounts import proof, session_limits
from accounts.models.recovery_request import LINK_LASTS
from accounts.models.session import Session, stored_key

# A half-finished log-in or recovery, until the link that was opened ends: nothing in them is good for longer.
VISITORS_AGE = LINK_LASTS
# As long as Django makes the key of a session.
KEY_LENGTH = 32


class SessionStore(DatabaseSessionStore):
    """Keeps sessions in accounts.Session."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the rows."""
        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        """Return whether `key` may be one of ours: a cookie can hold what PostgreSQL takes for no text."""
        return key is not None and len(key) == KEY_LENGTH and set(key) <= set(VALID_KEY_CHARS)

    def _get_session_from_db(self) -> Session | None:
        """Return the row of this session; where there is none any more, forget the key."""
        row = Session.objects.filter(pk=stored_key(self.session_key or ""), expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Return whether a session has this key."""
        return super().exists(stored_key(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row for `data`, with its user."""
        row = cast("Session", super().create_model_instance(data))
        row.session_key = stored_key(row.session_key)
        user_id = data.get(SESSION_KEY)
        row.user_id = int(user_id) if user_id is not None else None
        by = proof.of_session(session=data) if proof.KEY in data else None
        row.care_identity_uid, row.care_identity_session = (by.uid, by.session) if by else ("", "")
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        """Refuse: Django's own would store the key, and the portal is served by threads. Raises RuntimeError."""
        raise RuntimeError

    def get_session_cookie_age(self) -> int:
        """Return how many seconds the row lasts: less for a visitor than for a person who is logged in."""
        if SESSION_KEY not in self:
            return int(VISITORS_AGE.total_seconds())
        if proof.KEY in self:
            return int(session_limits.CARE_IDENTITY.absolute.total_seconds())
        return settings.SESSION_COOKIE_AGE
