"""What production refuses to start with: a file of common passwords that cannot be read, data that the demo made.

What the variables say is looked at in esr_portal/configuration. Django runs these checks before its commands;
esr_portal/wsgi.py runs them before it serves.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

import common_passwords
from accounts.models.security_event import Event, least_age
from accounts.services import demo_parts, events

if TYPE_CHECKING:
    from collections.abc import Iterator

# Code, what is wrong, what to put there instead.
Fault = tuple[str, str, str]


@register(Tags.security)
def configuration_is_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each unsafe or missing setting."""
    faults = [*_faults_anywhere(), *([] if settings.DEMO else _faults_in_production())]
    return [Error(what, hint=hint, id=f"esr_portal.{code}") for code, what, hint in faults]


def _faults_anywhere() -> Iterator[Fault]:
    problem = common_passwords.operators_file_problem()
    if problem:
        path = settings.COMMON_PASSWORDS_FILE
        problem = problem.replace(str(Path(path)), "the file").replace(path, "the file")
        yield "E003", problem, "COMMON_PASSWORDS_FILE is a text file with one common password a line, or a filter."
    if problem := common_passwords.built_filter_problem():
        yield "E004", problem, "Build it: python3 bootstrap.py run"
    for event in Event:
        if events.kept_for(event=event) <= least_age(event):
            least = least_age(event).days
            yield "E005", f"SECURITY_EVENTS_KEPT ends {event.value} too soon.", f"Keep it for more than {least} days."


def _faults_in_production() -> Iterator[Fault]:
    yield from _faults_of_the_database()
    if settings.DEBUG:
        yield "E018", "DEBUG is on.", "Production shows no tracebacks: leave it off."
    if "demo" in settings.INSTALLED_APPS:
        yield "E019", "The demo is installed.", "Set DEMO=0."


def _faults_of_the_database() -> Iterator[Fault]:
    """Name nothing where there is no database yet, or none that answers: what needs one says so itself."""
    try:
        has_parts_of_the_demo = demo_parts.are_here()
    except DatabaseError:
        return
    if has_parts_of_the_demo:
        yield (
            "E020",
            "The database (DATABASE_URL, STATE_DIR) has people in it that the demo made, with a published password.",
            "To see and delete what the demo made: manage.py clear_demo. To run the demo: DEMO=1 make run.",
        )
