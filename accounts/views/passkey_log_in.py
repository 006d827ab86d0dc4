"""Logging in with a passkey alone, from the log-in page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import adapter, esr_contact, out_of_date, webauthn
from accounts.browser import other_accounts, passkey_ceremonies, remembered_username
from accounts.forms.log_in import PasskeyLogInForm
from accounts.services import events, passkey_log_in, second_step
from accounts.views import log_in


@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """Answer what the browser is to ask its person for. Stores nothing, so that a stranger may ask."""
    challenge = passkey_ceremonies.log_in_challenge(request)
    try:
        begun = second_step.passkeys.begin_log_in(challenge=challenge)
    except webauthn.Refused:
        return JsonResponse({"begun": False}, status=403)
    return JsonResponse(begun.options)


@sensitive_post_parameters("credential")
@require_POST
def complete(request: HttpRequest) -> HttpResponse:
    """Take the person whose passkey it is through the stages, or say why not, and what else there is."""
    if other_accounts.is_too_late(request):
        return out_of_date.page(request)
    form = PasskeyLogInForm(request.POST)
    form.is_valid()
    try:
        assertion = webauthn.read_assertion(request.POST.get("credential", ""))
        if not passkey_ceremonies.is_for_log_in_here(request, assertion.challenge):
            raise webauthn.Refused("not_begun_here")
        address = events.origin().address
        passkey = passkey_log_in.check(assertion=assertion, challenge=assertion.challenge, address=address)
    except webauthn.Refused as refused:
        return _again(request, form, refused)
    except passkey_log_in.MayNotEnter as refused:
        name = "not_in_force" if isinstance(refused, passkey_log_in.NotInForce) else "outside_network"
        return render(request, f"passkeys/{name}.html", {"contacts": [esr_contact.of(refused.user)]})
    shared, another = form.cleaned_data["shared"], other_accounts.is_asked_to_keep(request)
    response = adapter.enter_with_passkey(
        request, user=passkey.user, passkey=passkey, next_url=form.cleaned_data["next"], shared=shared
    )
    if not another:
        ticked = form.cleaned_data["remember_username"] and not shared
        remembered_username.obey(request, response, ticked=ticked, logged_in=passkey.user.username)
    return response


def _again(request: HttpRequest, form: PasskeyLogInForm, refused: webauthn.Refused) -> HttpResponse:
    """Show the log-in page again. Of a passkey that does not count it says one thing, whatever is wrong with it."""
    if refused.reason == "nothing_sent":
        notice = _("No passkey was used. If JavaScript is off in this browser, passkeys do not work in it.")
    elif refused.reason == "switched_off":
        notice = _("Passkeys are switched off at the moment. Log in another way.")
    else:
        notice = _("That passkey did not log you in. It was used too late, or no ESR account has it any more.")
    next_url = adapter.local_address(request, form.cleaned_data["next"]) or ""
    return log_in.page(
        request, log_in.empty_form(request, next_url=next_url, username=""), notice=notice, passkey_help=True
    )
