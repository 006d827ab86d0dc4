"""The language of a page, and the headers that no Django setting adds, as the portal's pages carry them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts import languages
from demo.care_identity import pending

Answer = Callable[[HttpRequest], HttpResponse]

# The portal's, on the same host: cookies know no ports.
_PORTALS_COOKIES = ("account-language", "language")


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


def language(get_response: Answer) -> Answer:
    """Answer in the language that the service asks for, else in that of the portal in the same browser."""

    def answer(request: HttpRequest) -> HttpResponse:
        account, browser = (request.COOKIES.get(name, "") for name in _PORTALS_COOKIES)
        accepts = request.headers.get("Accept-Language", "")
        its = _asked_for(request) or languages.choose(account=account, browser=browser, accepts=accepts)
        with translation.override(its):
            response = get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", languages.tag(its))
        return response

    return answer


def _asked_for(request: HttpRequest) -> str:
    """Return the first language of `ui_locales` that we speak, or "" (OpenID Connect Core 1.0, 3.1.2.1)."""
    for tag in (request.GET.get("ui_locales") or pending.of(request).ui_locales).split():
        try:
            return translation.get_supported_language_variant(tag.lower())
        except LookupError:
            continue
    return ""
