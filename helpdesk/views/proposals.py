"""What waits for a second agent: the list, and one of them, with approve, refuse and withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import out_of_date
from accounts.browser import about
from accounts.models import User
from accounts.models.people_upload import UploadState
from accounts.models.proposal import State
from accounts.services import leavers
from helpdesk.proposal_forms import DecisionForm
from helpdesk.services import erasing, proposals, second_agent
from helpdesk.services.people_uploads import deciding
from people.services import care_identity_links, rights

if TYPE_CHECKING:
    from accounts.models import Proposal

# Of those that were decided, on the list.
DECIDED_SHOWN = 20


@require_safe
def proposals_list(request: HttpRequest) -> HttpResponse:
    """List what waits, and what was decided last."""
    by = cast("User", request.user)
    waiting = proposals.seen_by(agent=by).filter(pk__in=proposals.open_ones().values("pk"))
    decided = proposals.seen_by(agent=by).exclude(state__in=[State.WAITING, State.APPROVED])
    context = {
        "page": "approvals",
        "waiting": waiting.order_by("asked_at")[:200],
        "decided": decided[:DECIDED_SHOWN],
        "imports": deciding.seen_by(agent=by).filter(state=UploadState.WAITING),
    }
    return render(request, "desk/proposals.html", context)


@require_safe
def proposal(request: HttpRequest, key: int) -> HttpResponse:
    """Show what changes, old and new, who asked, which check was made, and what came of it."""
    return _page(request, _found(request, key), DecisionForm())


@require_POST
def approve(request: HttpRequest, key: int) -> HttpResponse:
    """Agree to it: it is done."""
    return _decide(request, key, refuses=False)


@require_POST
def refuse(request: HttpRequest, key: int) -> HttpResponse:
    """Refuse it, and say why."""
    return _decide(request, key, refuses=True)


@require_POST
def withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """Take back what the agent asked for."""
    found, by = _found(request, key), cast("User", request.user)
    if found.asked_by_id != by.pk:
        return _not_allowed(request, found)
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    try:
        proposals.withdraw(proposal=found, by=by)
        messages.success(request, _("It was taken back."))
    except rights.NotAllowed:
        return _not_allowed(request, found)
    except proposals.ChangedSince:
        _say_changed(request)
    return redirect("admin:desk_proposal", found.pk)


@require_POST
def make_code(request: HttpRequest, key: int) -> HttpResponse:
    """Make the code that is read to the caller, and show it once."""
    found, by = _found(request, key), cast("User", request.user)
    if found.asked_by_id != by.pk:
        return _not_allowed(request, found)
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    try:
        code = proposals.make_code(proposal=found, by=by)
    except rights.NotAllowed:
        return _not_allowed(request, found)
    except proposals.ChangedSince:
        messages.error(request, _("The code was shown already, or the time for it is over. Ask for another."))
        return redirect("admin:desk_proposal", found.pk)
    return render(request, "desk/bootstrap_code.html", {"page": "", "person": found.user, "code": code})


def _decide(request: HttpRequest, key: int, *, refuses: bool) -> HttpResponse:
    found, by = _found(request, key), cast("User", request.user)
    if not second_agent.may_decide(by=by, proposal=found):
        return _not_allowed(request, found)
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    form = DecisionForm(request.POST, refuses=refuses)
    if not form.is_valid():
        return _page(request, found, form)
    decide = proposals.refuse if refuses else proposals.approve
    try:
        decide(proposal=found, by=by, decision=form.cleaned_data["decision"])
        messages.success(request, _("You refused it.") if refuses else _("You agreed, and it is done."))
    except rights.NotAllowed:
        return _not_allowed(request, found)
    except proposals.ChangedSince:
        _say_changed(request)
    except (care_identity_links.LinkedToAnotherPerson, leavers.NotErased) as problem:
        messages.error(request, _why(problem))
    return _back(found, by)


def _why(problem: Exception) -> str:
    return str(erasing.SENTENCES[problem.why] if isinstance(problem, leavers.NotErased) else problem)


def _back(found: Proposal, by: User) -> HttpResponse:
    """Return to what was decided, or to the list: a person who was erased took it along."""
    is_there = proposals.seen_by(agent=by).filter(pk=found.pk).exists()
    return redirect("admin:desk_proposal", found.pk) if is_there else redirect("admin:desk_proposals")


def _page(request: HttpRequest, found: Proposal, form: DecisionForm) -> HttpResponse:
    by = cast("User", request.user)
    is_open = proposals.open_ones().filter(pk=found.pk).exists()
    is_theirs = found.asked_by_id == by.pk
    context = {
        "page": "approvals",
        "proposal": found,
        "person": found.user,
        "form": form,
        "is_over": found.state in {State.WAITING, State.APPROVED} and not is_open,
        "may_decide": is_open and found.state == State.WAITING and second_agent.may_decide(by=by, proposal=found),
        "may_withdraw": is_open and is_theirs,
        "may_make_code": is_open and is_theirs and found.state == State.APPROVED,
    }
    return render(request, "desk/proposal.html", context)


def _found(request: HttpRequest, key: int) -> Proposal:
    """Return a proposal that the agent may see. Raises Http404."""
    return get_object_or_404(proposals.seen_by(agent=cast("User", request.user)), pk=key)


def _not_allowed(request: HttpRequest, found: Proposal) -> HttpResponse:
    return render(request, "desk/may_not_ask.html", {"person": found.user}, status=403)


def _say_changed(request: HttpRequest) -> None:
    messages.error(
        request, _("Nothing was done: it was decided already, its time is over, or the record was changed meanwhile.")
    )
