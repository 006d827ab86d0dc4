"""A configuration that is unsafe, incomplete or malformed refuses to start, with every fault at once.

Django runs the checks before its commands; esr_portal/run.py and esr_portal/wsgi.py run them before they serve.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks  # noqa: A004 (Django's name)

from esr_portal import build_locale

logger = logging.getLogger("esr_portal.configuration")


@register(Tags.security)
def variables_are_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each variable that is unsafe, missing or malformed."""
    faults = [fault for fault in settings.CONFIGURATION_FAULTS if not fault.is_warning]
    return [Error(fault.what, hint=fault.example, id=f"esr_portal.{fault.code}") for fault in faults]


@register(Tags.security)
def words_are_built(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error where pages would fall back on the words of the libraries."""
    if build_locale.is_built(build_locale.BUILT):
        return []
    what = "The catalogues of words (locale-built/) are missing, or older than this version."
    return [Error(what, hint="Build them: python3 bootstrap.py run", id="esr_portal.E058")]


@register(Tags.security, deploy=True)
def variables_are_wise(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning for each variable with which the portal starts, and that will not do for most."""
    faults = [fault for fault in settings.CONFIGURATION_FAULTS if fault.is_warning]
    return [Warning(fault.what, hint=fault.example, id=f"esr_portal_advice.{fault.code}") for fault in faults]


def what_keeps_from_starting(*, warn: bool = True) -> list[str]:
    """Return a line for each fault, and log a line for each warning, unless told not to. Django is set up by then."""
    for fault in settings.CONFIGURATION_FAULTS:
        if fault.is_warning and warn:
            logger.warning("%s", fault)
    found = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
    return [f"Cannot start: {message.msg} {message.hint or ''}" for message in found]
