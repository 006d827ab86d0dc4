"""What a person reads to the helpdesk, so that the agent knows who is calling."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.logged_in import LoggedInRequest, logged_in, proved_lately
from accounts.services import caller_checks


@logged_in
@proved_lately
@require_safe
def show(request: LoggedInRequest) -> HttpResponse:
    """Show the word and the code of each check that an agent has open. A session alone is not enough to see it."""
    context = {"person": request.user, "checks": caller_checks.shown_to(person=request.user)}
    return render(request, "security/helpdesk_code.html", context)
