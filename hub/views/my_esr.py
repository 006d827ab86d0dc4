"""The page that people land on when they are logged in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import proof
from accounts.logged_in import LoggedInRequest, logged_in
from accounts.services import internet_access, log_in, sessions
from hub.services import applications, notices


@logged_in
@require_safe
def show(request: LoggedInRequest) -> HttpResponse:
    """Show the organisation's applications, the notices, the person's facts and their last log-in."""
    user = request.user
    this_log_in = sessions.log_in_event(session=request.session)
    previous = log_in.previous_log_in(user=user, this_log_in=this_log_in)
    by = proof.of_session(session=request.session)
    context = {
        "person": user,
        "came_by_care_identity": by is not None,
        "smartcard_just_shown": user.password_is_frozen()
        and not internet_access.missing_from_proof(user=user, proof=by),
        "previous_log_in": previous,
        "works_outside": internet_access.works_outside(user=user),
        "notices": notices.for_person(last_here=previous.at if previous else None),
        "applications": applications.shown_at(user.organisation_id),
    }
    return render(request, "my_esr/my_esr.html", context)
