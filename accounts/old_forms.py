"""Forms that come without the token of their browser: left open in a tab, restored by a phone, or sent by another site.

A log-in replaces the token of its browser, so the forms of the pages that were opened before it hold an old one.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from django.utils.translation import gettext as _


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Return whether a page of another site sent the form, as browsers say (Fetch Metadata, W3C).

    It comes without the cookies of its browser, so an answer that sets a token would replace the one that is there, and
    the forms in its other tabs would be refused.
    """
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def typed(request: HttpRequest) -> Mapping[str, str]:
    """Return what the form holds, which any site may have written, or nothing where it did not arrive whole."""
    try:
        return request.POST
    except UnreadablePostError:
        return {}


def notice(request: HttpRequest, *, then: str) -> str:
    """Return what its page says. `then` is what the person has to do next, in words that go on a sentence."""
    if settings.CSRF_COOKIE_NAME in request.COOKIES:
        said = _("ESR only takes pages that were opened a short time ago, so nothing was done: %(then)s.")
    else:
        said = _("Your browser sent no cookie, so nothing was done: allow cookies for this website, then %(then)s.")
    return said % {"then": then}
