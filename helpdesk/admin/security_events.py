"""What happened: read only."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import user_agents
from accounts.models import SecurityEvent
from accounts.services.recovery import looking_up
from helpdesk import event_search
from helpdesk.admin.base import LONGEST_SEARCH, HelpdeskAdmin, agent, to_the_second
from helpdesk.admin.filters import DayFilter
from helpdesk.event_search import Wanted

# More than an agent reads through; the desk's page of events goes on from there.
MOST_FOUND = 500
# Digits: more are no key of a database.
LONGEST_KEY = 19


@admin.register(SecurityEvent)
class SecurityEventAdmin(HelpdeskAdmin):
    """Events about the people of the agent's organisation. Operators alone see those about unknown usernames."""

    organisation_path = "user__organisation"
    list_display = ("time", "event", "person", "by", "address", "used", "reason", "reference")
    list_display_links = None
    list_select_related = ("user", "by")
    list_filter = (("at", DayFilter), "event")
    lookups = frozenset({"event__exact", "at__gte", "at__lt", "at__isnull", "user__id__exact"})
    fields = ("time", "event", "person", "by", "address", "used", "reason", "reference")
    readonly_fields = ("time", "person", "used")
    most_counted = MOST_FOUND
    search_fields = ("reference",)
    search_help_text = _("A whole username, or the reference of a recovery request.")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; record that a request is looked up by its reference."""
        typed = request.GET.get("q", "")
        if looking_up.reference_in(typed):
            looking_up.record_look_up(typed=typed, by=agent(request), goes_on="p" in request.GET)
        return super().changelist_view(request, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the events that the agent may see, without those that would tell more of a request than it does.

        The list has the newest MOST_FOUND that fit: those of one organisation cannot be counted among millions.
        """
        rows = looking_up.readable_events(super().get_queryset(request))
        match = request.resolver_match
        if match is None or match.url_name != "accounts_securityevent_changelist":
            return rows
        by, typed = agent(request), request.GET.get("q", "")
        if typed:
            return rows.filter(pk__in=event_search.keys_of(typed=typed[:LONGEST_SEARCH], by=by, most=MOST_FOUND))
        found = event_search.find(wanted=_wanted(request), by=by, most=MOST_FOUND).events
        return rows.filter(pk__in=[event.pk for event in found])

    @admin.display(description=_("time"), ordering="at")
    def time(self, event: SecurityEvent) -> str:
        """Return when it happened, to the second."""
        return to_the_second(event.at)

    @admin.display(description=_("device"), ordering="device")
    def used(self, event: SecurityEvent) -> str:
        """Return the browser and system in the language of the page."""
        return user_agents.in_words(event.device)

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
        """Return `queryset`, in which the search is made already; nothing where it is longer than what is searched."""
        return (queryset.none() if len(search_term) > LONGEST_SEARCH else queryset), False


def _wanted(request: HttpRequest) -> Wanted:
    """Return what the filters beside the list ask for. Raises IncorrectLookupParameters.

    What is none of them is refused by Django afterwards.
    """
    typed = request.GET
    key = typed.get("user__id__exact", "")
    return Wanted(
        person_key=int(key) if key.isascii() and key.isdecimal() and len(key) < LONGEST_KEY else 0,
        kind=typed.get("event__exact", ""),
        since=_moment(typed.get("at__gte", "")),
        until=_moment(typed.get("at__lt", "")),
    )


def _moment(text: str) -> datetime.datetime | None:
    """Return the moment that the filter of days writes into its links. Raises IncorrectLookupParameters."""
    if not text:
        return None
    try:
        moment = parse_datetime(text) or datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time())
    except ValueError as error:
        raise IncorrectLookupParameters from error
    # Near the ends of the calendar a moment has none in UTC, which the databases keep.
    if not datetime.MINYEAR + 1 < moment.year < datetime.MAXYEAR - 1:
        raise IncorrectLookupParameters
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
