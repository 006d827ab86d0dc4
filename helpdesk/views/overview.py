"""The desk's overview of an organisation: the last thirty days in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Organisation
from accounts.models.security_event import Event
from accounts.services import counting, daily_counts
from helpdesk import count_names, mails_waiting, tables
from helpdesk.organisation_choice import OrganisationChoice
from helpdesk.overview import GOAL, Figure, Overview
from nhsuk import charts
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accounts.models import User

# The charts: a word for the address of each, its heading, and what is counted in it.
_CHARTS = (
    ("log-ins", gettext_lazy("Log-ins a day"), ("logged_in/",)),
    ("failures", gettext_lazy("Failed log-ins a day"), ("log_in_failed/",)),
    ("locks", gettext_lazy("Locked usernames a day"), (Event.LOCKED.value,)),
    ("back-in", gettext_lazy("People let back in by email a day"), (counting.BACK_IN,)),
)


@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """Show it. `?format=csv` is each day's numbers as CSV. Raises PermissionDenied where the reader may not export."""
    by = cast("User", request.user)
    organisation = _asked_for(request, by)
    if request.GET.get("format") == "csv":
        if not rights.may_export(by=by):
            raise PermissionDenied
        # Read before the answer begins, which would else end after its heading where the database goes away.
        return tables.as_csv("overview", list(_rows(organisation)))
    return TemplateResponse(request, "desk/overview.html", _context(request, by, organisation))


def _asked_for(request: HttpRequest, by: User) -> Organisation | None:
    """Return whose numbers are asked for; None is all of them. Raises Http404 for one that `by` may not see."""
    code = request.GET.get("organisation", "")
    if rights.is_operator(user=by):
        return get_object_or_404(Organisation, code=code) if code else None
    if code not in {"", by.organisation.code}:
        raise Http404
    return by.organisation


def _context(request: HttpRequest, by: User, organisation: Organisation | None) -> dict[str, Any]:
    found = Overview(organisation=organisation)
    sees_all = rights.is_operator(user=by)
    speed = found.speed()
    return {
        "page": "overview",
        "organisation": organisation,
        "choice": OrganisationChoice(initial={"organisation": organisation.code if organisation else ""})
        if sees_all
        else None,
        "days": len(found.days),
        "counted_at": found.counted_at,
        "charts": [_chart(name, str(title), found.series(*what)) for name, title, what in _CHARTS],
        "log_ins": found.total("logged_in/"),
        "failures": found.total("log_in_failed/"),
        "locks": found.total(Event.LOCKED.value),
        "recoveries": found.recoveries(),
        "goal": GOAL,
        "speed": speed,
        "speed_chart": _chart(
            "speed",
            _("Time from asking to being in"),
            speed.buckets,
            [*map(count_names.within_in_short, counting.BUCKETS)],
        )
        if speed.half
        else None,
        "causes": found.top("log_in_failed/"),
        "calls": found.top(counting.DESK),
        "people": found.people(),
        "sprayed": found.sprayed(),
        "stuffed": found.stuffed(),
        "mails": mails_waiting.now(),
        "sees_all": sees_all,
        "may_export": rights.may_export(by=by),
        "may_unlock_many": rights.may_unlock_many(by=by),
    }


def _chart(name: str, title: str, figures: Sequence[Figure], in_short: Sequence[str] | None = None) -> dict[str, Any]:
    """Return a chart and the numbers in it, for the table beside it; `in_short` is what stands below its bars."""
    numbers = [figure.number for figure in figures]
    most = max(figures, key=lambda figure: figure.number)
    facts = {"total": sum(numbers), "most": most.number, "when": most.words}
    drawn = charts.bars(
        values=numbers,
        names=in_short or [figure.words for figure in figures],
        title=title,
        description=_("%(total)s in all; the most, %(most)s, at %(when)s. The table below has each number.") % facts,
        name=name,
    )
    return {"title": title, "drawn": drawn, "figures": figures}


def _rows(organisation: Organisation | None) -> Iterator[Sequence[Any]]:
    """Yield each number of each day that is kept, the latest day first."""
    yield (_("Organisation"), _("Day"), _("What"), _("Number"))
    today = timezone.localdate()
    counts = daily_counts.by_day(organisation=organisation, first=today - daily_counts.KEPT_FOR, last=today)
    name = organisation.name if organisation else _("All organisations")
    for day in sorted(counts, reverse=True):
        for what, number in sorted(counts[day].items()):
            yield (name, day, count_names.in_words(what), number)
