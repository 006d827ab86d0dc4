"""The portal as a whole: its start-up checks, and what holds for each connection to the database."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Wiring. It has no models."""

    name = "esr_portal"
    verbose_name = _("ESR Portal")

    def ready(self) -> None:
        """Import the checks, which registers them, and look after the files of databases."""
        from esr_portal import checks, connections  # noqa: F401

        connections.keep_files_private()
