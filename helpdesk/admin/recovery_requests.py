"""What came of a recovery form, found by the reference that the caller reads out."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import RecoveryRequest, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import recovery
from helpdesk.admin.base import HelpdeskAdmin, agent

# The groups and letters of a reference, however they are typed.
_NOT_IN_A_REFERENCE = re.compile(r"[^0-9A-Z]")


@admin.register(RecoveryRequest)
class RecoveryRequestAdmin(HelpdeskAdmin):
    """Reference, time and outcome. An agent finds an address by typing all of it: the row has its digest alone.

    An agent sees the requests that were for their people, and any whose reference they were told.
    """

    organisation_path = ""
    list_display = ("reference", "created_at", "outcome", "decided_at")
    list_display_links = None
    list_filter = ("outcome",)
    lookups = frozenset({"outcome__exact"})
    fields = ("reference", "created_at", "outcome", "decided_at")
    search_fields = ("reference",)
    search_help_text = "The reference from the page, or the whole email address that was typed into the form."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all for an operator, and for an agent those that were for people of their organisation."""
        rows = super().get_queryset(request)
        if self.is_operator(request):
            return rows
        decided = SecurityEvent.objects.filter(
            event=Event.RECOVERY_DECIDED, user__organisation=agent(request).organisation_id
        )
        return rows.filter(reference__in=decided.values("reference"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the requests with this reference or address. A part of either finds nothing."""
        if "@" in search_term:
            return queryset.filter(email_digest=recovery.email_digest(email=search_term)), False
        if search_term:
            # An agent who was told a reference may know the outcome at any organisation: the row names no person.
            told = _NOT_IN_A_REFERENCE.sub("", search_term.upper())
            reference = f"{told[:4]}-{told[4:]}"
            return RecoveryRequest.objects.filter(reference=reference).order_by(*queryset.query.order_by), False
        return queryset, False
