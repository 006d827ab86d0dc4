"""Mails that wait or went out, without what is in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import OutboxMessage
from helpdesk.admin.base import HelpdeskAdmin


class StateFilter(admin.SimpleListFilter):
    """Done or not."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("waiting", _("Not done")), ("failing", _("Not done, tried before")), ("done", _("Done"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows in the chosen state."""
        if self.value() == "waiting":
            return queryset.filter(sent_at__isnull=True)
        if self.value() == "failing":
            return queryset.filter(sent_at__isnull=True, attempts__gt=0)
        return queryset.filter(sent_at__isnull=False) if self.value() == "done" else queryset


@admin.register(OutboxMessage)
class OutboxAdmin(HelpdeskAdmin):
    """For operators: is mail going out? The people that a row is about are not shown, and a row has no text."""

    organisation_path = None
    list_display = ("kind", "state", "attempts", "last_error", "created_at", "due_at", "sent_at")
    list_display_links = None
    list_filter = (StateFilter, "kind")
    lookups = frozenset({StateFilter.parameter_name, "kind__exact"})
    fields = ("kind", "state", "attempts", "last_error", "created_at", "due_at", "sent_at")
    readonly_fields = ("state",)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: OutboxMessage) -> str:
        """Return how far a row is, in words."""
        if row.sent_at:
            return _("Done")
        if row.leased_until and row.leased_until > timezone.now():
            return _("Being done")
        return _("Waits to be tried again") if row.attempts else _("Waits")
