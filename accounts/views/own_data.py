"""A person downloads what is kept about them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.logged_in import LoggedInRequest, form_of, logged_in, proved_lately
from accounts.services import own_data


@logged_in
@proved_lately
@require_safe
def show(request: LoggedInRequest) -> HttpResponse:
    """Say what is in the file, and offer it."""
    return render(request, "security/own_data.html", {"most": own_data.DOWNLOADS_A_DAY})


@logged_in
@proved_lately
@form_of("own_data")
def download(request: LoggedInRequest) -> HttpResponseBase:
    """Send the file, written while it is sent."""
    try:
        pieces = own_data.hand_out(user=request.user)
    except own_data.TooManyDownloads:
        most = own_data.DOWNLOADS_A_DAY
        sentence = ngettext(
            "You have had the file %(number)s time within 24 hours. Try again tomorrow.",
            "You have had the file %(number)s times within 24 hours. Try again tomorrow.",
            most,
        )
        messages.error(request, sentence % {"number": most})
        return redirect("own_data")
    name = f"ESR-what-is-kept-about-you-{timezone.localdate().isoformat()}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type="application/json; charset=utf-8", headers=headers)
