"""What happened: read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import SecurityEvent
from accounts.services.recovery import looking_up
from helpdesk import event_search
from helpdesk.admin.base import LONGEST_SEARCH, HelpdeskAdmin, agent, to_the_second
from helpdesk.admin.filters import DayFilter

# More than an agent reads through; the desk's page of events goes on from there.
MOST_FOUND = 500


@admin.register(SecurityEvent)
class SecurityEventAdmin(HelpdeskAdmin):
    """Events about the people of the agent's organisation. Operators alone see those about unknown usernames."""

    organisation_path = "user__organisation"
    list_display = ("time", "event", "person", "by", "address", "device", "reason", "reference")
    list_display_links = None
    list_select_related = ("user", "by")
    list_filter = (("at", DayFilter), "event")
    lookups = frozenset({"event__exact", "at__gte", "at__lt", "at__isnull", "user__id__exact"})
    fields = ("time", "event", "person", "by", "address", "device", "reason", "reference")
    readonly_fields = ("time", "person")
    search_fields = ("reference",)
    search_help_text = _("A whole username, or the reference of a recovery request.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the events that the agent may see, without those that would tell more of a request than it does."""
        return looking_up.readable_events(super().get_queryset(request))

    @admin.display(description=_("time"), ordering="at")
    def time(self, event: SecurityEvent) -> str:
        """Return when it happened, to the second."""
        return to_the_second(event.at)

    @admin.display(description=_("person"), ordering="user")
    def person(self, event: SecurityEvent) -> str:
        """Return the person an event is about, as a link to their record."""
        if event.user is None:
            return "-"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[event.user_id]), event.user.username
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the newest events about a person, by them, or about a recovery request: MOST_FOUND of each."""
        if not search_term or len(search_term) > LONGEST_SEARCH:
            return (queryset.none() if search_term else queryset), False
        keys = event_search.keys_of(typed=search_term, by=agent(request), most=MOST_FOUND)
        return queryset.filter(pk__in=keys), False
