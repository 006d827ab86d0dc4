"""Notices on the front page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.admin.base import HelpdeskAdmin
from hub.models import Notice


@admin.register(Notice)
class NoticeAdmin(HelpdeskAdmin):
    """All visitors of the portal read notices, so operators alone write them; agents see what is shown and when."""

    organisation_path = ""
    list_display = ("title", "kind", "shown_from", "shown_until")
    list_filter = ("kind",)
    lookups = frozenset({"kind__exact"})
    search_fields = ("title",)
    search_help_text = _("A part of the title.")
    fields = ("title", "text", "kind", "shown_from", "shown_until")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field of the form; the two boxes of a date and time each have a label."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for box, what in zip(field.widget.widgets, (_("%(box)s: date"), _("%(box)s: time")), strict=True):
                box.attrs["aria-label"] = what % {"box": field.label}
        return field

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether notices may be added: by operators."""
        return self.is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether notices may be changed: by operators."""
        return self.is_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether notices may be deleted: by operators."""
        return self.is_operator(request)
