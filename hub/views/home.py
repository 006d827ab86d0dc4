"""The public front page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hub.forms import OrganisationSearchForm
from hub.services import notices
from nhsuk.shells import render


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Say what ESR is for, what is going on, and how to get in."""
    context = {"notices": notices.shown_now(), "search_form": OrganisationSearchForm()}
    return render(request, "home/home.html", context, varies_by=("notices", "search_form"))
