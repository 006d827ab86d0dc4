"""Help with logging in, and where to ask."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.browser import preferred_method
from hub.forms import OrganisationSearchForm
from hub.services import organisations


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the help, and the organisations that were searched for (``?organisation=``)."""
    context: dict[str, Any] = {"is_care_identity_offered": preferred_method.is_offered()}
    if "organisation" not in request.GET:
        return render(request, "help/help.html", {**context, "search_form": OrganisationSearchForm()})
    form = OrganisationSearchForm(request.GET)
    context |= {"form": form, "search_form": form}
    if form.is_valid():
        context |= _results(form.cleaned_data["organisation"])
    return render(request, "help/help.html", context)


def _results(text: str) -> dict[str, Any]:
    """Return what the page shows of a search."""
    found = organisations.search(text=text)
    shown = found[: organisations.MOST_RESULTS]
    return {
        "searched_for": text,
        "there_are_more": len(found) > len(shown),
        "found": shown,
    }
