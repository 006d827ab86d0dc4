"""The page that people land on when they are logged in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import proof, user_agents
from accounts.logged_in import LoggedInRequest, logged_in
from accounts.models import SecurityEvent
from accounts.services import internet_access, leaving, log_in, sessions
from hub.services import applications, notices
from nhsuk import shells, wording

_WORDS = (
    "person.get_full_name",
    "person.employee_number",
    "person.username",
    "person.organisation.shown_name",
    "person.organisation.help_address",
    "last_log_in.day",
    "last_log_in.time",
    "last_log_in.device",
)
_VARIES_BY = (
    "person.is_staff",
    "person.has_usable_password",
    "person.password_is_frozen",
    "portal.may_have_other_accounts",
    "works_outside",
    "is_leaving",
    "has_personal_address",
    "notices.new",
    "notices.read",
    "applications",
)


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
        "last_log_in": _in_words(previous) if previous else None,
        "works_outside": internet_access.works_outside(user=user),
        "is_leaving": leaving.is_offered(user=user),
        "has_personal_address": leaving.has_confirmed(user=user),
        "notices": notices.for_person(organisation=user.organisation_id, last_here=previous.at if previous else None),
        "applications": applications.for_people_of(user.organisation_id),
    }
    if user.password_is_frozen():
        return render(request, "my_esr/my_esr.html", context)
    return shells.render(request, "my_esr/my_esr.html", context, words=_WORDS, varies_by=_VARIES_BY)


def _in_words(previous: SecurityEvent) -> dict[str, str]:
    """Return when a log-in was, and from which device, "" where that is not known."""
    at = timezone.localtime(previous.at)
    return {
        "day": wording.spoken_date(at),
        "time": wording.spoken_time(at),
        "device": user_agents.in_words(previous.device),
    }
