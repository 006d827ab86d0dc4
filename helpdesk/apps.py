"""The helpdesk: the Django admin site, and what only the helpdesk does."""

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class HelpdeskConfig(AppConfig):
    """The helpdesk's own app."""

    name = "helpdesk"

    def ready(self) -> None:
        """Register what the admin offers."""
        from helpdesk import admin  # noqa: F401  (importing registers it)


class HelpdeskAdminConfig(SimpleAdminConfig):
    """Django's admin with our site in place of the stock one.

    It finds no admin pages by itself: the libraries bring some of their own, one for the secrets of second steps.
    """

    default = False
    default_site = "helpdesk.site.HelpdeskAdminSite"
