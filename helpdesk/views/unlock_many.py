"""The desk's pages on which a lead lets many people in at once whom an outage has kept out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import out_of_date
from accounts.browser import about
from accounts.middleware import REFRESHED
from accounts.models import OutageUnlock, User
from accounts.models.outage_unlock import Cause, Ending
from helpdesk import kept_out, outage_forms
from helpdesk.kept_out import Why
from helpdesk.services import outage
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise

# Seconds between two looks of a page that waits for the worker.
BETWEEN_LOOKS = 3
# By name, so that the lead sees whether these are the people who call.
NAMES_SHOWN = 20
_WHY: Mapping[Why, StrPromise] = {
    Why.STRANGERS: gettext_lazy(
        "Tried from a place where they were not in before: it may be a stranger who guesses. They stay as they are, "
        "and get in by recovery, or by a call."
    ),
    Why.USED_UP: gettext_lazy(
        "A hundred wrong in a row, or a browser’s share of them: recovery or a call opens the way."
    ),
    Why.FROZEN: gettext_lazy("Password frozen, because something was not them."),
    Why.HAS_RIGHTS: gettext_lazy(
        "People with a role in the helpdesk’s pages: on their own pages. Accounts of your own: another agent does that."
    ),
    Why.NOT_IN_FORCE: gettext_lazy("Not active, ended or not started yet."),
    Why.NO_LONGER: gettext_lazy("Not kept out any more: it has ended by itself, or was ended."),
}
_ENDINGS: Mapping[str, StrPromise] = {
    Ending.GREW.value: gettext_lazy(
        "Nothing was done: there are people by now who were not on the list. Begin again, and look at the new one."
    ),
    Ending.STOPPED.value: gettext_lazy(
        "It was stopped, because the person who asked for it may not unlock many people any more."
    ),
    Ending.LATE.value: gettext_lazy(
        "It was stopped, because the worker came to it only when those locks had ended by themselves. Begin again "
        "where people are kept out still."
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def unlock_many(request: HttpRequest) -> HttpResponse:
    """Ask when the outage was; on POST find the people whom it has kept out, and show them."""
    by = _who_may(request)
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    form = outage_forms.OutageForm(
        request.POST or None, initial=outage_forms.beginning(), sees_all=rights.is_operator(user=by)
    )
    if form.is_valid():
        try:
            row = outage.preview(by=by, **form.outage(by=by))
        except outage.TooMany:
            sentence = _("More than %(number)s people were kept out then. Choose a shorter time.")
            form.add_error("begins", sentence % {"number": kept_out.MOST})
        else:
            return redirect("admin:desk_unlock_many_preview", row.pk)
    return render(request, "desk/unlock_many.html", {"page": "overview", "form": form})


@require_safe
def preview(request: HttpRequest, key: int) -> HttpResponse:
    """Show who would be let in, who would not and why, or what was done."""
    return _page(request, _found(request, key), outage_forms.UnlockForm())


@require_POST
def unlock(request: HttpRequest, key: int) -> HttpResponse:
    """Let them in."""
    row, by = _found(request, key), cast("User", request.user)
    if row.asked_by_id != by.pk:
        raise PermissionDenied
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    form = outage_forms.UnlockForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    try:
        number = outage.unlock(row=row, by=by, note=form.cleaned_data["note"])
    except outage.Over:
        messages.error(request, _("Nothing was done: it was done already, or this list is too old. Begin again."))
    except outage.Grew:
        return _look_again(request, row, by)
    else:
        # None: the page says how far the worker is.
        if number is not None:
            said = ngettext("%(number)s person can get in again.", "%(number)s people can get in again.", number)
            messages.success(request, said % {"number": number})
    return redirect("admin:desk_unlock_many_preview", row.pk)


def _look_again(request: HttpRequest, row: OutageUnlock, by: User) -> HttpResponse:
    """Show the people of now, and say that they are others than those who were shown."""
    try:
        row = outage.preview(
            by=by,
            organisation=row.organisation,
            cause=Cause(row.cause),
            begins_at=row.begins_at,
            ends_at=row.ends_at,
        )
    except outage.TooMany:
        messages.error(request, _("Nothing was done: there are too many people by now. Choose a shorter time."))
        return redirect("admin:desk_unlock_many")
    messages.error(request, _("Nothing was done: there are people by now who were not on the list. Look at it again."))
    return redirect("admin:desk_unlock_many_preview", row.pk)


def _page(request: HttpRequest, row: OutageUnlock, form: outage_forms.UnlockForm) -> HttpResponse:
    is_under_way = row.confirmed_at is not None and row.done_at is None
    shown = User.objects.filter(pk__in=[] if is_under_way else row.people).select_related("organisation")
    if row.organisation is not None:
        # Who has gone to another organisation since is not shown.
        shown = shown.filter(organisation=row.organisation)
    context = {
        "page": "overview",
        "row": row,
        "form": form,
        "number": len(row.people),
        "people": shown.order_by("family_name", "given_name", "username")[:NAMES_SHOWN],
        "names_shown": NAMES_SHOWN,
        "left_out": [(words, row.left_out[why.value]) for why, words in _WHY.items() if why.value in row.left_out],
        "is_done": row.done_at is not None,
        "is_under_way": is_under_way,
        "percent": 100 * (row.to_let_in - len(row.people)) // row.to_let_in if row.to_let_in else 0,
        "seconds": BETWEEN_LOOKS,
        "ending": _ENDINGS.get(row.why_ended, ""),
        "may_unlock": bool(row.people) and not outage.is_over(row) and row.asked_by == request.user,
        "shows_organisation": row.organisation is None,
    }
    response = render(request, "desk/unlock_many_preview.html", context)
    if is_under_way:
        # The page may be the answer to a form, whose address cannot be opened.
        itself = reverse("admin:desk_unlock_many_preview", args=[row.pk])
        response.headers["Refresh"] = f"{BETWEEN_LOOKS}; url={itself}?{REFRESHED}=1"
    return response


def _who_may(request: HttpRequest) -> User:
    """Return the person who asks. Raises PermissionDenied where they may not."""
    by = cast("User", request.user)
    if not rights.may_unlock_many(by=by):
        raise PermissionDenied
    return by


def _found(request: HttpRequest, key: int) -> OutageUnlock:
    """Return what was shown, where the person may see it. Raises Http404, and PermissionDenied."""
    return get_object_or_404(outage.seen_by(agent=_who_may(request)), pk=key)
