"""What came of a recovery form, found by the reference that the caller reads out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, RecoveryRequest
from accounts.services import recovery
from accounts.services.recovery import looking_up
from helpdesk.admin.base import HelpdeskAdmin, agent, to_the_second


@admin.register(RecoveryRequest)
class RecoveryRequestAdmin(HelpdeskAdmin):
    """Reference, time and outcome. An agent finds an address by typing all of it: the row has its digest alone.

    An agent sees the requests that were for their people, and of any other whose reference they were told that it was
    received. There is no filter and no order by outcome: it would tell what a row does not (services/recovery).
    """

    organisation_path = ""
    list_display = ("reference", "created_at", "outcome_shown", "decided")
    list_display_links = None
    fields = ("reference", "created_at", "outcome_shown", "decided")
    readonly_fields = ("outcome_shown", "decided")
    sortable_by = ("reference", "created_at")
    search_fields = ("reference",)
    search_help_text = _(
        "The reference from the page, or the whole email address that was typed into the form. Looking one up is "
        "recorded."
    )

    @admin.display(description=_("outcome"))
    def outcome_shown(self, row: RecoveryRequest) -> str:
        """Return what the agent may know of what came of a request."""
        return looking_up.said(row)

    @admin.display(description=_("decided at"))
    def decided(self, row: RecoveryRequest) -> str:
        """Return when a request was decided, where the agent may know that."""
        if not looking_up.is_open(row) or row.decided_at is None:
            return "-"
        return to_the_second(row.decided_at)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, and record what is looked up in it."""
        if self.has_view_permission(request):
            looking_up.record_look_up(typed=request.GET.get("q", ""), by=agent(request))
        return super().changelist_view(request, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all for an operator, and for an agent those that are for people of their organisation."""
        return self._all(request).filter(is_theirs=True)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the requests with this reference or address. A part of either finds nothing."""
        if "@" in search_term:
            return queryset.filter(email_digest__in=recovery.email_digests(email=search_term)), False
        if search_term:
            # An agent who was told a reference may know of any organisation's that it was received.
            found = self._all(request).filter(reference=looking_up.reference_in(search_term))
            return found.order_by(*queryset.query.order_by), False
        return queryset, False

    def _all(self, request: HttpRequest) -> QuerySet[Any]:
        ordering = self.get_ordering(request) or ("-created_at",)
        return looking_up.requests(organisation=self._organisation(request)).order_by(*ordering)

    def _organisation(self, request: HttpRequest) -> Organisation | None:
        return None if self.is_operator(request) else agent(request).organisation
