"""The applications that an organisation offers its people on My ESR."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.admin.base import HelpdeskAdmin, agent
from helpdesk.admin.filters import OrganisationFilter
from helpdesk.unchanged_stays import UnchangedStays
from hub.models import Application
from people.services import rights


@admin.register(Application)
class ApplicationAdmin(HelpdeskAdmin):
    """Agents and administrators add, change and delete those of their own organisation; auditors read them."""

    organisation_path = "organisation"
    list_display = ("name_shown", "organisation", "address", "position")
    list_select_related = ("organisation",)
    operators_lookups = frozenset({OrganisationFilter.parameter_name})
    search_fields = ("name", "welsh_name", "address")
    search_help_text = _("A part of the name or of the web address.")
    form = UnchangedStays
    fields = ("organisation", "name", "welsh_name", "address", "description", "welsh_description", "position")

    @admin.display(description=_("name"), ordering="name")
    def name_shown(self, application: Application) -> str:
        """Return its name in the language of the page."""
        return application.shown_name

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        """Return the choice of organisations, which operators alone have."""
        return (OrganisationFilter,) if self.is_operator(request) else ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the reader keeps applications: the form offers their own organisation alone."""
        return rights.may_keep_applications(by=agent(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the reader keeps applications; `get_queryset` says which."""
        return rights.may_keep_applications(by=agent(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the reader keeps applications; `get_queryset` says which."""
        return rights.may_keep_applications(by=agent(request))
