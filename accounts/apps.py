"""The accounts app: a person's way in with a username and password."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Register the start-up checks with the app, and name its models."""

    name = "accounts"
    verbose_name = _("People and access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the checks, which registers them, and give the models their names."""
        from accounts import checks, field_names  # noqa: F401

        field_names.call_ours()
