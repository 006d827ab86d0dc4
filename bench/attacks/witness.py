"""What the rig has the portal write down of each request that reaches it: its method and its path, one a line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.http import HttpRequest, HttpResponse

VARIABLE = "ATTACKS_WITNESS"


def note(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Write down each request before the portal has looked at it."""

    def answer(request: HttpRequest) -> HttpResponse:
        line = f"{request.META['REQUEST_METHOD']} {request.META['PATH_INFO']}".encode("unicode_escape") + b"\n"
        # One write to a file that is appended to: the lines of several processes stay whole.
        opened = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(opened, line)
        finally:
            os.close(opened)
        return get_response(request)

    return answer


def lines(file: Path) -> list[str]:
    """Return the requests that reached the portal so far."""
    return file.read_text(encoding="ascii").splitlines() if file.exists() else []
