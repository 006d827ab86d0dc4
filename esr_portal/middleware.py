"""What holds for every answer and every body: the outermost middleware, which knows nothing of people."""

from __future__ import annotations

import functools
from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers

from esr_portal.request_figures import PAGE
from nhsuk import shells

Answer = Callable[[HttpRequest], HttpResponse]

# The portal uses nothing of a device, and no page is a document of anything else.
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

# A stylesheet, a script or a picture brings nothing along, and is no page of its own. deploy/nginx.conf says the same.
OF_FILES = "default-src 'none'; frame-ancestors 'none'"


def security_headers(get_response: Answer) -> Answer:
    """Add the headers that no Django setting adds. Outermost, so that every status carries them."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not isinstance(response, FileResponse):
            response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Back after log-out, and the next person at the same PC, see nothing. Static files say otherwise themselves.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def page_names(get_response: Answer) -> Answer:
    """Tell what counts requests which page this one was for (esr_portal/request_figures.py)."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.resolver_match is not None:
            request.META[PAGE] = request.resolver_match.view_name
        return response

    return answer


def body_limit(get_response: Answer) -> Answer:
    """Refuse what is larger than any form at its address before it is read: Django would put a file on the disk."""

    def answer(request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0  # As Django takes it: then it reads nothing.
        if length > settings.LARGER_BODIES.get(request.path, settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            raise RequestDataTooBig
        return get_response(request)

    return answer


class FixedContentSecurityPolicy(CSPMiddleware):
    """Give every answer the policy of the settings, which is put into words once; a view may still have one of its own.

    django-csp makes two policies anew for each answer, the second for reports, of which the settings have none. No page
    has a nonce.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Leave out the nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response with the policy."""
        # What the decorators of django-csp note: _csp_config, _csp_update, _csp_replace, _csp_exempt.
        if any(name.startswith("_csp_") for name in vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, OF_FILES if isinstance(response, FileResponse) else _policy())
        return response


@functools.cache
def _policy() -> str:
    return build_policy()


class FirstVisitGZip(GZipMiddleware):
    """Compress what a browser is answered that sends no cookie: its first page, on whatever line it is.

    Later pages stay as they are. Compressed, their length would tell an attacker who makes a victim's browser send
    guesses whether one of them stands on the page beside it (BREACH); a request without a cookie has no victim.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response, compressed where the browser has no cookie of ours and can read it."""
        if request.COOKIES:
            return response
        if not isinstance(response, shells.Page):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        if re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response.content = response.compressed()
            response.headers["Content-Length"] = str(len(response.content))
            response.headers["Content-Encoding"] = "gzip"
        return response
