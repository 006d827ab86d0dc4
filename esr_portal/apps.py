"""The portal as a whole: its start-up checks, and what holds for each connection to the database."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Wiring. It has no models."""

    name = "esr_portal"
    verbose_name = "ESR Portal"

    def ready(self) -> None:
        """Import the checks, which registers them."""
        from esr_portal import checks  # noqa: F401
