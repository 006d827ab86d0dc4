"""People who are excused from a second step: why, until when, and by which agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import SecondStepExcuse, User
from helpdesk import search
from helpdesk.admin.base import HelpdeskAdmin, agent
from helpdesk.excuse_forms import ExcuseForm
from nhsuk.wording import spoken_date
from people.services import rights, second_step_excuses

if TYPE_CHECKING:
    from collections.abc import Iterable


class InEffectFilter(admin.SimpleListFilter):
    """Excuses that hold today, those that never can, and past ones."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("now", _("Excused now")), ("without_effect", _("Without effect")), ("past", _("Past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the excuses in the chosen state."""
        excuses = SecondStepExcuse.objects.all()
        states = {"now": excuses.in_effect, "without_effect": excuses.without_effect, "past": excuses.past}
        chosen = states.get(self.value() or "")
        return queryset.filter(pk__in=chosen()) if chosen else queryset


@admin.register(SecondStepExcuse)
class ExcuseAdmin(HelpdeskAdmin):
    """Agents excuse people of their own organisation; the rules are in people/services/second_step_excuses.py."""

    organisation_path = "user__organisation"
    form = ExcuseForm
    list_display = ("person", "name", "organisation", "state", "reason", "made")
    list_select_related = ("user__organisation", "made_by")
    list_filter = (InEffectFilter,)
    lookups = frozenset({InEffectFilter.parameter_name})
    ordering = ("review_on", "pk")
    # The box is shown for these; helpdesk/search.py says what is found.
    search_fields = ("user__username",)
    search_help_text = gettext_lazy("A name, a username, an ESR number or an email address.")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what the form shows: the person is typed once, and then stays."""
        shown = ("person", "name", "organisation", "state", "reason", "review_on", "made")
        return [(None, {"fields": shown if obj else ("username", "reason", "review_on")})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is shown and cannot be changed."""
        return ("person", "name", "organisation", "state", "made") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows the agent."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.by = agent(request)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """Return the username that a link on a person's page carries."""
        return {"username": request.GET.get("username", "")[:100]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the excuses of people who fit the typed words."""
        if search_term.strip():
            fitting = search.find(people=self._people(request), typed=search_term)
            queryset = queryset.filter(user__in=fitting.order_by().values("pk"))
        return queryset, False

    @admin.display(description=gettext_lazy("person"), ordering="user__username")
    def person(self, row: SecondStepExcuse) -> str:
        """Return the username."""
        return row.user.username

    @admin.display(description=gettext_lazy("name"), ordering="user__family_name")
    def name(self, row: SecondStepExcuse) -> str:
        """Return the name as people say it."""
        return row.user.get_full_name()

    @admin.display(description=gettext_lazy("organisation"), ordering="user__organisation__name")
    def organisation(self, row: SecondStepExcuse) -> str:
        """Return the organisation of the person."""
        return str(row.user.organisation)

    @admin.display(description=gettext_lazy("state"), ordering="review_on")
    def state(self, row: SecondStepExcuse) -> str:
        """Return until when the person is excused, or that they are no more."""
        day = {"day": spoken_date(row.review_on)}
        if row.is_past:
            return _("Past since %(day)s: the requirement holds again") % day
        if not row.is_in_effect:
            return _("Without effect: people with a role always need a second step")
        return _("Until %(day)s") % day

    @admin.display(description=gettext_lazy("made"), ordering="made_at")
    def made(self, row: SecondStepExcuse) -> str:
        """Return when the excuse was made, and by which agent."""
        facts = {"day": spoken_date(timezone.localdate(row.made_at)), "agent": row.made_by or ""}
        return (_("%(day)s by %(agent)s") if row.made_by else "%(day)s") % facts

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the reader excuses people: the form takes those of their own organisation alone."""
        return rights.is_helpdesk(user=agent(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the agent may change the record of the person."""
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the agent may end the excuse."""
        return self._may_change(request, obj)

    def _may_change(self, request: HttpRequest, obj: SecondStepExcuse | None) -> bool:
        by = agent(request)
        return rights.is_helpdesk(user=by) if obj is None else rights.may_change(by=by, person=obj.user)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show or store the form; say in a sentence what became impossible since it was looked at."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (second_step_excuses.Refused, rights.NotAllowed) as refused:
            sentence = str(refused) or _("Nothing was stored: you may not change the record of this person any more.")
            self.message_user(request, sentence, messages.ERROR)
            return redirect("admin:accounts_secondstepexcuse_changelist")

    def save_model(self, request: HttpRequest, obj: SecondStepExcuse, form: Any, change: bool) -> None:
        """Store the excuse through the service."""
        kept = second_step_excuses.excuse(
            person=obj.user, reason=obj.reason, review_on=obj.review_on, by=agent(request)
        )
        obj.pk = kept.pk

    def delete_model(self, request: HttpRequest, obj: SecondStepExcuse) -> None:
        """End one excuse."""
        self._end(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SecondStepExcuse]) -> None:
        """End the excuses that are ticked on the list, but those that the agent may not."""
        self._end(request, queryset.select_related("user"))

    def _end(self, request: HttpRequest, rows: Iterable[SecondStepExcuse]) -> None:
        for row in rows:
            if self.has_delete_permission(request, row):
                second_step_excuses.end(excuse=row, by=agent(request))

    def _people(self, request: HttpRequest) -> QuerySet[User]:
        by = agent(request)
        return User.objects.all() if rights.is_operator(user=by) else User.objects.filter(organisation=by.organisation)
