"""The desk's first page: find the person who calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from helpdesk import desk_addresses, finding
from helpdesk.find_form import FindForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Show the box and who fits what was typed in it. The only one who fits is shown at once."""
    by = cast("User", request.user)
    form = FindForm(request.GET) if "q" in request.GET else FindForm()
    answer = finding.find(typed=form.cleaned_data["q"], by=by) if form.is_valid() else finding.Answer()
    addresses = [desk_addresses.of_person(key=found.person.pk) for found in answer.found]
    if len(addresses) == 1:
        return redirect(addresses[0])
    context = {
        "page": "find",
        "form": form,
        "answer": answer,
        "rows": list(zip(answer.found, addresses, strict=True)),
        "shows_organisation": finding.looks_after(by=by) is None,
        "most": finding.MOST_SHOWN,
        "most_compared": finding.MOST_COMPARED,
    }
    return TemplateResponse(request, "desk/find.html", context)
