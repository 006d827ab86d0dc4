"""What the portal says about itself: how accessible it is, what it keeps of people, and its cookies."""

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts import session_limits
from accounts.models.organisation import (
    FEWEST_DAYS_EVENTS_KEPT,
    FEWEST_DAYS_LEAVERS_KEPT,
    MOST_DAYS_LEAVERS_KEPT,
)
from accounts.services import device_cookies, leaving, recovery
from accounts.services.recovery.asking import REQUESTS_KEPT_FOR
from accounts.services.second_step import remembered_browsers
from hub import cookie_list
from nhsuk import wording
from nhsuk.shells import render


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say how the portal was tested, and what is known to be missing."""
    return render(request, "statement/accessibility.html", {})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept of people, why and how long: docs/data.md."""
    kept = settings.SECURITY_EVENTS_KEPT
    context = {
        "session": wording.spoken_duration(session_limits.PEOPLE.absolute),
        "session_by_card": wording.spoken_duration(session_limits.CARE_IDENTITY.absolute),
        "browsers": wording.spoken_duration(device_cookies.REMEMBERED_FOR),
        "remembered_browsers": wording.spoken_duration(remembered_browsers.LASTS),
        "requests": wording.spoken_duration(REQUESTS_KEPT_FOR),
        "personal_address": wording.spoken_duration(leaving.KEPT_AFTER),
        "links": wording.spoken_duration(recovery.LINK_LASTS),
        "log_in_failed": wording.spoken_duration(kept["log_in_failed"]),
        "logged_in": wording.spoken_duration(kept["logged_in"]),
        "years": kept[""].days // 365,
        "fewest_days_of_leavers": wording.spoken_duration(datetime.timedelta(days=FEWEST_DAYS_LEAVERS_KEPT)),
        "most_years_of_leavers": MOST_DAYS_LEAVERS_KEPT // 365,
        "fewest_days": wording.spoken_duration(datetime.timedelta(days=FEWEST_DAYS_EVENTS_KEPT)),
    }
    return render(request, "statement/privacy.html", context, varies_by=tuple(context))


@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """Describe each cookie."""
    return render(request, "statement/cookies.html", {"cookies": cookie_list.COOKIES}, varies_by=("cookies",))
