"""Notices on the front page and on My ESR."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.admin.base import HelpdeskAdmin, agent
from helpdesk.admin.filters import OrganisationFilter
from helpdesk.unchanged_stays import UnchangedStays
from hub.models import Notice
from hub.services import notices
from people.services import rights


@admin.register(Notice)
class NoticeAdmin(HelpdeskAdmin):
    """An organisation's administrators write for its people, operators for all visitors too; agents read both."""

    organisation_path = "organisation"
    list_display = ("title_shown", "for_whom", "kind", "shown_from", "shown_until")
    list_select_related = ("organisation",)
    lookups = frozenset({"kind__exact"})
    operators_lookups = frozenset({OrganisationFilter.parameter_name})
    search_fields = ("title", "welsh_title")
    search_help_text = _("A part of the title.")
    form = UnchangedStays
    fields = ("organisation", "title", "text", "welsh_title", "welsh_text", "kind", "shown_from", "shown_until")

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        """Return the choice of kinds; operators choose an organisation as well."""
        return ("kind", OrganisationFilter) if self.is_operator(request) else ("kind",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        """Return the notices that people of the agent's organisation read; an operator sees all."""
        if self.is_operator(request):
            return Notice.objects.all()
        own = agent(request).organisation_id
        return Notice.objects.filter(Q(organisation__isnull=True) | Q(organisation=own))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field of the form; the two boxes of a date and time each have a label."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for box, what in zip(field.widget.widgets, (_("%(box)s: date"), _("%(box)s: time")), strict=True):
                box.attrs["aria-label"] = what % {"box": field.label}
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let operators alone leave the organisation empty."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is None:
            return field
        field.required = not self.is_operator(request)
        if field.required:
            field.help_text = _("Its people read it on My ESR.")
        else:
            field.empty_label = _("All visitors")
        return field

    @admin.display(description=_("title"), ordering="title")
    def title_shown(self, notice: Notice) -> str:
        """Return its title in the language of the page."""
        return notice.shown_title

    @admin.display(description=_("for"), ordering="organisation__name")
    def for_whom(self, notice: Notice) -> str:
        """Return whose people read it."""
        return str(notice.organisation) if notice.organisation else str(_("All visitors"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the reader writes notices: the form offers an administrator their own organisation alone."""
        return rights.may_set_up(by=agent(request))

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Return whether the reader may change this notice."""
        return self._may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Return whether the reader may take this notice away."""
        return self._may_write(request, obj)

    def _may_write(self, request: HttpRequest, obj: Notice | None) -> bool:
        by = agent(request)
        if obj is None:
            return rights.may_set_up(by=by)
        return rights.may_write_notice(by=by, organisation_id=obj.organisation_id)

    def save_model(self, request: HttpRequest, obj: Notice, form: Any, change: bool) -> None:
        """Store a notice, where its writer may write to those who read it. Raises rights.NotAllowed."""
        if not rights.may_write_notice(by=agent(request), organisation_id=obj.organisation_id):
            raise rights.NotAllowed
        notices.save(notice=obj, changed=form.changed_data)
