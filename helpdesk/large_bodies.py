"""What is larger than any form, for an address that takes more: agents alone may send it who may do what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

if TYPE_CHECKING:
    from django.http import HttpRequest


def refuse(request: HttpRequest) -> None:
    """Raise RequestDataTooBig for a body that is larger than those of other addresses, before any of it is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return
    if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
