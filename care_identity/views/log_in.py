"""Log in with my Care Identity: going there, coming back, and which login to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts import adapter, out_of_date, stages, trusted_networks
from accounts.browser import about, other_accounts, preferred_method
from accounts.services import events, sessions
from care_identity import pending
from care_identity.forms.care_identity import ChoiceForm, StartForm
from care_identity.services import authorization, client_keys, logins, rp_logout, spent_states
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to Care Identity; have it remember that this way in comes first, where that is ticked."""
    if other_accounts.is_too_late(request):
        return out_of_date.page(request)
    form = StartForm(request.POST)
    form.is_valid()
    shared = form.cleaned_data["shared"]
    response = _go(request, next_url=form.cleaned_data["next"], again=False, shared=shared)
    if form.cleaned_data["remember"] and not shared:
        preferred_method.remember(response)
    return response


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Send the person to Care Identity to show once more who they are, now (max_age=0)."""
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    form = StartForm(request.POST)
    form.is_valid()
    shared = sessions.is_at_shared_computer(session=request.session)
    return _go(request, next_url=form.cleaned_data["next"], again=True, shared=shared)


def _go(request: HttpRequest, *, next_url: str, again: bool, shared: bool) -> HttpResponse:
    _offered_or_404()
    try:
        begun = authorization.begin(again=again)
    except Refused as refused:
        return _refuse(request, refused, next_url=next_url, shared=shared)
    # Not a redirect: a page's policy on where its forms lead (form-action) holds for the redirects after them too, and
    # Care Identity has several hosts.
    response = render(request, "care_identity/going.html", {"address": begun.address})
    response.headers["Refresh"] = f"0; url={begun.address}"
    asked = pending.Asked(begun=begun, next_url=next_url, user_id=pending.user_id(request), shared=shared)
    pending.keep(request, response, asked)
    return response


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take the answer that the browser brings back; let its person in, ask which login, or say why not."""
    _offered_or_404()
    state = request.GET.get("state", "")
    response = _take_answer(request, state)
    pending.forget(request, response, state=state)
    return response


def _take_answer(request: HttpRequest, state: str) -> HttpResponse:
    asked = None
    try:
        asked = pending.find(request, state=state)
        answer = authorization.finish(parameters=request.GET.dict(), begun=asked.begun)
        users = _to_choose_from(request, logins.logins_for(proof=answer.proof))
        spent_states.spend(state=state)
    except Refused as refused:
        return _refuse(
            request, refused, next_url=asked.next_url if asked else "", shared=asked is not None and asked.shared
        )
    id_token = rp_logout.hint(id_token=answer.id_token)
    is_staying = other_accounts.is_asked_to_keep(request)
    user = logins.the_one_to_open(logins=users, asked_by=None if is_staying else asked.user_id)
    if user is not None:
        return adapter.enter_by_care_identity(
            request,
            user=user,
            proof=answer.proof,
            id_token=id_token,
            next_url=asked.next_url,
            shared=asked.shared,
        )
    if not is_staying:
        adapter.leave(request)
    choice = pending.Choice(
        proof=answer.proof,
        id_token=id_token,
        next_url=asked.next_url,
        number=asked.begun.state,
        shared=asked.shared,
    )
    pending.keep_choice(request, choice)
    return redirect("care_identity_choose")


def _to_choose_from(request: HttpRequest, users: Sequence[User]) -> Sequence[User]:
    """Return the logins that may be meant: where the person asked for another than the one in use, not that one."""
    if not other_accounts.is_asked_to_keep(request):
        return users
    return [user for user in users if user != request.user] or users


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Ask which login to open, where one Care Identity opens several."""
    _offered_or_404()
    choice = pending.find_choice(request)
    if out_of_date.is_out_of_date(request, held=choice.about if choice else None):
        return out_of_date.page(request)
    if choice is None:
        return _refuse(request, pending.NotUnderWay("choice_too_late"))
    try:
        users = _to_choose_from(request, logins.logins_for(proof=choice.proof))
    except Refused as refused:
        return _refuse(request, refused, next_url=choice.next_url, shared=choice.shared)
    form = ChoiceForm(request.POST if request.method == "POST" else None, users=users)
    if form.is_valid():
        return adapter.enter_by_care_identity(
            request,
            user=form.chosen,
            proof=choice.proof,
            id_token=choice.id_token,
            next_url=choice.next_url,
            shared=choice.shared,
        )
    context = {"form": form, "about": choice.about, "ends_at": pending.choice_ends_at(request)}
    return render(request, "care_identity/choose.html", context)


@require_safe
def refused(request: HttpRequest) -> HttpResponse:
    """Say why the person did not get in with Care Identity, and what to do next.

    Where no log-in was refused, because its answer was opened once more, go on with what it led to; with nothing to go
    on with, as in a browser without cookies, say to begin again.
    """
    _offered_or_404()
    refusal = pending.refusal(request)
    if refusal is None:
        went_on = _where_it_went_on(request)
        if went_on:
            return redirect(went_on)
        # What the person said of the computer is not known, but what the operator said of its network is.
        shared = trusted_networks.SHARED.hold(events.origin().address)
        refusal = pending.Refusal(page=Page.START_AGAIN, shared=shared)
    context = {"refusal": refusal, "next": refusal.next_url, "shared": refusal.shared}
    return render(request, f"care_identity/refused/{refusal.page.value}.html", context)


def _where_it_went_on(request: HttpRequest) -> str:
    """Return the name of the page at which this browser is logged in or on its way in, or ""."""
    if request.user.is_authenticated:
        return "my_esr"
    stage = stages.pending(request)
    if stage is not None:
        return stage.page()
    return "care_identity_choose" if pending.find_choice(request) else ""


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget which way in comes first."""
    _offered_or_404()
    response = redirect("log_in")
    preferred_method.forget(response)
    return response


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Answer the public half of our key, by which Care Identity knows us."""
    _offered_or_404()
    try:
        public = client_keys.public_keys()
    except client_keys.Unusable:
        return JsonResponse({"keys": []}, status=503)
    return JsonResponse(public, headers={"Cache-Control": "public, max-age=300"})


def _refuse(request: HttpRequest, refused: Refused, *, next_url: str = "", shared: bool = False) -> HttpResponse:
    logins.record_refusal(refused=refused)
    response = redirect("care_identity_refused")
    pending.keep_refusal(request, response, refused, next_url=next_url, shared=shared)
    return response


def _offered_or_404() -> None:
    if not preferred_method.is_offered():
        raise Http404
