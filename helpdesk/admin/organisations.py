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
from hub.services import organisations as public_search
from people.services import organisations, rights

# What the form shows under a heading of its own.
SECOND_STEP = ("second_step", "second_step_share")


class FactsInline(StackedInline):
    """Facts of an organisation, several of a kind, that all who see it read."""

    extra = 1

    def may_change(self, request: HttpRequest, organisation: Organisation | None) -> bool:
        """Return whether they may be added, changed and taken away: by operators."""
        return rights.is_operator(user=agent(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True: a reader who sees the organisation sees them."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether they may be added."""
        return self.may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether they may be changed."""
        return self.may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether they may be taken away."""
        return self.may_change(request, obj)


class EmailDomainInline(FactsInline):
    """The mail domains at which an organisation gives out addresses. People's addresses stay when these change.

    With a domain of their own choice, an organisation's administrator could have links sent to a mail server of theirs.
    """

    model = EmailDomain
    form = EmailDomainForm


class TrustedNetworkInline(FactsInline):
    """Where an organisation's computers are."""

    model = TrustedNetwork
    form = TrustedNetworkForm
    formset = TrustedNetworks

    def may_change(self, request: HttpRequest, organisation: Organisation | None) -> bool:
        """Return whether they may be added, changed and taken away: by those who set the organisation up."""
        return rights.may_set_up(by=agent(request), organisation=organisation)


@admin.register(Organisation)
class OrganisationAdmin(HelpdeskAdmin):
    """Operators add organisations and change all of each; its administrator changes how its people get in.

    All others read their own. None is deleted: its people would go too.
    """

    organisation_path = "pk"
    list_display = ("name_shown", "code", "support_email", "it_support_email")
    # The box is shown for these; hub/services/organisations.py says what is found.
    search_fields = ("name", "welsh_name", "code")
    search_help_text = _("A part of the name, or the three digits.")
    form = OrganisationForm
    fieldsets = (
        (None, {"fields": tuple(field for field in OrganisationForm.Meta.fields if field not in SECOND_STEP)}),
        (_("Second step"), {"fields": SECOND_STEP}),
    )
    inlines = (EmailDomainInline, TrustedNetworkInline)

    @admin.display(description=_("name"), ordering="name")
    def name_shown(self, organisation: Organisation) -> str:
        """Return its name in the language of the page."""
        return organisation.shown_name

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Return the order of the names that are shown."""
        return tuple(Organisation.objects.by_name().query.order_by)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the organisations that the public search finds, of those that the agent sees."""
        if search_term.strip():
            queryset = queryset.filter(pk__in=public_search.fitting(text=search_term))
        return queryset, False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether organisations may be added: by operators."""
        return self.is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether an organisation may be changed, by its administrator and by operators."""
        return rights.may_set_up(by=agent(request), organisation=obj)

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        """Store it."""
        organisations.save(organisation=obj, by=agent(request), changed=form.changed_data if change else None)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what stays of an organisation that is there already.

        Its code begins each of its people's usernames. By its name people find it on the front page, and know it in
        mails: only an operator changes that.
        """
        if obj is None:
            return ()
        return ("code",) if self.is_operator(request) else ("code", "name", "welsh_name")
