"""The hub app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HubConfig(AppConfig):
    """The public front page, help, notices, and the page you land on."""

    name = "hub"
    verbose_name = _("What people see")
    default_auto_field = "django.db.models.BigAutoField"
