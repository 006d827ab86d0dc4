"""The question after a log-in whether a second step that was not used for weeks still works."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import adapter, webauthn
from accounts.browser import about
from accounts.forms.second_step import CodeForm
from accounts.logged_in import LoggedInRequest, form_of, logged_in, note_proof
from accounts.services import second_step
from accounts.services.second_step import passkey_uses, still_works
from accounts.views import passkey as passkey_views
from accounts.views.second_step import CANNOT_BE_CHECKED, WRONG_CODE
from nhsuk import wording

if TYPE_CHECKING:
    from accounts.services.second_step import Ways


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def start(request: LoggedInRequest) -> HttpResponse:
    """Ask; take a code of the person's app as the answer, and go on to where they wanted to go."""
    if not still_works.is_to_be_asked(user=request.user):
        return redirect(_next(request))
    ways = second_step.ways_of(user=request.user)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            shown = still_works.use_code(user=request.user, code=form.cleaned_data["code"])
        except (second_step.WrongCode, second_step.NotSetUp):
            form.add_error("code", WRONG_CODE)
        except second_step.CannotBeChecked:
            form.add_error("code", CANNOT_BE_CHECKED)
        except second_step.TooManyWrongCodes as wait:
            form.add_error("code", _in_words(wait))
        else:
            return _works(request, shown)
    return render(request, "second_step/still_works.html", _context(request, form, ways))


@sensitive_post_parameters("credential")
@logged_in
@form_of("still_works")
def passkey(request: LoggedInRequest) -> HttpResponse:
    """Take the person's passkey as the answer, which also proves again who they are."""
    answer = passkey_views.answer(request, held=about.person(request.user))
    try:
        shown = passkey_uses.prove_again(user=request.user, **answer)
    except webauthn.Refused as refused:
        again = f"{reverse('still_works')}?{urlencode({'next': _next(request)})}"
        return passkey_views.not_proved(request, refused, to=again)
    still_works.note_used(user=request.user)
    return _works(request, shown)


@logged_in
@form_of("still_works")
def lost(request: LoggedInRequest) -> HttpResponse:
    """Go to the security page, where another way can be set up and the lost one removed."""
    still_works.note_lost(user=request.user)
    messages.info(request, _("Set up another second step first, then remove the one that you have lost."))
    return redirect("security")


@logged_in
@form_of("still_works")
def later(request: LoggedInRequest) -> HttpResponse:
    """Go on, and ask at the next log-in."""
    still_works.wait(user=request.user)
    return redirect(_next(request))


def _in_words(wait: second_step.TooManyWrongCodes) -> str:
    if wait.until is None:
        return _(
            "There were too many wrong codes. No code is looked at now. If your app is gone, choose “I have lost it”"
        )
    return _("Too many wrong codes. You can try again %(when)s") % {"when": wording.spoken_wait(wait.until)}


def _works(request: LoggedInRequest, shown: str) -> HttpResponse:
    note_proof(request, second_step_shown=shown)
    messages.success(request, _("Your second step works."))
    return redirect(_next(request))


def _next(request: LoggedInRequest) -> str:
    sent = request.POST if request.method == "POST" else request.GET
    return adapter.local_address(request, sent.get("next", "")) or reverse("my_esr")


def _context(request: LoggedInRequest, form: CodeForm, ways: Ways) -> dict[str, object]:
    return {
        "form": form,
        "about": about.person(request.user),
        "next": _next(request),
        "ways": ways,
        "passkeys_on": second_step.passkeys.are_on(),
        "weeks": still_works.ASK_AFTER.days // 7,
        "may_wait": still_works.may_wait(user=request.user),
    }
