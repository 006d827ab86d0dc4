"""What the hub adds to every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from hub.views import errors

Answer = Callable[[HttpRequest], HttpResponse]

# The names of pages that load balancers ask often, and may ask from an address that people share.
NEVER_LIMITED = ("health_live", "health_ready", "health_work")


def limit_floods(get_response: Answer) -> Answer:
    """Answer what one address sends beyond any need with a short page, before a session is read.

    Sending the log-in form is left out, so that a hospital can log in whatever one of its machines does. The password
    hash, which is what it costs, is limited where it is computed; without a right token (CSRF) it costs a short page.
    """
    log_in, never_limited = reverse("log_in"), frozenset(map(reverse, NEVER_LIMITED))

    def answer(request: HttpRequest) -> HttpResponse:
        is_log_in = request.method == "POST" and request.path == log_in
        if is_log_in or request.path in never_limited:
            return get_response(request)
        return errors.one_too_many(request) or get_response(request)

    return answer


def explain_wrong_method(get_response: Answer) -> Answer:
    """Give the empty "405 Method Not Allowed" of Django's decorators a page that says what to do."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = errors.method_not_allowed(request)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return answer
