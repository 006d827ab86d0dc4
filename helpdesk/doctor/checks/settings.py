"""Every variable of the environment, as the checks that a start makes say of it, and those that only warn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import run_checks

from helpdesk.doctor.findings import advice, failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

_SEE = "docs/operations.md says what each variable is."


def check() -> Iterator[Finding]:
    """Yield what the system checks say, each with the hint that it brings."""
    messages = [each for each in run_checks(include_deployment_checks=not settings.DEMO) if not each.is_silenced()]
    for message in messages:
        make = failure if message.is_serious() else warning
        yield make(str(message.msg), str(message.hint or _SEE))
    if settings.DEMO:
        yield advice("This is a demo: nothing of it protects anybody.", "Production has DEMO=0.")
    elif not messages:
        yield good("Every variable is as it should be.")
