"""The page that people land on when they are logged in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.logged_in import LoggedInRequest, logged_in
from accounts.services import internet_access, log_in, sessions
from hub.models import Application, Notice


@logged_in
@require_safe
def show(request: LoggedInRequest) -> HttpResponse:
    """Show the person's name, their last log-in, the notices and their organisation's applications."""
    user = request.user
    this_log_in = sessions.log_in_event(session=request.session)
    context = {
        "person": user,
        "previous_log_in": log_in.previous_log_in(user=user, this_log_in=this_log_in),
        "works_outside": internet_access.works_outside(user=user),
        "notices": Notice.objects.shown_now(),
        "applications": Application.objects.shown_at(user.organisation_id),
    }
    return render(request, "my_esr/my_esr.html", context)
