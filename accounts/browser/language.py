"""The language that a browser is used in: what was chosen in it, and what the account brought whose person is in it.

The first is kept for a year. The second is there for as long as its person is logged in, and comes first: so a language
goes where its person goes, and a computer that people share is afterwards in the language that it was in before.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, TooManyFieldsSent
from django.http import QueryDict
from django.http.cookie import parse_cookie

from accounts import adapter, languages
from accounts.browser import cookies
from accounts.models import User
from accounts.services import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

KEPT_FOR = datetime.timedelta(days=365)
_CHOSEN, _OF_ACCOUNT = "language", "account-language"


def of(environ: Mapping[str, str], sent: Mapping[str, str] | None = None) -> str:
    """Return the language of the answer to a request, of which this is the WSGI environment.

    `sent` are its cookies, where they are read already.
    """
    kept = parse_cookie(environ.get("HTTP_COOKIE", "")) if sent is None else sent
    return languages.choose(
        account=kept.get(settings.COOKIE_PREFIX + _OF_ACCOUNT, ""),
        browser=kept.get(settings.COOKIE_PREFIX + _CHOSEN, ""),
        accepts=environ.get("HTTP_ACCEPT_LANGUAGE", ""),
    )


def keep(request: HttpRequest, response: HttpResponse, *, language: str) -> None:
    """Have this browser keep the language that was chosen in it.

    A person who said that others use the computer too chooses for their own session: it is kept with the account.
    """
    if not (request.user.is_authenticated and sessions.is_at_shared_computer(session=request.session)):
        cookies.keep(response, name=_CHOSEN, value=language, lasts=KEPT_FOR)


def follow(request: HttpRequest, response: HttpResponse) -> None:
    """Have this browser be in the language that the account of its person chose, and in its own again after them.

    A log-in that is not finished has no person yet, and tells nothing of an account.
    """
    wanted = request.user.language if isinstance(request.user, User) else languages.UNKNOWN
    kept = cookies.read(request, name=_OF_ACCOUNT)
    if wanted and kept != wanted:
        cookies.keep(response, name=_OF_ACCOUNT, value=wanted, lasts=None)
    elif kept and not wanted:
        cookies.forget(response, name=_OF_ACCOUNT)


def is_chosen_here(request: HttpRequest) -> bool:
    """Return whether a page of ours has led here, as browsers say: by Fetch Metadata (W3C), older ones by Referer."""
    site = request.headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site else bool(page_before(request))


def page_before(request: HttpRequest) -> str:
    """Return the address, within the portal, of the page that has led to this request; "" where it is not known."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
        ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    except (ValueError, DisallowedHost):
        return ""
    if f"{before.scheme}://{before.netloc}" not in ours:
        return ""
    path = f"{before.path or '/'}{f'?{before.query}' if before.query else ''}"
    return adapter.local_address(request, _leading_nowhere_else(request, path)) or ""


def same_page(request: HttpRequest) -> str:
    """Return the address that shows the page of this request again, in another language.

    After a form it is that of the page that has the form, which may have another address than the form is sent to.
    """
    here = _leading_nowhere_else(request, request.get_full_path())
    return here if request.method in {"GET", "HEAD"} else page_before(request) or here


def _leading_nowhere_else(request: HttpRequest, path: str) -> str:
    """Return an address of ours without a `next` that is none: no page carries one."""
    address, _, query = path.partition("?")
    try:
        asked = QueryDict(query, mutable=True)
    except TooManyFieldsSent:
        return address
    if all(adapter.local_address(request, each) for each in asked.getlist("next")):
        return path
    del asked["next"]
    return f"{address}?{asked.urlencode()}" if asked else address
