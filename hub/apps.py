"""The hub app."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    """The public front page, help, notices, and the page you land on."""

    name = "hub"
    verbose_name = "What people see"
    default_auto_field = "django.db.models.BigAutoField"
