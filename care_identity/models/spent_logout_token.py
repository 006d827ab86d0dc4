"""Log-out messages of Care Identity that have been acted on."""

from django.db import models


class SpentLogoutToken(models.Model):
    """The digest of a logout token's `jti`, so that none is taken twice (OpenID Connect Back-Channel Logout, 2.6)."""

    jti_digest = models.CharField(max_length=64, primary_key=True)
    # After this the token itself is refused as old, and the row can go.
    kept_until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti_digest
