"""Making a passkey and using one, by a person who is in the middle of a log-in or logged in.

A script asks `…_begin` for what to tell the browser, and sends the browser's answer in a form to `…_complete`. A form
that comes without an answer, because there is no script or the browser gave up, is told what else there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts import adapter, enrolment, out_of_date, webauthn
from accounts.browser import about, passkey_ceremonies
from accounts.browser.passkey_ceremonies import MAKING, USING, Ceremony
from accounts.enrolment import Enrolment
from accounts.forms.second_step import RememberForm
from accounts.logged_in import LoggedInRequest, form_of, logged_in, note_proof
from accounts.services import passkey_log_in, proving_again, second_step, sessions
from accounts.services.second_step import passkey_uses, passkeys
from accounts.stages import SecondStepStage

if TYPE_CHECKING:
    from django_otp_webauthn.models import WebAuthnCredential as Passkey

    from accounts.models import User


@require_POST
def register_begin(request: HttpRequest) -> JsonResponse:
    """Answer what the browser is to make a passkey of, for a person who may set up a second step now."""
    enrolling = enrolment.of(request)
    if out_of_date.is_out_of_date(request, held=_held(request, enrolling)):
        return _not_begun(status=409)
    quiet = "quiet" in request.POST
    if enrolling is None or (quiet and not _may_be_quiet(request, enrolling)):
        return _not_begun()
    try:
        begun = passkeys.begin_adding(user=enrolling.user)
    except (webauthn.Refused, passkeys.TooMany):
        return _not_begun()
    ceremony = Ceremony(begun.challenge, quiet=quiet)
    passkey_ceremonies.keep(request, MAKING, ceremony, about=enrolling.about)
    return JsonResponse(begun.options)


@sensitive_post_parameters("credential")
@require_POST
def register_complete(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser has made, and go on; or say why not."""
    enrolling = enrolment.of(request)
    if out_of_date.is_out_of_date(request, held=_held(request, enrolling)):
        return out_of_date.page(request)
    if enrolling is None:
        return _confirm_first(request) if request.user.is_authenticated else redirect("log_in")
    ceremony = passkey_ceremonies.take(request, MAKING, about=enrolling.about) or Ceremony("")
    try:
        passkey = passkeys.add(
            user=enrolling.user,
            challenge=ceremony.challenge,
            credential=request.POST.get("credential", ""),
            quiet=ceremony.quiet,
            only_as_first=enrolling.is_for_the_first,
        )
    except (second_step.AlreadySetUp, second_step.PasswordChanged):
        return _begin_anew(request, enrolling)
    except passkeys.TooMany:
        return _not_made(request, enrolling, _("You have as many passkeys as there can be. Remove one first."))
    except webauthn.Refused as refused:
        return _not_made(request, enrolling, _why_not(refused))
    if enrolling.stage is not None:
        return enrolling.stage.passed_with(str(passkey.persistent_id))
    return _made(request, enrolling, ceremony, passkey)


def _may_be_quiet(request: HttpRequest, enrolling: Enrolment) -> bool:
    """Return whether a passkey may be made without a press: by the rule of the page that offers it in a session."""
    shared = sessions.is_at_shared_computer(session=request.session)
    return enrolling.stage is None and passkey_log_in.may_be_made_quietly(user=enrolling.user, shared=shared)


def _held(request: HttpRequest, enrolling: Enrolment | None) -> str | None:
    return enrolling.about if enrolling else about.of(request)


def _begin_anew(request: HttpRequest, enrolling: Enrolment) -> HttpResponse:
    if enrolling.stage is None:
        return _confirm_first(request)
    enrolling.stage.say_that_it_begins_anew()
    return redirect("log_in")


def _made(request: HttpRequest, enrolling: Enrolment, ceremony: Ceremony, passkey: Passkey) -> HttpResponse:
    # It was used just now, in the making.
    proving_again.note_set_up(user=enrolling.user, session=request.session, device=str(passkey.persistent_id))
    messages.success(request, _("You can now log in with a passkey: %(name)s.") % {"name": passkey.name})
    if not ceremony.quiet and not second_step.ways_of(user=enrolling.user).are_enough:
        return redirect("second_step_codes")
    return redirect(_back(request))


