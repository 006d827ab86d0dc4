"""Changing a password, as the person wishes or because the helpdesk said so, and the live check of a new one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import live_check_limit, out_of_date
from accounts import proof as proofs
from accounts.browser import about, device_cookies, recovery
from accounts.forms.password import ChangePasswordForm, NewPasswordForm
from accounts.logged_in import LoggedInRequest, logged_in
from accounts.models import User
from accounts.services import events, password_change, password_policy
from accounts.services.recovery import LinkUnusable
from accounts.stages import MustChangePasswordStage
from nhsuk import wording


@sensitive_post_parameters()
@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: LoggedInRequest) -> HttpResponse:
    """Ask for a new password, and for the current one unless a smartcard was shown just now; this session stays."""
    user, proof = request.user, proofs.of_session(session=request.session)
    try:
        needs_current = password_change.needs_current_password(user=user, proof=proof)
    except (password_change.NoPassword, password_change.PasswordFrozen) as cannot:
        return _cannot_change(request, cannot)
    typed = request.POST if request.method == "POST" else None
    form = ChangePasswordForm(typed) if needs_current else NewPasswordForm(typed)
    if form.is_valid():
        try:
            return _changed(request, _change(request, user, form))
        except (password_change.CurrentPasswordNeeded, password_change.PasswordFrozen):
            return redirect("password_change")
        except password_change.CurrentPasswordRefused as refused:
            form.add_error("current_password", _current_refused(refused))
            form.refuse(refused.broken)
        except password_policy.PasswordRefused as refused:
            form.refuse(refused.broken)
        except password_change.ChangedMeanwhile:
            form.add_error(None, _("Your password was changed somewhere else just now. Try again"))
    elif form.typed_new_password():
        form.refuse(password_policy.broken_rules(password=form.typed_new_password(), user=user))
    context = {"form": form, "person": user, "needs_current": needs_current, "came_by_care_identity": proof is not None}
    return render(request, "password/change.html", context)


def _cannot_change(request: HttpRequest, why: Exception) -> HttpResponse:
    if isinstance(why, password_change.PasswordFrozen):
        # My ESR says what to do.
        return redirect("my_esr")
    messages.info(request, _("You have no password yet. You can set one up here."))
    return redirect("internet_access")


def _change(request: HttpRequest, user: User, form: NewPasswordForm) -> User:
    new_password, key = form.cleaned_data["new_password"], request.session.session_key
    if not isinstance(form, ChangePasswordForm):
        return password_change.change_after_care_identity(
            user=user,
            proof=proofs.of_session(session=request.session),
            new_password=new_password,
            session_key=key,
        )
    return password_change.change(
        user=user,
        current_password=form.cleaned_data["current_password"],
        new_password=new_password,
        browser=device_cookies.known_browser(request, username=user.username),
        session_key=key,
    )


def _changed(request: HttpRequest, changed: User) -> HttpResponse:
    update_session_auth_hash(request, changed)
    messages.success(request, _("Your password was changed. You were logged out everywhere else."))
    response = redirect("my_esr")
    device_cookies.remember(request, response, user=changed)
    return response


def _current_refused(refused: password_change.CurrentPasswordRefused) -> str:
    if refused.used_up:
        # The label of the log-in page, word for word.
        return _(
            "There were too many wrong passwords. Log out and choose “Forgotten | Request Username/Password | Unlock "
            "Account” to set a new one"
        )
    if refused.locked_until is None:
        return _("This is not your current password")
    return _("There were too many wrong passwords. You can try again %(when)s") % {
        "when": wording.spoken_wait(refused.locked_until)
    }


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def must_change(request: HttpRequest) -> HttpResponse:
    """Ask for a new password in the middle of a log-in, where the helpdesk said so."""
    stage = MustChangePasswordStage.of(request)
    if out_of_date.is_out_of_date(request, held=stage.about if stage else None):
        return out_of_date.page(request)
    if stage is None:
        return redirect("log_in")
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _changed_as_told(request, stage, form)
        except password_policy.PasswordRefused as refused:
            form.refuse(refused.broken)
        except password_change.ChangedMeanwhile:
            stage.say_that_it_begins_anew()
            return redirect("log_in")
    context = {"form": form, "person": stage.user, "about": stage.about, "ends_at": stage.ends_at}
    return render(request, "password/must_change.html", context)


def _changed_as_told(request: HttpRequest, stage: MustChangePasswordStage, form: NewPasswordForm) -> HttpResponse:
    changed = password_change.change_as_told(
        user=stage.user,
        new_password=form.cleaned_data["new_password"],
        password_fingerprint=stage.under_way.password_fingerprint,
    )
    response = stage.passed_with_new_password(changed)
    # The last check may have found that something changed meanwhile.
    if request.user.is_authenticated:
        messages.success(request, _("Your password was changed. You are logged in."))
    return response


@require_safe
def well_known(request: HttpRequest) -> HttpResponse:
    """Lead password managers to the page that changes a password (https://www.w3.org/TR/change-password-url/)."""
    return redirect("password_change")


class _OutOfDate(Exception):
    """A password is typed in a page about another person than this browser is with."""


@sensitive_post_parameters()
@require_POST
def check(request: HttpRequest) -> JsonResponse:
    """Answer which rules a new password breaks, while it is typed. Not the history: that is asked when it is sent.

    409 where its page is about another person than this browser is with by now.
    """
    try:
        person = _whose(request)
    except _OutOfDate:
        return JsonResponse({"broken": []}, status=409)
    who = f"person {person.pk}" if person else f"address {events.origin().address}"
    if not live_check_limit.may_ask(who=who):
        return JsonResponse({"broken": []}, status=429)
    broken = password_policy.broken_rules(password=request.POST.get("password", ""), user=person)
    return JsonResponse({"broken": [{"code": rule.code, "message": rule.message} for rule in broken]})


def _whose(request: HttpRequest) -> User | None:
    """Return the person whose new password is typed, or None where this browser sets no password. Raises _OutOfDate."""
    if isinstance(request.user, User):
        return _only_if(about.says(request, about.person(request.user)), request.user)
    stage = MustChangePasswordStage.of(request)
    if stage is not None:
        return _only_if(about.says(request, stage.about), stage.user)
    try:
        return recovery.link(request).user
    except LinkUnusable:
        return _only_if(not about.sent(request) and not recovery.is_one_open(request), None)


def _only_if(is_so: bool, person: User | None) -> User | None:
    if not is_so:
        raise _OutOfDate
    return person
