"""The list of people as a table to download, filtered as the list is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from helpdesk import tables
from helpdesk.admin.base import HelpdeskAdmin, agent
from helpdesk.services import exporting
from people.services import rights

# What the address of a list has that is not about who is on it: the page of it.
_PAGE = "p"


class PeopleExport(HelpdeskAdmin):
    """What the list of people has beside Django's: a download of all that it shows on all its pages."""

    change_list_template = "admin/person_change_list.html"

    def get_urls(self) -> Any:
        """Return the addresses of the list and of the downloads."""
        csv, xlsx = (self.admin_site.admin_view(require_POST(view)) for view in (self.export_csv, self.export_xlsx))
        ours = [
            path("export/csv/", csv, name="accounts_user_export_csv"),
            path("export/xlsx/", xlsx, name="accounts_user_export_xlsx"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the downloads where the reader may have them."""
        query = request.GET.copy()
        query.pop(_PAGE, None)
        more = {
            "may_export": rights.may_export(by=agent(request)),
            "export_query": f"?{query.urlencode()}" if query else "",
        }
        return super().changelist_view(request, more | (extra_context or {}))

    def export_csv(self, request: HttpRequest) -> HttpResponseBase:
        """Send the list as CSV. Raises PermissionDenied."""
        return self._export(request, "csv")

    def export_xlsx(self, request: HttpRequest) -> HttpResponseBase:
        """Send the list as a workbook. Raises PermissionDenied."""
        return self._export(request, "xlsx")

    def _export(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        if not rights.may_export(by=agent(request)):
            raise PermissionDenied
        query = request.GET.copy()
        query.pop(_PAGE, None)
        request.GET = query  # type: ignore[assignment]
        try:
            people = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:accounts_user_changelist")
        if kind == "xlsx" and people.count() >= tables.MOST_ROWS:
            sentence = _("These are more people than a sheet has rows. Export them as CSV, or filter the list.")
            self.message_user(request, sentence, messages.ERROR)
            return redirect("admin:accounts_user_changelist")
        rows = exporting.export(people=people, kind=kind, by=agent(request))
        return tables.as_csv("people", rows) if kind == "csv" else tables.as_workbook("people", rows)
