"""The stand-in's one app."""

from django.apps import AppConfig


class StandInConfig(AppConfig):
    """Installed in the stand-in's own process; the portal has an app named care_identity already."""

    name = "demo.care_identity"
    label = "stand_in"

    def ready(self) -> None:
        """Fill the table of misbehaviours."""
        from demo.care_identity import misbehaviours  # noqa: F401