def _not_made(request: HttpRequest, enrolling: Enrolment, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect(enrolling.stage.page() if enrolling.stage else _back(request))


def _why_not(refused: webauthn.Refused) -> str:
    if refused.reason == "switched_off":
        return _("Passkeys are switched off at the moment. No passkey was made.")
    if refused.reason == "nothing_sent":
        return _("No passkey was made. If JavaScript is off in this browser, passkeys do not work in it.")
    return _("No passkey was made. You can try again.")


@require_POST
def challenge_begin(request: HttpRequest) -> JsonResponse:
    """Answer which passkeys the browser is to ask for, in a log-in that is at its second step."""
    stage = SecondStepStage.of(request)
    if out_of_date.is_out_of_date(request, held=stage.about if stage else None):
        return _not_begun(status=409)
    if stage is None:
        return _not_begun()
    return _use_begun(request, user=stage.user, held=stage.about)


@sensitive_post_parameters("credential")
@require_POST
def challenge_complete(request: HttpRequest) -> HttpResponse:
    """Go on where the passkey is one of the person's; else back to the second step, where other ways are."""
    stage = SecondStepStage.of(request)
    if out_of_date.is_out_of_date(request, held=stage.about if stage else None):
        return out_of_date.page(request)
    if stage is None:
        return redirect("log_in")
    try:
        device = passkey_uses.pass_second_step(user=stage.user, **answer(request, held=stage.about))
    except webauthn.Refused:
        messages.error(request, _("That passkey did not work. Try again, or use another way."))
        return redirect(stage.page())
    tick = RememberForm(request.POST, may_remember=stage.may_remember_browser)
    stage.note(remember=tick.is_valid() and tick.is_ticked)
    return stage.passed_with(device)


@require_POST
@logged_in
def prove_begin(request: LoggedInRequest) -> HttpResponse:
    """Answer which passkeys the browser is to ask for, of a person who is to prove again who they are."""
    return _use_begun(request, user=request.user, held=about.person(request.user))


@sensitive_post_parameters("credential")
@logged_in
@form_of("security_confirm")
def prove_complete(request: LoggedInRequest) -> HttpResponse:
    """Note that the person has proved who they are, and go on to where they wanted to; else ask once more."""
    try:
        shown = passkey_uses.prove_again(user=request.user, **answer(request, held=about.person(request.user)))
    except webauthn.Refused as refused:
        return not_proved(request, refused, to=_confirm(request))
    note_proof(request, second_step_shown=shown)
    return redirect(_back(request))


def not_proved(request: HttpRequest, refused: webauthn.Refused, *, to: str) -> HttpResponse:
    """Say that a passkey proved nothing, and lead to the page `to`: or out, where there may be a copy of it."""
    if refused.reason == "counter":
        # Every session of the person has ended with it.
        adapter.leave(request)
        messages.error(request, _("There may be a copy of that passkey, so it was stopped, and you were logged out."))
        return redirect("log_in")
    messages.error(request, _("That passkey did not work. Try again, or use another way."))
    return redirect(to)


@require_GET
def well_known(request: HttpRequest) -> JsonResponse:
    """Lead password managers to where passkeys are made and looked after (W3C, passkey endpoints)."""
    page = settings.BASE_URL.rstrip("/") + reverse("security")
    return JsonResponse({"enroll": page, "manage": page})


def _use_begun(request: HttpRequest, *, user: User, held: str) -> JsonResponse:
    try:
        begun = passkeys.begin_use(user=user)
    except webauthn.Refused:
        return _not_begun()
    passkey_ceremonies.keep(request, USING, Ceremony(begun.challenge), about=held)
    return JsonResponse(begun.options)


def answer(request: HttpRequest, *, held: str) -> dict[str, str]:
    """Return the answer that was sent, and the challenge that it is to, which is not kept for another one."""
    ceremony = passkey_ceremonies.take(request, USING, about=held) or Ceremony("")
    return {"challenge": ceremony.challenge, "credential": request.POST.get("credential", "")}


def _not_begun(*, status: int = 403) -> JsonResponse:
    return JsonResponse({"begun": False}, status=status)


def _back(request: HttpRequest) -> str:
    """Return where the form wants to go on, or else the person's security page."""
    wanted = adapter.local_address(request, request.POST.get("next", ""))
    return wanted or reverse("security")


def _confirm_first(request: HttpRequest) -> HttpResponse:
    """Send a person to the page that asks them to prove again who they are, and from there to making the passkey."""
    messages.info(request, _("Nothing was changed yet. Confirm that it is you, then do it again."))
    return redirect(f"{reverse('security_confirm')}?{urlencode({'next': reverse('security_passkey_add')})}")


def _confirm(request: HttpRequest) -> str:
    """Return the page that asks a person to prove again who they are, and leads back."""
    page = reverse("security_confirm")
    return f"{page}?{urlencode({'next': _back(request)})}"
