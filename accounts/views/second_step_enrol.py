"""Setting up ways to show a second step, in the middle of a log-in or logged in: an app, and recovery codes."""

from __future__ import annotations

import functools
from collections.abc import Callable

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import enrolment, out_of_date
from accounts.browser import offered
from accounts.enrolment import Enrolment
from accounts.forms.second_step import CodeForm
from accounts.logged_in import ask_for_proof
from accounts.services import proving_again, second_step
from accounts.services.second_step import passkeys
from accounts.stages import SecondStepStage
from accounts.views.second_step import CANNOT_BE_CHECKED
from nhsuk import wording

WRONG_CODE_AT_SET_UP = gettext_lazy(
    "That code does not match. Check that your app has the secret on this page, then type the newest code it shows"
)

_WHY_NOT = {second_step.WrongCode: WRONG_CODE_AT_SET_UP, second_step.CannotBeChecked: CANNOT_BE_CHECKED}

_View = Callable[[HttpRequest, Enrolment], HttpResponse]


def _enrolling(view: _View) -> Callable[[HttpRequest], HttpResponse]:
    """Return `view` for a person who may set up ways now, and whom a sent form is about."""

    @functools.wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if out_of_date.is_out_of_date(request, held=enrolment.held(request)):
            return out_of_date.page(request)
        enrolling = enrolment.of(request)
        return view(request, enrolling) if enrolling else _not_now(request)

    return answer


@require_safe
@_enrolling
def choose(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    """Let the person choose which way to set up."""
    if enrolling.stage is not None and enrolling.stage.page() == "second_step_codes":
        return redirect("second_step_codes")
    return render(request, "second_step/choose.html", {**_context(enrolling), "passkeys": passkeys.are_on()})


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@_enrolling
def app(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    """Show a secret as a picture and as text; keep it once a code made from it is typed."""
    has_app = second_step.ways_of(user=enrolling.user).authenticator
    if has_app and enrolling.stage is not None and enrolling.stage.page() == "second_step_codes":
        return redirect("second_step_codes")
    if request.method == "POST" and not offered.is_secret_offered(request, about=enrolling.about):
        # The page is an old one, as after Back: its secret is the person's by now, or was given up.
        return redirect("second_step_app")
    secret = offered.secret(request, about=enrolling.about)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _set_up(request, enrolling, secret=secret, code=form.cleaned_data["code"])
        except tuple(_WHY_NOT) as refused:
            form.add_error("code", _WHY_NOT[type(refused)])
        except (second_step.AlreadySetUp, second_step.PasswordChanged):
            return _begin_anew(request, enrolling)
    invitation = second_step.invitation(user=enrolling.user, secret=secret)
    picture = segno.make(invitation.address, error="m").svg_data_uri(scale=5, dark="#000", light="#fff")
    context = {**_context(enrolling), "form": form, "invitation": invitation, "picture": picture, "replaces": has_app}
    return render(request, "second_step/app.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@_enrolling
def codes(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    """Show recovery codes once, right after they were made; make new ones; go on once they are saved."""
    ways = second_step.ways_of(user=enrolling.user)
    elsewhere = _before_codes(enrolling, ways)
    if elsewhere:
        return redirect(elsewhere)
    if request.method == "POST" and "make" in request.POST:
        return _make(request, enrolling)
    if request.method == "POST" and ways.recovery_codes:
        return _saved(request, enrolling)
    shown = offered.codes_to_show(request, about=enrolling.about)
    to_save = bool(shown or offered.codes_to_save(request, about=enrolling.about))
    context = {**_context(enrolling), "codes": shown, "to_save": to_save, "left": ways.recovery_codes}
    return render(request, "second_step/codes.html", context)


@require_safe
@_enrolling
def codes_file(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    """Give the recovery codes that were made just now as a file of text, while they can be saved."""
    codes = offered.codes_to_save(request, about=enrolling.about)
    if not codes or _before_codes(enrolling, second_step.ways_of(user=enrolling.user)):
        return redirect("second_step_codes")
    lines = [
        _("ESR Portal: recovery codes, made on %(date)s") % {"date": wording.spoken_date(timezone.localtime())},
        _("Each works once. Keep them where only you can read them."),
        "",
        *codes,
    ]
    # Windows Notepad shows these line ends, and so do all others.
    response = HttpResponse("\r\n".join(lines) + "\r\n", content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="ESR-recovery-codes.txt"'
    return response


def _set_up(request: HttpRequest, enrolling: Enrolment, *, secret: str, code: str) -> HttpResponse:
    """Keep the app; return the page that follows. Raises what second_step.set_up raises."""
    replace = not enrolling.is_for_the_first
    device = second_step.set_up(
        user=enrolling.user, secret=secret, code=code, replace=replace, session_key=request.session.session_key
    )
    offered.forget_secret(request)
    if enrolling.stage is not None:
        return enrolling.stage.passed_with(device)
    # Its first code was right just now.
    proving_again.note_set_up(user=enrolling.user, session=request.session, device=device)
    messages.success(request, _("Your authenticator app is set up."))
    enough = second_step.ways_of(user=enrolling.user).are_enough
    return redirect("security" if enough else "second_step_codes")


def _begin_anew(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    """Lead to the log-in page, or to the page on which a person who is logged in shows the second step of now."""
    return redirect("log_in") if enrolling.stage else ask_for_proof(request)


def _before_codes(enrolling: Enrolment, ways: second_step.Ways) -> str:
    """Return the page that comes before the codes, or "": a log-in has none before a second step was passed in it."""
    if enrolling.stage is not None and enrolling.stage.page() != "second_step_codes":
        return enrolling.stage.page()
    # Codes alone are no second step: they are for the day on which it is lost. With one that another session has set up
    # a moment ago they do not go.
    return "" if ways.is_set_up and not enrolling.is_for_the_first else "second_step_enrol"


def _make(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    try:
        offered.make_codes(request, user=enrolling.user, about=enrolling.about)
    except second_step.PasswordChanged:
        return redirect("log_in")
    return redirect("second_step_codes")


def _saved(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    offered.forget_codes(request)
    if enrolling.stage is not None:
        return enrolling.stage.passed()
    messages.success(request, _("You have new recovery codes. Any older ones no longer work."))
    return redirect("security")


def _context(enrolling: Enrolment) -> dict[str, object]:
    return {
        "person": enrolling.user,
        "user_name": enrolling.user.username,
        "about": enrolling.about,
        "in_log_in": enrolling.stage is not None,
        "ends_at": enrolling.stage.ends_at if enrolling.stage else None,
        "security": reverse("security"),
    }


def _not_now(request: HttpRequest) -> HttpResponse:
    """Lead a person who may not set up anything now to where they are, or to prove again who they are."""
    if request.user.is_authenticated:
        if second_step.is_offered(user=request.user):
            return ask_for_proof(request)
        return redirect("security")
    stage = SecondStepStage.of(request)
    return redirect(stage.page() if stage else "log_in")
