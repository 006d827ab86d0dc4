"""A session that knows whose it is, so that all of a person's can be ended."""

import hashlib

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

# Characters of the column that Django gives the key: 160 bits of the digest, more than the key has.
_STORED_LENGTH = 40


def stored_key(key: str) -> str:
    """Return what the row of a session is stored under, of the `key` in its cookie.

    The key cannot be found from it: a reader of the database can take over no session (OWASP ASVS 7.2, 14.2). The key
    is random, so that a plain digest is enough, and a new SECRET_KEY ends no session by it.
    """
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:_STORED_LENGTH]


class Session(AbstractBaseSession):
    """Django's session row with its user: empty for visitors and half-finished log-ins.

    `session_key` is not the key in the browser's cookie but what `stored_key` makes of it.
    """

    # No constraint in the database: the row of a deleted user is worth nothing, and saving stays one statement.
    user_id = models.BigIntegerField(null=True, db_index=True)
    # Of a session that began with Care Identity: whose, and what it is called there. Care Identity ends it by these.
    care_identity_uid = models.CharField(max_length=12, blank=True, default="", db_index=True)
    care_identity_session = models.CharField(max_length=255, blank=True, default="", db_index=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("session")  # type: ignore[assignment]

    @classmethod
    def get_session_store_class(cls) -> type:
        """Return the store that writes these rows."""
        from accounts.session_store import SessionStore

        return SessionStore
