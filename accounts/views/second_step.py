"""The pages that ask for a second step in a log-in, and what to do where it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import out_of_date
from accounts.browser import preferred_method
from accounts.forms.second_step import BootstrapForm, ChallengeForm, RecoveryCodeForm
from accounts.models import User
from accounts.services import second_step
from accounts.services.second_step import bootstrap_codes, passkeys, recovery_codes
from accounts.stages import SecondStepStage
from nhsuk import wording

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


# The id of the form with the code, on a page that has a passkey's too.
CODE_FORM = "second-step-code"
WRONG_CODE = gettext_lazy(
    "That code is not right, or it was used already. Wait until your app shows the next one and type that"
)
CANNOT_BE_CHECKED = gettext_lazy(
    "We cannot check codes right now. That is our fault, and it did not count as a wrong code. Try again in a few "
    "minutes, or use another way"
)
WRONG_RECOVERY_CODE = gettext_lazy("That is none of your recovery codes, or it was used already. Try another one")
WRONG_BOOTSTRAP_CODE = gettext_lazy(
    "That code is not right, was used already, or is older than an hour. Check it, or ask for a new one. After five "
    "wrong tries you have to log in again"
)
NO_MORE_RECOVERY_CODES = gettext_lazy(
    "There were too many wrong recovery codes. They do not work until you have logged in another way, or the helpdesk "
    "has ended the wait"
)
NO_MORE_CODES = gettext_lazy(
    "There were too many wrong codes. Codes of your app do not work until you have logged in another way. Choose “I "
    "have lost my second step”"
)
# Where there is no such choice.
NO_MORE_CODES_HERE = gettext_lazy(
    "There were too many wrong codes. Codes of your app do not work until you have logged in another way. Use a "
    "recovery code, or ask your organisation’s ESR contact"
)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a passkey, the code that the person's app shows now, or a recovery code."""
    stage = _stage_on(request, page="second_step")
    if isinstance(stage, HttpResponse):
        return stage
    ways = second_step.ways_of(user=stage.user)
    data = request.POST if request.method == "POST" else None
    by_passkey, by_code = ways.passkeys > 0 and passkeys.are_on(), ways.authenticator or ways.recovery_codes > 0
    # Where there are two ways, one box before both is for both, and is sent with the code.
    box_of = CODE_FORM if by_passkey and by_code else ""
    form = ChallengeForm(data, ways=ways, may_remember=stage.may_remember_browser, box_of=box_of)
    if form.is_valid():
        stage.note(remember=form.is_ticked)
        answer = _answer(request, stage, form)
        if answer is not None:
            return answer
    context = {
        **_context(stage),
        "form": form,
        "ways": ways,
        "passkeys": by_passkey,
        "has_code": by_code,
        "code_form": CODE_FORM,
    }
    return render(request, "second_step/start.html", context)


@sensitive_post_parameters("code", "bootstrap_code")
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: HttpRequest) -> HttpResponse:
    """Say what a person can do who has lost their second step; take a recovery code, or a code of the helpdesk."""
    stage = _stage_on(request, page="second_step")
    if isinstance(stage, HttpResponse):
        return stage
    data = request.POST if request.method == "POST" else None
    by_helpdesk = data is not None and "bootstrap_code" in data
    bootstrap = BootstrapForm(data if by_helpdesk else None)
    recovery = RecoveryCodeForm(None if by_helpdesk else data)
    answer = None
    if bootstrap.is_valid():
        answer = _bootstrap(stage, bootstrap)
    elif recovery.is_valid():
        answer = _answer(request, stage, recovery)
    if answer is not None:
        return answer
    context = {
        **_context(stage),
        "form": bootstrap if by_helpdesk else recovery,
        "recovery": recovery,
        "bootstrap": bootstrap,
        "codes_left": recovery_codes.left(user=stage.user),
        "care_identity_offered": preferred_method.is_offered(),
        "person": stage.user,
    }
    return render(request, "second_step/lost.html", context)


def _answer(request: HttpRequest, stage: SecondStepStage, form: Form) -> HttpResponse | None:
    """Return what follows a right code, or None where it is wrong, and say so in `form`."""
    try:
        device = device_of(form, user=stage.user)
    except second_step.NotSetUp:
        return redirect("log_in")
    if device is None:
        return None
    response = stage.passed_with(device)
    warn_of_few(request, form, user=stage.user)
    return response


def device_of(form: Form, *, user: User, no_more: StrPromise = NO_MORE_CODES) -> str | None:
    """Return what a session knows the way by whose right code stands in `form`, or None, and say in `form` why not.

    `no_more` is said where no code of the app is looked at any more. Raises second_step.NotSetUp where there is no app
    any more.
    """
    code = form.cleaned_data["code"]
    try:
        return (second_step.check if _is_of_app(code) else recovery_codes.use)(user=user, code=code)
    except second_step.WrongCode:
        form.add_error("code", WRONG_CODE)
    except second_step.WrongRecoveryCode:
        form.add_error("code", WRONG_RECOVERY_CODE)
    except second_step.CannotBeChecked:
        form.add_error("code", CANNOT_BE_CHECKED)
    except second_step.TooManyWrongCodes as wait:
        form.add_error("code", _wait(wait, no_more=no_more if _is_of_app(code) else NO_MORE_RECOVERY_CODES))
    except second_step.NoRecoveryCodes:
        form.add_error("code", _("You have no recovery codes left. Use another way"))
    return None


def _is_of_app(code: str) -> bool:
    return len(code) == second_step.DIGITS


def _bootstrap(stage: SecondStepStage, form: BootstrapForm) -> HttpResponse | None:
    """Return the page that follows, or None where the code is wrong, and say so in `form`.

    It sets up a new second step, or is the log-in page after too many wrong ones.
    """
    try:
        bootstrap_codes.use(user=stage.user, code=form.cleaned_data["bootstrap_code"])
    except second_step.WrongBootstrapCode:
        form.add_error("bootstrap_code", WRONG_BOOTSTRAP_CODE)
        return stage.bootstrap_code_was_wrong()
    return stage.bootstrapped()


def warn_of_few(request: HttpRequest, form: Form, *, user: User) -> None:
    """Say how many recovery codes `user` has left, where they have used one in `form` and few are."""
    if _is_of_app(form.cleaned_data["code"]):
        return
    left = recovery_codes.left(user=user)
    if left <= recovery_codes.FEW:
        words = ngettext(
            "You have %(left)s recovery code left. Make new ones soon, or add another second step.",
            "You have %(left)s recovery codes left. Make new ones soon, or add another second step.",
            left,
        )
        messages.warning(request, words % {"left": left})


def _wait(wait: second_step.TooManyWrongCodes, *, no_more: StrPromise) -> str:
    if wait.until is None:
        return str(no_more)
    return _("Too many wrong codes. You can try again %(when)s") % {"when": wording.spoken_wait(wait.until)}


def _context(stage: SecondStepStage) -> dict[str, object]:
    return {"user_name": stage.user.username, "about": stage.about, "ends_at": stage.ends_at}


def _stage_on(request: HttpRequest, *, page: str) -> SecondStepStage | HttpResponse:
    """Return the stage of the log-in that is on `page` and that a sent form is about, or else what to answer."""
    stage = SecondStepStage.of(request)
    if out_of_date.is_out_of_date(request, held=stage.about if stage else None):
        return out_of_date.page(request)
    if stage is None or stage.page() != page:
        return redirect(stage.page() if stage else "log_in")
    return stage
