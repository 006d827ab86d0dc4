"""A person proves again who they are, before what protects the account is changed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import adapter
from accounts.browser import device_cookies, preferred_method
from accounts.forms.second_step import ChallengeForm
from accounts.forms.security import ConfirmForm
from accounts.logged_in import LoggedInRequest, logged_in, note_proof
from accounts.services import password_change, proving_again, second_step, sessions
from accounts.views.password import why_refused
from accounts.views.second_step import NO_MORE_CODES_HERE, device_of, warn_of_few
from nhsuk import wording


@sensitive_post_parameters()
@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: LoggedInRequest) -> HttpResponse:
    """Ask for a passkey, the password or a code, or Care Identity, and go on to the page that asked for it."""
    user, is_sent = request.user, request.method == "POST"
    next_url = adapter.local_address(request, (request.POST if is_sent else request.GET).get("next", ""))
    next_url = next_url or reverse("security")
    if not is_sent and proving_again.is_lately(user=user, session=request.session):
        return redirect(next_url)
    ways = proving_again.ways(
        user=user, session=request.session, care_identity_is_offered=preferred_method.is_offered()
    )
    form = _form(request, ways)
    if form is not None and form.is_valid() and _is_right(request, form):
        return redirect(next_url)
    minutes = wording.minutes(sessions.PROOF_LASTS)
    context = {"form": form, "person": user, "ways": ways, "next": next_url, "minutes": minutes}
    return render(request, "security/confirm.html", context)


def _form(request: LoggedInRequest, ways: proving_again.Ways) -> ConfirmForm | ChallengeForm | None:
    """Return the form for what the person can type, or None where that is nothing."""
    data = request.POST if request.method == "POST" else None
    if ways.code:
        ways_of = second_step.ways_of(user=request.user)
        return ChallengeForm(data, ways=ways_of, is_the_only_page=True, may_remember=False)
    return ConfirmForm(data) if ways.password else None


def _is_right(request: LoggedInRequest, form: ConfirmForm | ChallengeForm) -> bool:
    """Return whether what was typed proves who the person is, and note it, or say in `form` why not."""
    if isinstance(form, ConfirmForm):
        return _is_password(request, form)
    try:
        device = device_of(form, user=request.user, no_more=NO_MORE_CODES_HERE)
    except second_step.NotSetUp:
        return False
    if device is not None:
        proving_again.note_code(user=request.user)
        note_proof(request, second_step_shown=device)
        warn_of_few(request, form, user=request.user)
    return device is not None


def _is_password(request: LoggedInRequest, form: ConfirmForm) -> bool:
    browser = device_cookies.known_browser(request, username=request.user.username)
    try:
        proving_again.by_password(user=request.user, password=form.cleaned_data["current_password"], browser=browser)
    except password_change.CurrentPasswordRefused as refused:
        form.add_error("current_password", why_refused(refused))
        return False
    note_proof(request)
    return True
