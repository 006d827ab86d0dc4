"""The session engine: Django's database sessions, with the user's id in a column of its own."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from accounts import proof, session_limits
from accounts.models.recovery_request import LINK_LASTS
from accounts.models.session import Session

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

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row for `data`, with its user."""
        row = cast("Session", super().create_model_instance(data))
        user_id = data.get(SESSION_KEY)
        row.user_id = int(user_id) if user_id is not None else None
        by = proof.of_session(session=data) if proof.KEY in data else None
        row.care_identity_uid, row.care_identity_session = (by.uid, by.session) if by else ("", "")
        return row

    def get_session_cookie_age(self) -> int:
        """Return how many seconds the row lasts: less for a visitor than for a person who is logged in."""
        if SESSION_KEY not in self:
            return int(VISITORS_AGE.total_seconds())
        if proof.KEY in self:
            return int(session_limits.CARE_IDENTITY.absolute.total_seconds())
        return settings.SESSION_COOKIE_AGE
