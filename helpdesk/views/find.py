"""The desk's first page: find the person who calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Show the box."""
    return TemplateResponse(request, "desk/find.html", {"page": "find"})
