"""A person who has just logged in with their smartcard asks for another email address on their record."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import proof
from accounts.browser import preferred_method
from accounts.forms.email_correction import EmailCorrectionForm
from accounts.logged_in import LoggedInRequest, form_of, logged_in
from accounts.models.given_address import Purpose
from accounts.models.recovery_request import LINK_LASTS
from accounts.services import email_corrections, given_addresses, internet_access
from nhsuk import wording


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: LoggedInRequest) -> HttpResponse:
    """Show what a person has asked for, or take it; without a smartcard shown just now, say what is missing."""
    user, shown = request.user, proof.of_session(session=request.session)
    missing = email_corrections.what_is_missing(user=user, proof=shown)
    form = EmailCorrectionForm(request.POST if request.method == "POST" else None)
    if not missing and form.is_valid() and _is_taken(request, form):
        return redirect("email_correction")
    context = {
        "form": form,
        "person": user,
        "missing": missing,
        "on_record": internet_access.masked_email(user=user),
        "asked": email_corrections.of(user=user),
        "minutes": wording.minutes(LINK_LASTS),
        "care_identity_is_offered": preferred_method.is_offered(),
    }
    return render(request, "email_correction/show.html", context)


@logged_in
@form_of("email_correction")
def take_back(request: LoggedInRequest) -> HttpResponse:
    """Take it back. No proof is asked for: it leaves the record as it is."""
    if given_addresses.remove(user=request.user, purpose=Purpose.CORRECTION):
        messages.success(request, _("You took it back. Your record stays as it is."))
    return redirect("email_correction")


def _is_taken(request: LoggedInRequest, form: EmailCorrectionForm) -> bool:
    """Take the address, or say in `form` why not."""
    shown = proof.of_session(session=request.session)
    try:
        email_corrections.ask(user=request.user, proof=shown, email=form.cleaned_data["email"])
    except email_corrections.SameAddress:
        form.add_error("email", _("This address is on your record already"))
    except email_corrections.Unusable:
        form.add_error("email", _("Enter an address that your organisation gave you"))
    except given_addresses.TooMany:
        form.add_error("email", _("You have asked for as many links as can be sent in a day. Try again tomorrow"))
    except (given_addresses.AlreadyConfirmed, email_corrections.NotProven):
        return True
    else:
        messages.success(request, _("We sent a link to that address. Open it there to confirm that it is yours."))
        return True
    return False
