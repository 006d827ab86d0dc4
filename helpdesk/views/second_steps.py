"""The auditor's page: second steps, who has what, as a table and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk import coverage, tables
from helpdesk.services import exporting
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from accounts.models import SecondStepExcuse, User

# Exceptions on the page; the CSV has all.
MOST_SHOWN = 200


@require_safe
def second_steps(request: HttpRequest) -> HttpResponseBase:
    """Show the table. `?format=csv` is the table as CSV, `?format=csv&of=exceptions` the exceptions.

    Raises PermissionDenied where the reader may not export.
    """
    by = cast("User", request.user)
    if request.GET.get("format") == "csv":
        if not rights.may_export(by=by):
            raise PermissionDenied
        if request.GET.get("of") == "exceptions":
            rows = coverage.excuses(by=by)
            exporting.record_exceptions(number=rows.count(), by=by)
            return tables.as_csv("second-step-exceptions", _rows_of_exceptions(rows))
        return tables.as_csv("second-steps", _rows_of_lines(coverage.lines(by=by)))
    return _page(request, by)


def _page(request: HttpRequest, by: User) -> HttpResponse:
    lines = coverage.lines(by=by)
    exceptions = list(coverage.excuses(by=by)[: MOST_SHOWN + 1])
    context = {
        **admin.site.each_context(request),
        "title": _("Second steps: who has what"),
        "lines": lines,
        "total": coverage.total(lines),
        "exceptions": exceptions[:MOST_SHOWN],
        "has_more_exceptions": len(exceptions) > MOST_SHOWN,
        "most_shown": MOST_SHOWN,
        "today": timezone.localdate(),
        "may_export": rights.may_export(by=by),
    }
    return TemplateResponse(request, "admin/second_steps.html", context)


def _rows_of_lines(lines: Sequence[coverage.Line]) -> Iterator[Sequence[Any]]:
    yield (
        *(
            _("Organisation"),
            _("Code"),
            _("Policy"),
            _("Share of people, percentage"),
            _("Person type"),
            _("People in force"),
        ),
        *(
            _("Password only"),
            _("App"),
            _("Passkey"),
            _("Care Identity"),
            _("Second step"),
            _("Second step, percentage"),
        ),
        *(_("Two ways"), _("Two ways, percentage")),
        *(_("Required and none"), _("Excused"), _("Helpdesk without")),
    )
    for line in lines:
        of, counts = line.organisation, line.counts
        yield (
            *(of.name, of.code, of.get_second_step_display(), of.second_step_share, line.person_type, counts.people),
            *(counts.password_only, counts.app, counts.passkey, counts.care_identity),
            *(counts.second_step, counts.second_step_share, counts.two_ways, counts.two_ways_share),
            *(counts.required_and_none, counts.excused, counts.staff_without),
        )


def _rows_of_exceptions(rows: Iterable[SecondStepExcuse]) -> Iterator[Sequence[Any]]:
    yield (
        *(_("Organisation"), _("Username"), _("Name"), _("Reason"), _("Review on")),
        *(_("Holds today"), _("Made on"), _("Made by")),
    )
    for row in rows:
        yield (
            *(row.user.organisation.name, row.user.username, row.user.get_full_name(), row.reason, row.review_on),
            *(_("yes") if row.is_in_effect else _("no"), timezone.localdate(row.made_at), row.made_by or ""),
        )
