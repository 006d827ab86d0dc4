"""The session engine: Django's database sessions, with the user's id in a column of its own.

The key of a session stands in the browser's cookie alone: rows are stored under a digest of it.
"""

from __future__ import annotations

import datetime
import secrets
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import IntegrityError
from django.utils import timezone

from accounts import prepared, proof, session_limits
from accounts.models.recovery_request import LINK_LASTS
from accounts.models.session import Session, stored_key

# A half-finished log-in or recovery, until the link that was opened ends: nothing in them is good for longer.
VISITORS_AGE = LINK_LASTS
# As long as Django makes the key of a session.
KEY_LENGTH = 32


_IN_FORCE = prepared.Select(
    lambda key, now: Session.objects.filter(pk=key, expire_date__gt=now), key=str, now=datetime.datetime
)
_DELETE = prepared.Delete(lambda key: Session.objects.filter(pk=key), key=str)
# What changes of a session that is stored.
_WRITTEN = ("session_data", "expire_date", "user_id", "care_identity_uid", "care_identity_session")
_UPDATE = prepared.Update(
    lambda key, **written: (Session.objects.filter(pk=key), written),
    key=str,
    session_data=str,
    expire_date=datetime.datetime,
    user_id=int,
    care_identity_uid=str,
    care_identity_session=str,
)
_RENAME = prepared.Update(
    lambda key, **written: (Session.objects.filter(pk=key), written),
    key=str,
    session_key=str,
    session_data=str,
    expire_date=datetime.datetime,
    user_id=int,
    care_identity_uid=str,
    care_identity_session=str,
)


class SessionStore(DatabaseSessionStore):
    """Keeps sessions in accounts.Session."""

    # Whether it has a key, and no row yet.
    _is_new = False
    # What this request has stored already.
    _written: bytes | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the rows."""
        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        """Return whether `key` may be one of ours: a cookie can hold what PostgreSQL takes for no text."""
        return key is not None and len(key) == KEY_LENGTH and set(key) <= set(VALID_KEY_CHARS)

    def _get_session_from_db(self) -> Session | None:
        """Return the row of this session; where there is none any more, forget the key."""
        row = _IN_FORCE.first(key=stored_key(self.session_key or ""), now=timezone.now())
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Return whether a session has this key."""
        return super().exists(stored_key(session_key))

    def create(self) -> None:
        """Take a new key. The row is stored when the session is saved: it is written once, with all that is in it.

        No other session has the key, which has 128 random bits (OWASP ASVS 7.2.3). So the database is not asked, and
        where it says that there is one after all, the log-in fails.
        """
        self._session_key = secrets.token_hex(KEY_LENGTH // 2)
        self._is_new = self.modified = True
        self._get_session(no_load=True)  # type: ignore[attr-defined]

    def cycle_key(self) -> None:
        """Go on under a new key: the row that is stored is given it in one statement, with all that is in it by now.

        So whatever ends the sessions of a person at this moment finds the row, before or after. Raises
        SessionInterrupted where that of a person who is logged in has ended since this request began, or has been given
        another key by another request: it is not made anew (OWASP ASVS 7.4). A visitor's is, who may press twice.
        """
        data, old, was_new = self._session, self.session_key, self._is_new  # type: ignore[attr-defined]
        self.create()
        self._session_cache = data
        if old is None or was_new or self._rename(old):
            return
        if SESSION_KEY not in data:
            self.save()
            return
        # Nothing is left to be saved when the request ends.
        self._session_key, self._is_new, self.modified = old, False, False
        raise SessionInterrupted

    def _rename(self, old: str) -> bool:
        """Store the session in the row that has the key `old`; return whether there is one."""
        data = self._get_session()  # type: ignore[attr-defined]
        row = self.create_model_instance(data)
        written = {name: getattr(row, name) for name in _WRITTEN}
        if not _RENAME.run(**written, session_key=row.session_key, key=stored_key(old)):
            return False
        self._is_new, self._written = False, self.serializer().dumps(data)
        return True

    def save(self, must_create: bool = False) -> None:
        """Store the session. Raises CreateError where a new one is there already, UpdateError where it has ended."""
        if self.session_key is None:
            self.create()
        is_new = must_create or self._is_new
        data = self._get_session(no_load=is_new)  # type: ignore[attr-defined]
        written = self.serializer().dumps(data)
        if written == self._written and not is_new:
            return
        row = self.create_model_instance(data)
        if is_new:
            self._insert(row)
        elif not _UPDATE.run(**{name: getattr(row, name) for name in _WRITTEN}, key=row.session_key):
            raise UpdateError
        self._is_new, self._written = False, written

    def _insert(self, row: Session) -> None:
        try:
            prepared.insert(row)
        except IntegrityError as error:
            raise CreateError from error

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            _DELETE.run(key=stored_key(key))

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
