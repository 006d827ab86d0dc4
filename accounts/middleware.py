"""What accounts asks of every request: where it came from, how long its session lasts, what comes first."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts import adapter, languages, proof, try_again, turns, user_agents
from accounts.browser import language, remembered_browser, remembered_username
from accounts.models import User
from accounts.services import events, sessions

# The pages whose forms make the portal hash a password. They wait for their turn before Django (esr_portal/door.py).
HASHING = (
    "log_in",
    "must_change_password",
    "password_change",
    "recovery_new_password",
    "internet_access",
    "security_confirm",
)

Answer = Callable[[HttpRequest], HttpResponse]

# In the query of a page that is opened again by itself, to see how far something is. It keeps no session.
REFRESHED = "refreshed"

# The pages that a person who must change their password can still reach: among them those by which a new one is set
# without the current one, and an account is stopped. They open nothing of it.
OPEN_WHILE_MUST_CHANGE = frozenset(
    {"password_change", "password_check", "log_out", "session_keep", "session_over", "this_was_not_me_stop", "language"}
    | {f"recovery_{page}" for page in ("start", "requested", "send_again", "link", "new_password", "log_out", "done")}
    | {f"this_was_not_me{page}" for page in ("", "_link", "_done")}
)


def in_a_language(get_response: Answer) -> Answer:
    """Make every answer in the language of its request, say in which it is, and that it differs by what was sent.

    The outermost, so that errors and refusals are in it too. Files are the same in each.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        its = language.of(request.META, request.COOKIES)
        with translation.override(its):
            response = get_response(request)
        if isinstance(response, FileResponse):
            return response
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = languages.piecewise(response.streaming_content, language=its)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", languages.tag(its))
        return response

    return answer


def languages_of_people(get_response: Answer) -> Answer:
    """Have the browser be in the language that the account of the person chose who is logged in after the request."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        language.follow(request, response)
        return response

    return answer


def busy(get_response: Answer) -> Answer:
    """Draw the page "busy, trying again" for the door before Django, which sends it to what it lets wait no longer.

    What comes another way, and finds in the middle of it that too many wait for a hash (turns.Busy), is answered with
    the same bytes.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        seconds: int | None = request.META.get(try_again.SENT_AWAY_FOR)
        return get_response(request) if seconds is None else try_again.page(seconds=seconds)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, turns.Busy):
            return None
        try_again.count(request.path)
        return try_again.page(seconds=try_again.seconds())

    answer.process_exception = process_exception  # type: ignore[attr-defined]
    return answer


def origin(get_response: Answer) -> Answer:
    """Tell the security events of this request where it came from."""

    def answer(request: HttpRequest) -> HttpResponse:
        where = events.Origin(
            address=_address(request.META.get("REMOTE_ADDR", "")),
            user_agent=request.META.get("HTTP_USER_AGENT", "")[:500],
        )
        with events.coming_from(where):
            return get_response(request)

    return answer


def remembered_browsers(get_response: Answer) -> Answer:
    """Have the answer bring what came of a remembered browser's cookie, which the log-in in this request used up.

    Whichever way in asked for it, and whatever the answer is, a failure too: without it the browser would show an old
    cookie at the next log-in, and its owner be told of a copy.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        remembered_browser.answer(request, response)
        return response

    return answer


@functools.lru_cache(maxsize=256)
def _address(text: str) -> str:
    """Return `text` if it is a network address, else "": a proxy may pass on anything."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _end(request: HttpRequest, user: User) -> None:
    username = remembered_username.to_keep_after_time_out(request, user)
    adapter.leave(request)
    if username:
        remembered_username.keep_once(request, username)


def _emptying_the_cache(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Tell the browser to empty its cache where its session at a shared computer has just ended (OWASP ASVS 14.3.1).

    `no-store` keeps pages off every disk, but Firefox has them in memory, and shows them in about:cache. No other
    browser is told: there the person would wait before an open page for what changes nothing.
    """
    ended = not sessions.is_at_shared_computer(session=request.session)
    if ended and user_agents.keeps_pages_in_memory(user_agent=events.origin().user_agent):
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


def session_limits(get_response: Answer) -> Answer:
    """End sessions that are past their limits; send people who must change their password to do that first.

    The refresh of an idle page keeps no session, nor does a page that looks by itself how far something is, nor a
    log-out, which a tab that was left alone may send. The first says itself that the session has ended, as does the
    page to which the script of the warning goes.
    """
    refresh, warning, log_out = reverse("session_over"), reverse("session_keep"), ("POST", reverse("log_out"))

    def answer(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        shared = sessions.is_at_shared_computer(session=request.session)
        if sessions.is_over(session=request.session, user=user):
            why = sessions.why_over(session=request.session, user=user)
            _end(request, user)
            if request.path not in {refresh, warning}:
                messages.info(request, why, extra_tags="session-ended")
        elif request.path != refresh and REFRESHED not in request.GET and (request.method, request.path) != log_out:
            sessions.note_seen(session=request.session)
        response = get_response(request)
        return _emptying_the_cache(request, response) if shared else response

    def process_view(request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not user.has_to_set_a_new_password():
            return None
        # With Care Identity the person has shown who they are without the password that is to be changed.
        if proof.of_session(session=request.session) is not None:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_WHILE_MUST_CHANGE:
            return None
        return redirect("password_change")

    answer.process_view = process_view  # type: ignore[attr-defined]
    return answer
