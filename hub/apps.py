"""The hub app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HubConfig(AppConfig):
    """The public front page, help, notices, and the page you land on."""

    name = "hub"
    verbose_name = _("What people see")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Give the models their names."""
        from hub import field_names

        field_names.call_ours()
