"""The pages of the second step: set it up at the first log-in, give a code at each one after."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import out_of_date
from accounts.forms.second_step import ChallengeForm, CodeForm
from accounts.services import second_step
from accounts.stages import SecondStepStage
from nhsuk import wording

WRONG_CODE = gettext_lazy(
    "That code is not right, or it was used already. Wait until your app shows the next one and type that"
)
WRONG_CODE_AT_SET_UP = gettext_lazy(
    "That code does not match. Check that your app has the secret on this page, then type the newest code it shows"
)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for the code that the person's app shows now."""
    stage = _stage_on(request, page="second_step")
    if isinstance(stage, HttpResponse):
        return stage
    data = request.POST if request.method == "POST" else None
    form = ChallengeForm(data, may_remember=stage.may_remember_browser)
    if form.is_valid():
        try:
            device = second_step.check(user=stage.user, code=form.cleaned_data["code"])
            stage.note(remember=form.cleaned_data.get("remember_browser", False))
            return stage.passed_with(device)
        except second_step.WrongCode:
            form.add_error("code", WRONG_CODE)
        except second_step.TooManyWrongCodes as wait:
            form.add_error(
                "code",
                _("Too many wrong codes. You can try again %(when)s") % {"when": wording.spoken_wait(wait.until)},
            )
        except second_step.NotSetUp:
            return redirect("log_in")
    return render(request, "second_step/start.html", _context(stage, form))


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Show the secret of this log-in as a picture and as text; keep it once a code made from it is typed."""
    stage = _stage_on(request, page="second_step_enrol")
    if isinstance(stage, HttpResponse):
        return stage
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            return stage.passed_with(second_step.set_up(user=stage.user, secret=stage.secret, code=code))
        except second_step.WrongCode:
            form.add_error("code", WRONG_CODE_AT_SET_UP)
        except (second_step.AlreadySetUp, second_step.PasswordChanged):
            return redirect("log_in")
    invitation = second_step.invitation(user=stage.user, secret=stage.secret)
    picture = segno.make(invitation.address, error="m").svg_data_uri(scale=5, dark="#000", light="#fff")
    context = {**_context(stage, form), "invitation": invitation, "picture": picture}
    return render(request, "second_step/enrol.html", context)


def _context(stage: SecondStepStage, form: CodeForm) -> dict[str, object]:
    return {"form": form, "user_name": stage.user.username, "about": stage.about, "ends_at": stage.ends_at}


def _stage_on(request: HttpRequest, *, page: str) -> SecondStepStage | HttpResponse:
    """Return the stage of the log-in that is on `page` and that a sent form is about, or else what to answer."""
    stage = SecondStepStage.of(request)
    if out_of_date.is_out_of_date(request, held=stage.about if stage else None):
        return out_of_date.page(request)
    if stage is None or stage.page() != page:
        return redirect(stage.page() if stage else "log_in")
    return stage
