"""Notices on the front page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from helpdesk.admin.base import HelpdeskAdmin
from hub.models import Notice


@admin.register(Notice)
class NoticeAdmin(HelpdeskAdmin):
    """Everybody who opens the portal reads notices, so operators write them; agents see what is said and when."""

    organisation_path = ""
    list_display = ("title", "kind", "shown_from", "shown_until")
    list_filter = ("kind",)
    lookups = frozenset({"kind__exact"})
    search_fields = ("title",)
    fields = ("title", "text", "kind", "shown_from", "shown_until")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether notices may be added: by operators."""
        return self.is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether notices may be changed: by operators."""
        return self.is_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether notices may be deleted: by operators."""
        return self.is_operator(request)
