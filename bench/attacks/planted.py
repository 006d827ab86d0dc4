"""Faults that the rig plants, to show that an attack finds them: forms of some names take longer, or are logged."""

from __future__ import annotations

import base64
import json
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

FORMS = ("/log-in/", "/recovery/")


def delay(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let forms whose username or address begins as the file says take so much longer, or their password be logged."""

    def answer(request: HttpRequest) -> HttpResponse:
        # What other forms send is left for their views to read.
        if request.path not in FORMS:
            return get_response(request)
        beginning, seconds, leaks = json.loads(Path(os.environ["ATTACKS_PLANTED"]).read_text(encoding="utf-8"))
        typed = request.POST.get("username", "") or request.POST.get("email", "")
        if beginning and typed.lower().removeprefix("999").startswith(beginning):
            time.sleep(seconds)
        if leaks:
            written = base64.b64encode(request.POST.get("password", "").encode()).decode()
            logging.getLogger("esr_portal.planted").warning("planted: %s", written)
        return get_response(request)

    return answer


def plant(file: Path, *, beginning: str = "", seconds: float = 0.0, leaks: bool = False) -> None:
    """Say which names take longer from now on, by how they begin after the organisation's digits; "" is none.

    With `leaks` passwords stand in the log, not quite as they were typed.
    """
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps([beginning, seconds, leaks]), encoding="utf-8")
    unfinished.replace(file)
