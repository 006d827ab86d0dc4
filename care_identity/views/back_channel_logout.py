"""Where Care Identity says that a session has ended there."""

from __future__ import annotations

import logging

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.browser import preferred_method
from care_identity.services import back_channel_logout
from care_identity.services.refusals import Page, Refused

logger = logging.getLogger("esr_portal.care_identity")

# Bytes. A logout token has some 1,000; whatever is larger is not even looked into.
LONGEST_BODY = 16 * 1024
FORM = "application/x-www-form-urlencoded"


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Take a logout token from Care Identity itself. Its signature is what CSRF tokens are for others.

    Answers as Back-Channel Logout 2.8 has it, and no more than that: 200 where it was taken, whether there
    were sessions or not, 400 where it was not, 503 where it may be sent again.
    """
    if not preferred_method.is_offered():
        raise Http404
    if request.content_type != FORM or len(request.body) > LONGEST_BODY:
        return _error("invalid_request", status=400)
    try:
        back_channel_logout.log_out(logout_token=request.POST.get("logout_token", ""))
    except Refused as refused:
        logger.warning("logout token refused", extra={"reason": refused.reason})
        if refused.page is Page.UNAVAILABLE:
            response = _error("temporarily_unavailable", status=503)
            response.headers["Retry-After"] = "60"
            return response
        return _error("invalid_request", status=400)
    return HttpResponse(headers={"Cache-Control": "no-store"})


def _error(error: str, *, status: int) -> HttpResponse:
    return JsonResponse({"error": error}, status=status, headers={"Cache-Control": "no-store"})
