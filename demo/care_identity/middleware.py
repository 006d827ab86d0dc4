"""The language of a page, and the headers that no Django setting adds, as the portal's pages carry them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts import languages

Answer = Callable[[HttpRequest], HttpResponse]


# The portal's, on the same host: cookies know no ports.
_PORTALS_COOKIES = ("account-language", "language")


def language(get_response: Answer) -> Answer:
    """Make each page in the language in which the same browser has the portal, else in the one that it asks for."""

    def answer(request: HttpRequest) -> HttpResponse:
        account, browser = (request.COOKIES.get(name, "") for name in _PORTALS_COOKIES)
        accepts = request.headers.get("Accept-Language", "")
        with translation.override(languages.choose(account=account, browser=browser, accepts=accepts)):
            response = get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return answer


def headers(get_response: Answer) -> Answer:
    """Let no page be kept, and none use a device."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
