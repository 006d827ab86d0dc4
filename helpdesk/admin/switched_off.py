"""Switching parts of the portal off for all, and on again: for operators, at once and without a restart."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import SwitchedOff
from accounts.models.switched_off import LONGEST_REASON, Part
from accounts.services import switched_off
from helpdesk.admin.base import HelpdeskAdmin, agent


@admin.register(SwitchedOff)
class SwitchedOffAdmin(HelpdeskAdmin):
    """One page with a switch for each part, in place of Django's list: a part without a row is on."""

    organisation_path = None

    def get_urls(self) -> Any:
        """Return the addresses of the page and of what its buttons do, and no other."""
        return [
            path("", self.admin_site.admin_view(self.changelist_view), name="accounts_switchedoff_changelist"),
            path(
                "<slug:part>/<slug:to>/",
                self.admin_site.admin_view(require_POST(self.switch)),
                name="accounts_switchedoff_switch",
            ),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show each part, and whether it is on."""
        self._operators_only(request)
        off = {row.part: row for row in SwitchedOff.objects.select_related("by")}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Parts that can be switched off"),
            "opts": self.opts,
            "parts": [{"part": part, "off": off.get(part.value)} for part in Part],
            "longest": LONGEST_REASON,
        }
        return TemplateResponse(request, "admin/switched_off.html", context)

    def switch(self, request: HttpRequest, part: str, to: str) -> HttpResponse:
        """Switch a part on or off, as the button that was pressed says."""
        self._operators_only(request)
        if part not in Part.values or to not in {"on", "off"}:
            raise Http404
        on, which = to == "on", Part(part)
        try:
            switched_off.switch(part=which, on=on, by=agent(request), reason=request.POST.get("reason", ""))
        except switched_off.ReasonNeeded:
            sentence = _("Nothing was switched off: say why, in %(number)s characters at most.")
            self.message_user(request, sentence % {"number": LONGEST_REASON}, messages.ERROR)
        else:
            sentence = _("%(part)s: switched on for all.") if on else _("%(part)s: switched off for all.")
            self.message_user(request, sentence % {"part": which.label}, messages.SUCCESS)
        return redirect("admin:accounts_switchedoff_changelist")

    def _operators_only(self, request: HttpRequest) -> None:
        if not self.is_operator(request):
            raise PermissionDenied
