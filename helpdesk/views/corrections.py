"""Corrections of an address that people have asked for by smartcard: the list, and one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import out_of_date
from accounts.browser import about
from accounts.models import User
from accounts.models.proposal import Action, State
from helpdesk import asked_for
from helpdesk.proposal_forms import CorrectionForm
from helpdesk.services import corrections, proposals, second_agent
from people.services import rights

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import GivenAddress, SecurityEvent

MOST_SHOWN = 200
_GONE = gettext_lazy("Nothing was done: it was decided already, or taken back.")


@require_safe
def corrections_list(request: HttpRequest) -> HttpResponse:
    """List what waits, the longest first."""
    waiting = corrections.seen_by(agent=cast("User", request.user))[:MOST_SHOWN]
    return render(request, "desk/corrections.html", {"page": "corrections", "waiting": waiting})


@require_safe
def correction(request: HttpRequest, key: int) -> HttpResponse:
    """Show old and new, and what was shown for it; or who has decided about it, for the agent who goes back to it."""
    found = _open(request).filter(pk=key).first()
    if found is None:
        return render(
            request, "desk/correction_decided.html", {"page": "corrections", "event": _decision(request, key)}
        )
    return _page(request, found, CorrectionForm())


@require_POST
def accept(request: HttpRequest, key: int) -> HttpResponse:
    """Put the new address on record, or ask a second agent."""
    return _decide(request, key, accepts=True)


@require_POST
def refuse(request: HttpRequest, key: int) -> HttpResponse:
    """Leave the record as it is, and say why."""
    return _decide(request, key, accepts=False)


def _decide(request: HttpRequest, key: int, *, accepts: bool) -> HttpResponse:
    found, by = _open(request).filter(pk=key).first(), cast("User", request.user)
    if found is None:
        _decision(request, key)
        messages.error(request, _GONE)
        return redirect("admin:desk_correction", key)
    if not corrections.may_decide(by=by, correction=found):
        return _not_allowed(request, found)
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        return (_accepted if accepts else _refused)(request, found, form.cleaned_data["reason"])
    except rights.NotAllowed:
        return _not_allowed(request, found)
    except corrections.Gone:
        messages.error(request, _GONE)
    except asked_for.Unusable as unusable:
        messages.error(request, _("Nothing was done: %(problem)s") % {"problem": unusable})
    except (proposals.NothingToDo, proposals.WaitsAlready):
        messages.error(request, _("Nothing was done: the address is on record, or waits for a second agent already."))
    return redirect("admin:desk_corrections")


def _accepted(request: HttpRequest, found: GivenAddress, reason: str) -> HttpResponse:
    proposal = corrections.accept(correction=found, by=cast("User", request.user), reason=reason)
    if proposal.state == State.DONE:
        messages.success(request, _("The new address is on record. The person is told at both addresses."))
        return redirect("admin:desk_person", found.user_id)
    messages.info(request, _("A second agent has to agree."))
    return redirect("admin:desk_proposal", proposal.pk)


def _refused(request: HttpRequest, found: GivenAddress, reason: str) -> HttpResponse:
    corrections.refuse(correction=found, by=cast("User", request.user), reason=reason)
    messages.success(request, _("You refused it. The person is told at both addresses."))
    return redirect("admin:desk_corrections")


def _page(request: HttpRequest, found: GivenAddress, form: CorrectionForm) -> HttpResponse:
    person = found.user
    context = {
        "page": "corrections",
        "correction": found,
        "person": person,
        "form": form,
        "may_decide": corrections.may_decide(by=cast("User", request.user), correction=found),
        "second": second_agent.in_words_after_a_card(
            person=person, action=Action.CHANGE_EMAIL, shown_at=found.card_shown_at
        ),
    }
    return render(request, "desk/correction.html", context)


def _open(request: HttpRequest) -> QuerySet[GivenAddress]:
    return corrections.seen_by(agent=cast("User", request.user))


def _decision(request: HttpRequest, key: int) -> SecurityEvent:
    """Return the decision about a correction that was open once. Raises Http404."""
    event = corrections.decided(key=key, agent=cast("User", request.user))
    if event is None:
        raise Http404
    return event


def _not_allowed(request: HttpRequest, found: GivenAddress) -> HttpResponse:
    return render(request, "desk/may_not_ask.html", {"person": found.user}, status=403)
