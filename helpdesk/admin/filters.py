"""Choices beside the lists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.models.role import Role
from helpdesk import coverage, finding, lock_state
from helpdesk.admin.base import agent


class OrganisationFilter(admin.SimpleListFilter):
    """One organisation of hundreds: a select box instead of Django's list of links."""

    title = gettext_lazy("organisation")
    parameter_name = "organisation"
    template = "admin/organisation_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all organisations."""
        return [(str(each.pk), str(each)) for each in Organisation.objects.by_name()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen organisation."""
        chosen = self.value()
        if not chosen:
            return queryset
        known = {key for key, _ in self.lookup_choices}
        return queryset.filter(organisation=chosen) if chosen in known else queryset.none()

    def choices(self, changelist: Any) -> Any:
        """Yield the choices, each with what else the address of the list carries."""
        other = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if name != self.parameter_name
            for value in values
        ]
        yield {
            "selected": not self.value(),
            "value": "",
            "display": _("All"),
            "other": other,
            "query": changelist.query,
        }
        for key, name in self.lookup_choices:
            yield {"selected": self.value() == key, "value": key, "display": name}


class DayFilter(admin.DateFieldListFilter):
    """Today, the last seven days, and so on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("day")


class InForceFilter(admin.SimpleListFilter):
    """Whether people may enter today."""

    title = gettext_lazy("state")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("yes", _("In force")),
            ("inactive", _("Not active")),
            ("ended", _("Ended")),
            ("later", _("Starts later")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the people in the chosen state."""
        today = timezone.localdate()
        started = Q(starts_on__isnull=True) | Q(starts_on__lte=today)
        not_ended = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
        states = {
            "yes": coverage.in_force(),
            "inactive": Q(is_active=False),
            "ended": ~not_ended,
            "later": ~started,
        }
        state = states.get(self.value() or "")
        return queryset if state is None else queryset.filter(state)


class LockedFilter(admin.SimpleListFilter):
    """The people who are locked now, and those whose password is frozen or dormant."""

    title = gettext_lazy("lock")
    parameter_name = "locked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("now", _("Locked now")), ("frozen", _("Password frozen")), ("dormant", _("Password dormant"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the people who are locked, in any browser, or whose password is frozen or dormant."""
        if self.value() == "frozen":
            return queryset.filter(password_frozen_at__isnull=False)
        if self.value() == "dormant":
            return queryset.filter(dormant_since__isnull=False)
        if self.value() != "now":
            return queryset
        organisation = finding.looks_after(by=agent(request))
        return queryset.filter(pk__in=lock_state.locked_people(organisation=organisation))


class RoleFilter(admin.SimpleListFilter):
    """The people with a role."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("any", _("Any role")), *((role.value, str(role.label)) for role in Role)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the people with the chosen role."""
        chosen = self.value()
        if chosen == "any":
            return queryset.filter(is_staff=True)
        return queryset.filter(role=chosen) if chosen in Role.values else queryset
