"""The helpdesk: the Django admin site, and what only the helpdesk does."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class HelpdeskConfig(AppConfig):
    """The helpdesk's own app."""

    name = "helpdesk"


class HelpdeskAdminConfig(AdminConfig):
    """Django's admin with our site in place of the stock one."""

    default_site = "helpdesk.site.HelpdeskAdminSite"
