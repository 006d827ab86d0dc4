"""The desk's page of recovery requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from helpdesk import desk_addresses, finding, mail_fate, recent_requests

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Show the requests of the last days for people whom the agent looks after."""
    by = cast("User", request.user)
    newest = recent_requests.newest(by=by)
    people = {person for each in newest for person in each.people}
    addresses = {person.pk: desk_addresses.of_person(key=person.pk) for person in people}
    context = {
        "page": "requests",
        "rows": [(each, [(person, addresses[person.pk]) for person in each.people]) for each in newest],
        "days": recent_requests.LAST.days,
        "most": recent_requests.MOST_SHOWN,
        "has_all": len(newest) < recent_requests.MOST_SHOWN,
        "shows_organisation": finding.looks_after(by=by) is None,
        "bounces": mail_fate.on_bounces(),
    }
    return TemplateResponse(request, "desk/requests.html", context)
