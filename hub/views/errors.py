"""The pages that say what went wrong and what to do next."""

import functools
import logging
import math
import sys
from collections.abc import Callable

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from accounts import languages, old_forms, this_request
from accounts.counted_log import CountedLog
from accounts.views import log_in, recovery
from hub.services import flood_limit

logger = logging.getLogger("esr_portal.errors")

# Where a request notes that it was counted. What a browser sends stands under HTTP_ (PEP 3333).
_COUNTED = "esr_portal.counted"

# The last resort, when even a template cannot be shown.
_BARE_PAGE = """<!DOCTYPE html>
<html lang="{}">
<head><meta charset="utf-8"><title>{}</title></head>
<body><main><h1>{}</h1>{}</main></body>
</html>
"""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense. 413: it is larger than any form of ours.

    Django logs for each where it was found out, so they are held to the limit of floods, which has left out those that
    were sent to the log-in form or refused before it.

    Nothing is wrong with one whose session was ended, or given a new key, by another request while it was under way: it
    leads to My ESR, or from there to the log-in page.
    """
    if isinstance(exception, SessionInterrupted):
        return redirect("my_esr")
    is_too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return one_too_many(request) or (
        too_large(request) if is_too_large else _page(request, "errors/bad_request.html", status=400)
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more was sent than any form of ours takes."""
    return _page(request, "errors/too_large.html", status=413)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this page is for other people."""
    return _page(request, "errors/permission_denied.html", status=403)


# What shows the form of a page again, by the names of the addresses that its forms are sent to.
_FORM_AGAIN: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    **dict.fromkeys(["log_in", "passkey_log_in_complete", "care_identity_start", "care_identity_forget"], log_in.again),
    "log_out": log_in.log_out_again,
    "recovery_start": recovery.again,
}
# Pages whose forms are sent to addresses below their own: they can be opened by themselves, which not all can.
_PAGES_OF_FORMS = frozenset(
    f"admin:desk_{name}" for name in ("correction", "import", "person", "proposal", "unlock_many_preview")
)
_shown_again = CountedLog(logging.getLogger("esr_portal.forms"), message="form without its token", field="page")


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is too old, or the browser sends no cookies, or the form was not ours. Nothing is done with it.

    Where a visitor typed it here, they get it again, and a person who wants to log out is asked once more. Pages
    elsewhere and strangers can send those as often as they like, so they are held to the limit of floods, which leaves
    the log-in form out, and are counted in the log.
    """
    page = request.resolver_match.view_name if request.resolver_match else ""
    # Without a session, a form of another site's may hide that there is one: browsers send those no cookie of it.
    if page not in _FORM_AGAIN or (page == "log_out" and not request.user.is_authenticated):
        return _page(request, "errors/csrf_failure.html", status=403)
    _shown_again.add(page)
    response = one_too_many(request)
    if response is None and old_forms.is_from_elsewhere(request):
        response = _page(request, "errors/csrf_failure.html", status=403)
    response = response or _FORM_AGAIN[page](request)
    # Django would write a line for each.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page."""
    return _page(request, "errors/page_not_found.html", status=404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """405: the page is there, but not for this kind of request.

    A person comes here by Back or a reload where a form was answered, so the way to the page of that form is shown.
    """
    return _page(request, "errors/method_not_allowed.html", status=405, facts={"page_above": _page_above(request.path)})


def _page_above(path: str) -> str:
    """Return a path without its last part where a page is there that shows what its forms have done, else nothing."""
    above = path.rstrip("/").rpartition("/")[0] + "/"
    try:
        name = resolve(above).view_name
    except Resolver404:
        return ""
    return above if name in _PAGES_OF_FORMS else ""


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; or 503 where the database cannot be reached. Django has logged why."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return _page(None, "errors/server_error.html", status=500, facts={"code": this_request.spoken_code()})


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: something that the portal needs is away for the moment."""
    response = _page(None, "errors/unavailable.html", status=503, facts={"code": this_request.spoken_code()})
    response.headers["Retry-After"] = "60"
    return response


def one_too_many(request: HttpRequest) -> HttpResponse | None:
    """Count a request of an address, once; return what it is answered where it is one too many, else None."""
    if request.META.get(_COUNTED):
        return None
    request.META[_COUNTED] = True
    seconds = flood_limit.seconds_to_wait(address=request.META.get("REMOTE_ADDR", ""))
    return too_many_requests(seconds=math.ceil(seconds)) if seconds else None


def too_many_requests(*, seconds: int) -> HttpResponse:
    """429: one address has sent more than is answered; `seconds` from now there is room."""
    response = HttpResponse(_too_many_requests(get_language()), status=429, headers={"Retry-After": str(seconds)})
    # Django would write a line for each; they are counted (hub/services/flood_limit).
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


@functools.cache
def _too_many_requests(language: str | None) -> bytes:
    """Return the page, which is the same for every request in a language: it has to cost less than what it refuses."""
    return _page(None, "errors/too_many_requests.html", status=429).content


def _page(
    request: HttpRequest | None, template: str, *, status: int, facts: dict[str, str] | None = None
) -> HttpResponse:
    """Return an error page, with what the layout knows of `request`, or without it.

    Nothing that goes wrong while showing it may hide what went wrong before: then there is a barer page.
    """
    for source in [request, None] if request else [None]:
        try:
            return HttpResponse(render_to_string(template, facts, request=source), status=status)
        except Exception:
            logger.exception("error page %s could not be shown", template)
    return HttpResponse(_bare_page(), status=status)


def _bare_page() -> str:
    title, problem = _("There is a problem – ESR Portal"), _("Sorry, there is a problem with ESR")
    said = [_("Try again in a few minutes.")]
    if code := this_request.spoken_code():
        said.append(_("If you call the helpdesk, tell them this code: %(code)s") % {"code": code})
    return format_html(
        _BARE_PAGE,
        languages.tag(get_language() or languages.of_the_portal()),
        title,
        problem,
        format_html_join("", "<p>{}</p>", ((each,) for each in said)),
    )
