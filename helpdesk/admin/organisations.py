"""Organisations and their email domains."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import EmailDomain, Organisation
from accounts.services import rights
from helpdesk.admin.base import HelpdeskAdmin, StackedInline, agent


class EmailDomainInline(StackedInline):
    """The mail domains at which an organisation gives out addresses."""

    model = EmailDomain
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True: who sees the organisation sees its domains."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether domains may be added: by operators. A domain decides which addresses are believed."""
        return rights.is_operator(user=agent(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether domains may be changed: by operators."""
        return rights.is_operator(user=agent(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether domains may be taken away: by operators. Nobody's address changes by it."""
        return rights.is_operator(user=agent(request))


@admin.register(Organisation)
class OrganisationAdmin(HelpdeskAdmin):
    """Operators keep organisations; an agent reads their own. None is deleted: its people would go with it."""

    organisation_path = "pk"
    list_display = ("name", "code", "support_email", "it_support_email")
    search_fields = ("name", "=code")
    search_help_text = "A part of the name, or the three digits."
    fields = ("code", "name", "support_email", "it_support_email")
    inlines = (EmailDomainInline,)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether organisations may be added: by operators."""
        return self.is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether organisations may be changed: by operators."""
        return self.is_operator(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the code of an organisation that is there already: it begins each of its people's usernames."""
        return ("code",) if obj else ()
