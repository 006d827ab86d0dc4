"""The desk's page of security events, and the table of them as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import user_agents
from accounts.services.recovery import looking_up
from helpdesk import desk_addresses, event_form, event_search, happened, tables
from helpdesk.event_form import EventForm
from helpdesk.services import exporting
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest, HttpResponseBase

    from accounts.models import SecurityEvent, User
    from helpdesk.event_search import Wanted

# More is for a system that watches (manage.py events_as_json).
MOST_EXPORTED = 10_000
READ_AT_ONCE = 500


@require_safe
def events(request: HttpRequest) -> HttpResponseBase:
    """Show the form and the events that fit. `?format=csv` is the table as CSV.

    Raises PermissionDenied where the reader may not export.
    """
    by = cast("User", request.user)
    is_export = request.GET.get("format") == "csv"
    if is_export and not rights.may_export(by=by):
        raise PermissionDenied
    form = EventForm(request.GET)
    if not form.is_valid():
        return _page(request, form, event_search.Page())
    wanted, behind = form.wanted(), event_form.place_in(request.GET.get("behind", ""))
    if wanted.reference:
        looking_up.record_look_up(typed=wanted.reference, by=by, goes_on=behind is not None)
    if is_export:
        exporting.record_events(by=by)
        return tables.as_csv("events", _rows(wanted, by))
    return _page(request, form, event_search.find(wanted=wanted, by=by, behind=behind))


def _page(request: HttpRequest, form: EventForm, found: event_search.Page) -> TemplateResponse:
    context = {
        "page": "events",
        "form": form,
        "rows": [(row, happened.words(row), _page_of(row)) for row in found.events],
        "found": found,
        "next": _address_of(request, behind=event_form.spelt(found.next)) if found.next else "",
        "export": _address_of(request, format="csv") if rights.may_export(by=cast("User", request.user)) else "",
        "is_next": "behind" in request.GET,
    }
    return TemplateResponse(request, "desk/events.html", context)


def _page_of(event: SecurityEvent) -> str:
    return desk_addresses.of_person(key=event.user.pk) if event.user else ""


def _address_of(request: HttpRequest, **facts: str) -> str:
    """Return the address of this page with what was typed, and with other facts."""
    query = request.GET.copy()
    for name in ("behind", "format"):
        query.pop(name, None)
    for name, value in facts.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _rows(wanted: Wanted, by: User) -> Iterator[Sequence[object]]:
    yield _("Time"), _("What happened"), _("Person"), _("Agent"), _("Address"), _("Device"), _("Reference")
    behind, written = None, 0
    while written < MOST_EXPORTED:
        found = event_search.find(wanted=wanted, by=by, behind=behind, most=READ_AT_ONCE)
        for row in found.events:
            at = timezone.localtime(row.at).isoformat(sep=" ", timespec="seconds")
            who = (row.user.username if row.user else "", row.by.username if row.by else "")
            yield at, happened.words(row), *who, row.address or "", user_agents.in_words(row.device), row.reference
        written += len(found.events)
        behind = found.next
        if behind is None:
            return
    yield (_("There are more events. Choose fewer days."),)
