"""A session that knows whose it is, so that all of a person's can be ended."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """Django's session row with its user: empty for visitors and half-finished log-ins."""

    # No constraint in the database: the row of a deleted user is worth nothing, and saving stays one statement.
    user_id = models.BigIntegerField(null=True, db_index=True)
    # Of a session that began with Care Identity: whose, and what it is called there. Care Identity ends it by these.
    care_identity_uid = models.CharField(max_length=12, blank=True, default="", db_index=True)
    care_identity_session = models.CharField(max_length=255, blank=True, default="", db_index=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls) -> type:
        """Return the store that writes these rows."""
        from accounts.session_store import SessionStore

        return SessionStore
