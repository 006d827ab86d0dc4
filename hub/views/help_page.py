"""Help with logging in, and where to ask."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.browser import preferred_method
from accounts.services import lockout
from hub.forms import OrganisationSearchForm
from hub.services import organisations
from nhsuk import shells, wording


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the help, and the organisations that were searched for (``?organisation=``)."""
    context: dict[str, Any] = {"is_care_identity_offered": preferred_method.is_offered()}
    if "organisation" not in request.GET:
        context["search_form"] = OrganisationSearchForm()
        return shells.render(request, "help/help.html", context, varies_by=("is_care_identity_offered", "search_form"))
    form = OrganisationSearchForm(request.GET)
    context |= {"form": form, "search_form": form}
    if form.is_valid():
        context |= _results(form.cleaned_data["organisation"])
    return render(request, "help/help.html", context)


@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """Answer why a person cannot get in, in a line and a button each.

    ``?organisation=`` is what the username begins with that the person typed: the buttons then lead to the contact.
    """
    context = {
        "limit": lockout.LIMIT,
        "most_in_a_row": lockout.MOST_IN_A_ROW,
        "minutes": wording.minutes(lockout.DURATION),
    }
    return shells.render(request, "help/why.html", context, varies_by=tuple(context))


def _results(text: str) -> dict[str, Any]:
    """Return what the page shows of a search."""
    found = organisations.search(text=text)
    shown = found[: organisations.MOST_RESULTS]
    return {
        "searched_for": text,
        "there_are_more": len(found) > len(shown),
        "found": shown,
    }
