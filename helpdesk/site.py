"""The helpdesk's admin site."""

from django.contrib.admin import AdminSite


class HelpdeskAdminSite(AdminSite):
    """Django's admin, for people of the helpdesk alone."""
