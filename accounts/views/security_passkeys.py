"""Adding, renaming and removing a passkey, from the security page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.forms.security import PasskeyNameForm
from accounts.logged_in import LoggedInRequest, logged_in, proved_lately
from accounts.services import protection, second_step
from accounts.services.second_step import passkeys


@logged_in
@proved_lately
@require_safe
def add(request: LoggedInRequest) -> HttpResponse:
    """Offer to make a passkey, where one can be made. accounts/views/passkey.py makes it."""
    there_is = protection.of(user=request.user)
    if not (there_is.may_add and there_is.passkeys_are_on):
        return redirect("security")
    return render(request, "security/add_passkey.html")


@logged_in
@proved_lately
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Ask for another name of a passkey."""
    passkey = _theirs_or_404(request, pk)
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": passkey.name})
    if form.is_valid():
        try:
            passkeys.rename(user=request.user, pk=pk, name=form.cleaned_data["name"])
        except passkeys.NoName:
            form.add_error("name", form.fields["name"].error_messages["required"])
        else:
            messages.success(request, _("The passkey has a new name."))
            return redirect("security")
    return render(request, "security/rename_passkey.html", {"form": form, "passkey": passkey})


@logged_in
@proved_lately
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Ask whether the person means to remove a passkey; on POST, remove it."""
    passkey = _theirs_or_404(request, pk)
    if request.method != "POST":
        return render(request, "security/remove_passkey.html", {"passkey": passkey})
    try:
        passkeys.remove(user=request.user, pk=pk, session_key=request.session.session_key)
    except second_step.LastWay:
        messages.info(request, _("Nothing was removed. You need a second step: add another one first."))
    except passkeys.NoSuchPasskey:
        messages.info(request, _("That passkey was removed already."))
    else:
        messages.success(request, _("The passkey was removed. You were logged out everywhere else."))
    return redirect("security")


def _theirs_or_404(request: LoggedInRequest, pk: int) -> Passkey:
    passkey = passkeys.theirs(user=request.user).filter(pk=pk).first()
    if passkey is None:
        raise Http404
    return passkey
