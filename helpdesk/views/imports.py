"""The desk's pages of imports: the list, and one of them with what it would do, how far it is, or what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import out_of_date
from accounts.browser import about
from accounts.middleware import REFRESHED
from accounts.models import User
from accounts.models.people_upload import OPEN, UploadState
from helpdesk import people_upload_words
from helpdesk.people_upload_forms import ASK, ConfirmForm
from helpdesk.proposal_forms import DecisionForm
from helpdesk.services.people_uploads import deciding, ending, taking
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form

    from accounts.models import PeopleUpload

MOST_LISTED = 100
# Seconds between two looks of a page that waits.
BETWEEN_LOOKS = 5


@require_safe
def imports_list(request: HttpRequest) -> HttpResponse:
    """List the imports of the organisations that the agent looks after, the newest first. Raises PermissionDenied."""
    by = cast("User", request.user)
    if not rights.may_see_imports(by=by):
        raise PermissionDenied
    context = {
        "page": "imports",
        "rows": deciding.seen_by(agent=by)[:MOST_LISTED],
        "most": MOST_LISTED,
        "may_import": rights.may_import(by=by),
        "shows_organisation": rights.is_operator(user=by),
    }
    return render(request, "desk/imports.html", context)


@require_safe
def one(request: HttpRequest, key: int) -> HttpResponse:
    """Show an import."""
    return _page(request, _found(request, key))


@require_POST
def confirm(request: HttpRequest, key: int) -> HttpResponse:
    """Let the file be imported, at once or when a second agent agrees."""
    found, by = _found(request, key), cast("User", request.user)
    form = ConfirmForm(request.POST, has_guarded=bool(found.guarded))

    def do() -> None:
        facts = form.cleaned_data
        asks = facts.get("guarded") == ASK
        reason = facts["reason"] if asks else ""
        deciding.confirm(upload=found, by=by, digest=facts["look"], with_guarded=asks, reason=reason)

    may = rights.may_import(by=by, organisation=found.organisation)
    return _decide(request, found, do, form=form, may=may)


@require_POST
def cancel(request: HttpRequest, key: int) -> HttpResponse:
    """Give the file up."""
    found, by = _found(request, key), cast("User", request.user)
    may = rights.may_import(by=by, organisation=found.organisation)
    return _decide(request, found, lambda: deciding.cancel(upload=found, by=by), may=may)


@require_POST
def agree(request: HttpRequest, key: int) -> HttpResponse:
    """Agree as a second agent: the file is imported."""
    return _decide_as_second(request, key, refuses=False)


@require_POST
def refuse(request: HttpRequest, key: int) -> HttpResponse:
    """Refuse as a second agent, and say why."""
    return _decide_as_second(request, key, refuses=True)


def _decide_as_second(request: HttpRequest, key: int, *, refuses: bool) -> HttpResponse:
    found, by = _found(request, key), cast("User", request.user)
    form = DecisionForm(request.POST, refuses=refuses)
    decide = deciding.refuse if refuses else deciding.agree

    def do() -> None:
        digest = request.POST.get("look", "")
        decide(upload=found, by=by, digest=digest, decision=form.cleaned_data["decision"])

    may = found.state != UploadState.WAITING or deciding.may_agree(upload=found, by=by)
    may = may and rights.may_agree_to_import(by=by, organisation=found.organisation)
    return _decide(request, found, do, form=form, may=may)


def _decide(
    request: HttpRequest, found: PeopleUpload, do: Callable[[], None], *, may: bool, form: Form | None = None
) -> HttpResponse:
    """Do what was pressed, where the agent may, the page was theirs and the form is filled in; show what came of it."""
    if not may:
        raise PermissionDenied
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    if form is not None and not form.is_valid():
        return _page(request, found, form)
    try:
        do()
    except rights.NotAllowed as error:
        # They had the right when the page began to be made.
        raise PermissionDenied from error
    except deciding.ChangedSince:
        messages.error(request, _("Nothing was done: the import has gone on, or it would do something else by now."))
    return redirect("admin:desk_import", found.pk)


def _page(request: HttpRequest, found: PeopleUpload, form: Form | None = None) -> HttpResponse:
    by = cast("User", request.user)
    may_import = rights.may_import(by=by, organisation=found.organisation)
    is_ready, is_waiting = found.state == UploadState.READY, found.state == UploadState.WAITING
    may_agree = is_waiting and deciding.may_agree(upload=found, by=by)
    context = {
        "page": "imports",
        "upload": found,
        "reference": taking.reference(found),
        "form": form or _form(found, may_agree=may_agree),
        "is_open": found.state in OPEN,
        "is_under_way": found.state in {UploadState.CHECKING, UploadState.APPLYING},
        "is_ready": is_ready,
        "percent": 100 * found.done // found.of if found.of else 0,
        "does_nothing": is_ready and not found.does_anything,
        "may_confirm": is_ready and may_import and found.does_anything,
        "may_import": may_import,
        "may_cancel": may_import and found.state in {UploadState.CHECKING, UploadState.READY, UploadState.WAITING},
        "may_agree": may_agree,
        "erased_at": found.uploaded_at + ending.FILE_KEPT_FOR,
        "seconds": BETWEEN_LOOKS,
        **people_upload_words.of(found),
    }
    response = render(request, "desk/import.html", context)
    if context["is_under_way"]:
        # The page may be the answer to a form, whose address cannot be opened.
        itself = reverse("admin:desk_import", args=[found.pk])
        response.headers["Refresh"] = f"{BETWEEN_LOOKS}; url={itself}?{REFRESHED}=1"
    return response


def _form(found: PeopleUpload, *, may_agree: bool) -> Form | None:
    """Return the form of the step that an import waits for, or None where it waits for none of the reader's."""
    if may_agree:
        return DecisionForm()
    if found.state == UploadState.READY:
        return ConfirmForm(initial={"look": found.digest}, has_guarded=bool(found.guarded))
    return None


def _found(request: HttpRequest, key: int) -> PeopleUpload:
    """Return an import that the agent may see. Raises Http404."""
    return get_object_or_404(deciding.seen_by(agent=cast("User", request.user)), pk=key)
