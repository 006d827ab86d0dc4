"""Answers of Care Identity that have let their person in."""

from django.db import models


class SpentState(models.Model):
    """The digest of the state of an answer that was taken, so that none is taken twice (OAuth 2.0 Security, 4.7)."""

    state_digest = models.CharField(max_length=64, primary_key=True)
    # After this the cookie that it belongs to is refused as old, and the row can go.
    kept_until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.state_digest
