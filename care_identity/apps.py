"""The Care Identity app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareIdentityConfig(AppConfig):
    """Log-in with Care Identity."""

    name = "care_identity"
    verbose_name = _("Care Identity")

    def ready(self) -> None:
        """Import the checks, which registers them."""
        from care_identity import checks  # noqa: F401
