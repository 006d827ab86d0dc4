"""Your accounts: which others there are, going to one, and logging in to one more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import adapter, proof
from accounts.browser import about, other_accounts, remembered_username
from accounts.logged_in import LoggedInRequest, form_of, logged_in
from accounts.services import switching

if TYPE_CHECKING:
    from accounts.services.switching import Account

# The field of the form that says to which account it leads.
ACCOUNT = "account"


@logged_in
@require_safe
def show(request: LoggedInRequest) -> HttpResponse:
    """Show which account this is, the person's others, and how to log in to one more."""
    context = {
        "others": [(account, about.person(account.user)) for account in _accounts(request)],
        "may_log_in": other_accounts.may_ask_to_keep(request),
        "are_most": other_accounts.are_as_many_as_may_be(request),
        "most": switching.MOST_AT_ONCE,
    }
    return render(request, "your_accounts/show.html", context)


@logged_in
@form_of("switching")
def go(request: LoggedInRequest) -> HttpResponse:
    """Go to the account that was chosen: at once, through its stages, or by logging in to it again."""
    sent = request.POST.get(ACCOUNT, "")
    chosen = next((found for found in _accounts(request) if about.is_same(sent, about.person(found.user))), None)
    if chosen is None:
        messages.info(request, _("This browser is not logged in to that account any more."))
        return redirect("switching")
    if chosen.way is switching.Way.LOGGED_IN and other_accounts.switch(request, to=chosen.user):
        return redirect("my_esr")
    by = proof.of_session(session=request.session)
    if chosen.way is switching.Way.CARE_IDENTITY and other_accounts.are_as_many_as_may_be(request):
        # It would end the others, which nobody asked for.
        messages.info(request, _("To use another account here, log out first."))
        return redirect("switching")
    if chosen.way is switching.Way.CARE_IDENTITY and by is not None:
        return adapter.switch_by_care_identity(request, user=chosen.user, left=request.user, proof=by)
    return _log_in(request, username=chosen.user.username)


@logged_in
@form_of("switching")
def log_in(request: LoggedInRequest) -> HttpResponse:
    """Go to the log-in page, and stay logged in to this account as well."""
    return _log_in(request, username="")


def _log_in(request: LoggedInRequest, *, username: str) -> HttpResponse:
    if not other_accounts.ask_to_keep(request):
        messages.info(request, _("To use another account here, log out first."))
        return redirect("switching")
    if username:
        remembered_username.keep_once(request, username)
    return redirect(f"{reverse('log_in')}?another")


def _accounts(request: LoggedInRequest) -> list[Account]:
    kept = other_accounts.kept(request.session)
    going_on = {user.pk for user in other_accounts.open_sessions(request)}
    return switching.accounts(
        user=request.user,
        proof=proof.of_session(session=request.session),
        kept={other.user_id: other.user_id in going_on for other in kept},
    )
