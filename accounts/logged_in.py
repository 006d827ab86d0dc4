"""Views for people who are logged in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeAlias, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import out_of_date
from accounts.browser import about
from accounts.models import User
from accounts.services import proving_again, sessions

# What an address gives to its view besides the request.
Facts = ParamSpec("Facts")
View: TypeAlias = Callable[Concatenate[HttpRequest, Facts], HttpResponseBase]


class LoggedInRequest(HttpRequest):
    """A request of a person who is logged in."""

    user: User


def logged_in(view: Callable[Concatenate[LoggedInRequest, Facts], HttpResponseBase]) -> View[Facts]:
    """Return `view` for people who are logged in; the others are sent to the log-in page, and back from there.

    A form that does not say that it is about that person is answered by the page that says so, and the view never sees
    it: another person may have logged in in another tab meanwhile, or be about to.
    """
    for_the_logged_in = cast("View[Facts]", login_required(cast("Any", view)))

    @functools.wraps(view)
    def answer(request: HttpRequest, /, *args: Facts.args, **kwargs: Facts.kwargs) -> HttpResponseBase:
        if out_of_date.is_out_of_date(request, held=about.of(request)):
            return out_of_date.page(request)
        return for_the_logged_in(request, *args, **kwargs)

    return answer


def form_of(
    page: str,
) -> Callable[
    [Callable[Concatenate[LoggedInRequest, Facts], HttpResponseBase]],
    Callable[Concatenate[LoggedInRequest, Facts], HttpResponseBase],
]:
    """Return what makes a view take a form of the page with this name by POST alone, and lead to that page by GET.

    People come to such an address by GET after they have logged in again or proved who they are, and by Back. What the
    form does is not done then; the page says how things are.
    """

    def taking(
        view: Callable[Concatenate[LoggedInRequest, Facts], HttpResponseBase],
    ) -> Callable[Concatenate[LoggedInRequest, Facts], HttpResponseBase]:
        @functools.wraps(view)
        def answer(request: LoggedInRequest, /, *args: Facts.args, **kwargs: Facts.kwargs) -> HttpResponseBase:
            if request.method in {"GET", "HEAD"}:
                return redirect(page)
            if request.method != "POST":
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            return view(request, *args, **kwargs)

        return answer

    return taking


def proved_lately(
    view: Callable[Concatenate[LoggedInRequest, Facts], HttpResponseBase],
) -> Callable[Concatenate[LoggedInRequest, Facts], HttpResponseBase]:
    """Return `view`, which changes what protects the account, for people who proved lately who they are.

    The others are asked to prove it, and come back to the address by GET. What a form said is not done then, and the
    page says so: a choice or a name has to be given anew, and no secret waits in the session meanwhile.
    """

    @functools.wraps(view)
    def answer(request: LoggedInRequest, /, *args: Facts.args, **kwargs: Facts.kwargs) -> HttpResponseBase:
        if proving_again.is_lately(user=request.user, session=request.session):
            return view(request, *args, **kwargs)
        return ask_for_proof(request)

    return answer


def ask_for_proof(request: HttpRequest) -> HttpResponse:
    """Send a person who is logged in to the page on which they prove who they are, and back from there."""
    if request.method == "POST":
        messages.info(request, _("Nothing was changed yet. Confirm that it is you, then do it again."))
    return redirect(f"{reverse('security_confirm')}?{urlencode({'next': request.get_full_path()})}")


def note_proof(request: HttpRequest, *, second_step_shown: str = "") -> None:
    """Note that a person who is logged in has just proved again who they are, by a second step or by their password.

    `second_step_shown` is what sessions know the second step by, or "". The session goes on under a new key: a copy of
    the old one has no part in the proof (OWASP ASVS 7.2.4).
    """
    request.session.cycle_key()
    sessions.note_proof(session=request.session)
    if second_step_shown:
        sessions.note_second_step(session=request.session, by=second_step_shown)
