"""The demo refuses to start where the public, or data that it has not made, would meet it.

Registered with DEMO=1 only. As accounts/checks.py does for production: each message says what to put there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from demo import hosts, ownership

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault = tuple[str, str, str]


@register(Tags.security)
def demo_is_alone(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each thing by which the demo could meet real people."""
    faults = [*_faults_of_the_addresses(), *_faults_of_the_database()]
    return [Error(what, hint=hint, id=f"esr_portal.{code}") for code, what, hint in faults]


def _faults_of_the_addresses() -> Iterator[Fault]:
    private = "like http://localhost:8000 or http://192.168.1.20:8000. For production set DEMO=0."
    problem = hosts.problem(settings.BASE_URL)
    if problem:
        yield "E040", f"BASE_URL {problem}, and this is the demo.", f"Put an address of a private network, {private}"
    if not all(host == "*" or hosts.is_private(host) for host in settings.ALLOWED_HOSTS):
        yield "E041", "ALLOWED_HOSTS has a public host name, and this is the demo.", "Leave it out, or set DEMO=0."


def _faults_of_the_database() -> Iterator[Fault]:
    try:
        ownership.check()
    except ownership.NotTheDemos as problem:
        yield "E042", str(problem), problem.hint
    except DatabaseError:
        # What needs the database says that it does not answer.
        return
