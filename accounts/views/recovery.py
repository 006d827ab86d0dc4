"""Forgotten | Request Username/Password | Unlock Account: the form, its answer, and the page behind the mailed link."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import old_forms, out_of_date, referrer
from accounts.browser import about, recovery_asked, wrong_tries
from accounts.browser import recovery as remembered
from accounts.forms.password import RecoveredPasswordForm
from accounts.forms.recovery import LONGEST_TYPED, RecoveryForm
from accounts.models import RecoveryLink
from accounts.services import password_policy, recovery
from accounts.services.second_step import passkeys
from nhsuk import shells, wording

# In the address of the page that says how long to wait until the form can be sent again.
_TOO_SOON = "too-soon"
_SENT_SINCE = gettext_lazy(
    "Since this page was opened, another form was sent in this browser. Nothing was done with this one."
)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for email address and date of birth. The answer is the same whether they match a person or not."""
    remembered.forget(request)
    before = recovery_asked.find(request)
    if request.method != "POST":
        email = before.email if before and before.is_refilling else ""
        response = _form(request, RecoveryForm(initial={"email": email}))
        recovery_asked.opened(request, response, before)
        return response
    form = RecoveryForm(request.POST)
    if not form.is_valid():
        is_old = recovery_asked.is_older(request, request.POST)
        return _form(request, RecoveryForm(), notice=str(_SENT_SINCE)) if is_old else _form(request, form)
    email = form.cleaned_data["email"]
    reference = recovery.ask(email=email, date_of_birth=form.cleaned_data["date_of_birth"])
    response = redirect("recovery_requested")
    recovery_asked.keep(request, response, reference=reference, email=email, before=before)
    return response


def again(request: HttpRequest) -> HttpResponse:
    """Show the form again where it came without a right token, with the address but not the date of birth.

    Nothing is done with it: a page elsewhere may have sent it.
    """
    typed = old_forms.typed(request)
    email = "" if recovery_asked.is_older(request, typed) else typed.get("email", "")[:LONGEST_TYPED]
    notice = old_forms.notice(request, then=_("type your date of birth again and send it"))
    return _form(request, RecoveryForm(initial={"email": email}), notice=notice, status=403)


def _form(request: HttpRequest, form: RecoveryForm, *, notice: str = "", status: int = 200) -> HttpResponse:
    """Return the page with the form. `notice` is said above it."""
    context = {"form": form, "notice": notice, "opened": recovery_asked.mark()}
    if notice:
        return render(request, "recovery/start.html", context, status=status)
    return shells.render(
        request, "recovery/start.html", context, words=("opened",), varies_by=("form", "notice"), status=status
    )


@require_safe
def requested(request: HttpRequest) -> HttpResponse:
    """Say what happens next, to which address, and the reference to quote."""
    asked = recovery_asked.find(request)
    if asked is None:
        return redirect("recovery_start")
    context = {
        "asked": asked,
        "too_soon": _TOO_SOON in request.GET and asked.seconds_left,
        "minutes": wording.minutes(recovery.LINK_LASTS),
        "requests_a_day": recovery.REQUESTS_A_DAY,
        "wrong_dates": recovery.WRONG_DATES_AT_ONCE,
    }
    return render(request, "recovery/requested.html", context)


@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Lead back to the form with the address in it, to be changed, or after a minute to be sent again.

    The date of birth is kept nowhere, so the person types it once more. The page of a form that was sent before the
    last one, in another tab, leads to the page of the last one.
    """
    asked = recovery_asked.find(request)
    if asked is None or not asked.email:
        return redirect("recovery_start")
    if request.POST.get("reference") != asked.reference:
        return redirect("recovery_requested")
    if "send_again" in request.POST and asked.seconds_left:
        return redirect(f"{reverse('recovery_requested')}?{_TOO_SOON}")
    response = redirect("recovery_start")
    recovery_asked.refill(request, response, asked)
    return response


@require_safe
def link(request: HttpRequest, token: str = "") -> HttpResponse:
    """Take the token out of the address before any page is shown. Opening a link never uses it up: mail scanners do.

    Nor does it log the person out who is logged in: the page that it leads to asks them first.
    """
    opened = remembered.begin(request, token=token)
    response = _to("recovery_new_password", opened)
    recovery_asked.forget_address(request, response, recovery_asked.find(request))
    return referrer.withhold(response)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Ask for the new password of the person whose link was opened, and set it.

    Where a person is logged in, theirs or not, do nothing, and ask whether to log out first.
    """
    form = RecoveredPasswordForm(request.POST if request.method == "POST" else None)
    try:
        opened = remembered.link(request)
        if request.user.is_authenticated:
            context = {"person": opened.user, "about": about.link(opened.pk), "ends_at": opened.expires_at}
            return render(request, "recovery/log_out_first.html", context)
        if form.is_valid():
            return _set(request, opened, form)
    except recovery.LinkUnusable as unusable:
        return _explain(request, unusable)
    except password_policy.PasswordRefused as refused:
        form.refuse(refused.broken)
    context = {
        "form": form,
        "person": opened.user,
        "about": about.link(opened.pk),
        "ends_at": opened.expires_at,
        "may_stop_passkeys": passkeys.may_be_stopped(user=opened.user),
    }
    return render(request, "recovery/new_password.html", context)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Log out the person whom the page named, and go on with the opened link that its address names."""
    held = about.of(request)
    if held is not None and not about.says(request, held):
        return out_of_date.page(request)
    try:
        opened = remembered.link(request, named=request.GET.get(about.FIELD, ""))
    except recovery.LinkUnusable as unusable:
        return _explain(request, unusable)
    if held is not None:
        remembered.log_out(request)
    return _to("recovery_new_password", about.link(opened.pk))


def _set(request: HttpRequest, opened: RecoveryLink, form: RecoveredPasswordForm) -> HttpResponse:
    said = form.cleaned_data
    user = recovery.use(link_id=opened.pk, password=said["new_password"], stop_passkeys=said["stop_passkeys"])
    remembered.finish(request, link=opened, user=user)
    response = _to("recovery_done", about.link(opened.pk))
    wrong_tries.forget(response)
    return response


def _to(page: str, what: str) -> HttpResponseRedirect:
    """Lead to a page about one of the links that this browser has opened; "" is none."""
    return redirect(f"{reverse(page)}?{urlencode({about.FIELD: what})}" if what else reverse(page))


def _explain(request: HttpRequest, unusable: recovery.LinkUnusable) -> HttpResponse:
    """Say why a link may not work and offer the form again: one page, whatever the reason.

    But a form about a link that this browser no longer has open, because it has gone on to something else, says that.
    """
    if unusable.reason == remembered.NOT_OPEN and out_of_date.is_out_of_date(request, held=None):
        return out_of_date.page(request)
    context = {"minutes": wording.minutes(recovery.LINK_LASTS), "recovery_start": reverse("recovery_start")}
    return render(request, "recovery/link_unusable.html", context, status=410)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Say that the password is set, and where to log in."""
    username = remembered.done_for(request)
    if username is None:
        return redirect("recovery_start")
    context = {"username": username, "log_in": reverse("log_in")}
    return render(request, "recovery/done.html", context)
