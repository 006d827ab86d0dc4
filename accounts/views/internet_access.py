"""Manage Internet Access: setting up a username and password for outside the organisation, and giving it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import proof as proofs
from accounts.browser import device_cookies, preferred_method
from accounts.forms.internet_access import CHANGED_MEANWHILE, InternetAccessForm
from accounts.logged_in import LoggedInRequest, logged_in
from accounts.models import User
from accounts.services import events, internet_access, password_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING_DONE = gettext_lazy("Nothing was changed. First show again who you are and where you are, as this page says.")


@sensitive_post_parameters()
@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: LoggedInRequest) -> HttpResponse:
    """Say whether the person has internet access and take a new password, or say what is missing before that."""
    user = request.user
    missing = internet_access.what_is_missing(user=user, proof=_proof(request), address=events.origin().address)
    if missing:
        return _explain(request, user, missing)
    email_shown = internet_access.email_digest(user=user)
    form = InternetAccessForm(
        request.POST if request.method == "POST" else None,
        masked_email=internet_access.masked_email(user=user),
        email_digest=email_shown,
        contact=user.organisation.support_email,
    )
    if form.is_valid():
        try:
            return _granted(request, user, form)
        except internet_access.NotProven as refused:
            return _explain(request, user, refused.missing)
        except internet_access.ChangedMeanwhile:
            form.add_error(None, CHANGED_MEANWHILE)
        except password_policy.PasswordRefused as refused:
            form.refuse(refused.broken)
    elif form.typed_new_password():
        form.refuse(password_policy.broken_rules(password=form.typed_new_password(), user=user))
    context = {"form": form, "email_shown": email_shown, **_status_facts(user)}
    return render(request, "internet_access/show.html", context)


def _granted(request: HttpRequest, user: User, form: InternetAccessForm) -> HttpResponse:
    changed = internet_access.grant(
        user=user,
        proof=_proof(request),
        address=events.origin().address,
        confirmed_email=form.confirmed_email(),
        password=form.cleaned_data["new_password"],
        keep_session=request.session.session_key,
    )
    update_session_auth_hash(request, changed)
    done = _(
        "You can now log in from anywhere with username %(username)s and the password that you have just set. You were "
        "logged out everywhere else."
    )
    if user.has_usable_password() and internet_access.works_outside(user=user):
        # They could before, and were told so on this page.
        done = _(
            "Your new password is set. You can log in from anywhere with username %(username)s, as before. "
            "You were logged out everywhere else."
        )
    messages.success(request, done % {"username": changed.username})
    response = redirect("internet_access")
    device_cookies.remember(request, response, user=changed)
    return response


def _explain(request: HttpRequest, user: User, missing: Sequence[internet_access.Missing]) -> HttpResponse:
    if request.method == "POST":
        messages.error(request, NOTHING_DONE)
    context = {
        "missing": [each.value for each in missing],
        "is_offered": preferred_method.is_offered(),
        **_status_facts(user),
    }
    return render(request, "internet_access/missing.html", context)


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: LoggedInRequest) -> HttpResponse:
    """Ask whether the person means to give up their internet access; on POST, withdraw it."""
    user, proof, address = request.user, _proof(request), events.origin().address
    if request.method == "POST":
        key = request.session.session_key
        try:
            if internet_access.withdraw_oneself(user=user, proof=proof, address=address, keep_session=key):
                messages.success(request, _("Your internet access is withdrawn."))
        except internet_access.NotProven:
            messages.error(request, NOTHING_DONE)
        return redirect("internet_access")
    is_on = internet_access.status(user=user) is internet_access.Status.ON
    if not is_on or internet_access.what_is_missing(user=user, proof=proof, address=address):
        return redirect("internet_access")
    return render(request, "internet_access/withdraw.html", {"person": user})


def _status_facts(user: User) -> dict[str, object]:
    return {
        "person": user,
        "status": internet_access.status(user=user).name,
        "works_outside": internet_access.works_outside(user=user),
    }


def _proof(request: HttpRequest) -> proofs.Proof | None:
    return proofs.of_session(session=request.session)
