"""The demo app: made-up people, and an inbox for their mail."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Installed with DEMO=1 only."""

    name = "demo"

    def ready(self) -> None:
        """Import the checks, which registers them."""
        from demo import checks  # noqa: F401
