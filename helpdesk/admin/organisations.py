"""Organisations, their email domains and their trusted networks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import EmailDomain, Organisation, TrustedNetwork
from helpdesk.admin.base import HelpdeskAdmin, StackedInline, agent
from helpdesk.organisation_forms import EmailDomainForm, OrganisationForm, TrustedNetworkForm, TrustedNetworks
from hub.services import organisations
from people.services import rights

# What the form shows under a heading of its own.
SECOND_STEP = ("second_step", "second_step_share")


class OperatorsInline(StackedInline):
    """Facts of an organisation that its agents read and operators alone change: each decides which people get in."""

    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True: an agent who sees the organisation sees them."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether they may be added: by operators."""
        return rights.is_operator(user=agent(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether they may be changed: by operators."""
        return rights.is_operator(user=agent(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether they may be taken away: by operators."""
        return rights.is_operator(user=agent(request))


class EmailDomainInline(OperatorsInline):
    """The mail domains at which an organisation gives out addresses. People's addresses stay when these change."""

    model = EmailDomain
    form = EmailDomainForm


class TrustedNetworkInline(OperatorsInline):
    """Where an organisation's computers are."""

    model = TrustedNetwork
    form = TrustedNetworkForm
    formset = TrustedNetworks


@admin.register(Organisation)
class OrganisationAdmin(HelpdeskAdmin):
    """Operators add and change organisations; an agent reads their own. None is deleted: its people would go too."""

    organisation_path = "pk"
    list_display = ("name", "code", "support_email", "it_support_email")
    # The box is shown for these; hub/services/organisations.py says what is found.
    search_fields = ("name", "code")
    search_help_text = _("A part of the name, or the three digits.")
    form = OrganisationForm
    fieldsets = (
        (None, {"fields": tuple(field for field in OrganisationForm.Meta.fields if field not in SECOND_STEP)}),
        (_("Second step"), {"fields": SECOND_STEP}),
    )
    inlines = (EmailDomainInline, TrustedNetworkInline)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the organisations that the public search finds, of those that the agent sees."""
        if search_term.strip():
            queryset = queryset.filter(pk__in=organisations.fitting(text=search_term))
        return queryset, False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether organisations may be added: by operators."""
        return self.is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether organisations may be changed: by operators."""
        return self.is_operator(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the code of an organisation that is there already: it begins each of its people's usernames."""
        return ("code",) if obj else ()
