"""The portal as a whole: its start-up checks, and what holds for each connection to the database."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Wiring. It has no models."""

    name = "esr_portal"
    verbose_name = _("ESR Portal")

    def ready(self) -> None:
        """Import the checks, which registers them, and look after the files of databases. What loading is, is over."""
        from esr_portal import checks, connections, loading  # noqa: F401

        connections.keep_files_private()
        loading.end()
