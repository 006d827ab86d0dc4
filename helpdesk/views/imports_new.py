"""The desk's page on which a file of people is uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts import out_of_date
from accounts.browser import about
from accounts.models import User
from helpdesk import large_bodies
from helpdesk.people_upload_forms import FileForm
from helpdesk.sealing_upload import SealingUploadHandler
from helpdesk.services.people_uploads import taking
from people.services import rights
from people.services.people_import.reading import MOST_LINES, OPTIONAL, REQUIRED

if TYPE_CHECKING:
    from accounts.models import PeopleUpload
    from helpdesk.sealing_upload import SealedFile


# To look for the token is to read the file: `_new` does so, once it is known who sends it and how it is kept.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST keep the file, for a worker to look at. Raises PermissionDenied."""
    if not rights.may_import(by=cast("User", request.user)):
        large_bodies.refuse(request)
        raise PermissionDenied
    request.upload_handlers = [SealingUploadHandler(request)]
    return _new(request)


@csrf_protect
def _new(request: HttpRequest) -> HttpResponse:
    by = cast("User", request.user)
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    form = FileForm(request.POST or None, request.FILES or None, by=by)
    upload, not_over = _taken(form, by) if form.is_valid() else (None, None)
    if upload is not None:
        messages.success(request, _("The file is uploaded. Nothing is changed until you confirm it."))
        return redirect("admin:desk_import", upload.pk)
    context = {
        "page": "imports",
        "form": form,
        "not_over": not_over,
        "required": REQUIRED,
        "optional": OPTIONAL,
        "most_lines": MOST_LINES,
        "organisation": None if rights.is_operator(user=by) else by.organisation,
    }
    return render(request, "desk/import_new.html", context)


def _taken(form: FileForm, by: User) -> tuple[PeopleUpload | None, PeopleUpload | None]:
    """Return what was kept, or None where the form says what is wrong; and the import that is in the way, if any."""
    file: SealedFile = form.cleaned_data["file"]
    try:
        kept = taking.take(
            organisation=form.cleaned_data.get("organisation") or by.organisation,
            file_name=file.name or "",
            size=file.size or 0,
            sealed_as=file.sealed_as,
            pieces=file.pieces(),
            by=by,
        )
    except taking.OpenAlready as already:
        form.add_error(
            None,
            _("An import of “%(file)s” is not over yet. Confirm it or cancel it first.")
            % {"file": already.upload.file_name},
        )
        return None, already.upload
    except taking.TooManyToday:
        form.add_error(
            None,
            _("%(most)s files were uploaded for this organisation within 24 hours. Try again tomorrow.")
            % {"most": taking.UPLOADS_A_DAY},
        )
    else:
        return kept, None
    return None, None
