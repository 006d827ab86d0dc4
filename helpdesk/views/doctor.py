"""The doctor's page: whether the portal is set up as it should be, for operators (docs/doctor.md)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helpdesk.doctor import checks, examining
from helpdesk.doctor.findings import Found, Severity
from helpdesk.services import check_ups
from people.services import rights

if TYPE_CHECKING:
    from accounts.models import CheckUp, User


@require_safe
def doctor(request: HttpRequest) -> HttpResponse:
    """Show what is wrong, the worst first, and what is as it should be. For operators."""
    if not rights.is_operator(user=cast("User", request.user)):
        raise PermissionDenied
    check_up = check_ups.newest()
    found = [*examining.examine_here(checks.HERE), *_found_by(check_up)]
    # Stable: of equals what all else stands on comes first.
    wrong = sorted(
        (each for each in found if each.finding.severity is not Severity.GOOD), key=lambda each: -each.finding.severity
    )
    context = {
        "page": "doctor",
        "wrong": wrong,
        "good": [each for each in found if each.finding.severity is Severity.GOOD],
        "check_up": check_up,
        "is_under_way": check_ups.is_under_way(check_up=check_up),
    }
    return render(request, "desk/doctor.html", context)


@require_POST
def check_now(request: HttpRequest) -> HttpResponse:
    """Have a worker make the checks that take a network, or long, now."""
    check_ups.ask(by=cast("User", request.user))
    messages.success(request, _("A worker makes these checks now. Open this page again in half a minute."))
    return redirect("admin:desk_doctor")


def _found_by(check_up: CheckUp | None) -> list[Found]:
    found = []
    for given in check_up.findings if check_up else ():
        # Of another version: an upgrade is under way, and the next check-up is within the hour.
        with contextlib.suppress(KeyError):
            found.append(Found.from_json(given))
    return found
