"""A person who leaves gives a personal email address in My ESR, and removes it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms.personal_address import PersonalAddressForm
from accounts.logged_in import LoggedInRequest, form_of, logged_in, proved_lately
from accounts.models.given_address import Purpose
from accounts.models.recovery_request import LINK_LASTS
from accounts.services import given_addresses, leaving
from nhsuk import wording


@logged_in
@proved_lately
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: LoggedInRequest) -> HttpResponse:
    """Show the personal address of a person who leaves, or ask for it."""
    user = request.user
    form = PersonalAddressForm(request.POST if request.method == "POST" else None)
    is_offered = leaving.is_offered(user=user)
    if is_offered and form.is_valid() and _is_taken(request, form):
        return redirect("personal_address")
    context = {
        "form": form,
        "person": user,
        "is_offered": is_offered,
        "address": given_addresses.of(user=user, purpose=Purpose.PERSONAL),
        "days": leaving.KEPT_AFTER.days,
        "days_before": leaving.OPEN_BEFORE.days,
        "minutes": wording.minutes(LINK_LASTS),
    }
    return render(request, "leaving/personal_address.html", context)


@logged_in
@proved_lately
@form_of("personal_address")
def remove(request: LoggedInRequest) -> HttpResponse:
    """Erase it."""
    if given_addresses.remove(user=request.user, purpose=Purpose.PERSONAL):
        messages.success(request, _("Your personal email address is erased here."))
    return redirect("personal_address")


def _is_taken(request: LoggedInRequest, form: PersonalAddressForm) -> bool:
    """Take the address, or say in `form` why not."""
    try:
        leaving.give(user=request.user, email=form.cleaned_data["email"])
    except leaving.Unusable:
        form.add_error("email", _("This address is one of your organisation’s, and ends with your last day"))
    except given_addresses.TooMany:
        form.add_error("email", _("You have asked for as many links as can be sent in a day. Try again tomorrow"))
    except given_addresses.AlreadyConfirmed:
        return True
    else:
        messages.success(request, _("We sent a link to that address. Open it there to confirm that it is yours."))
        return True
    return False
