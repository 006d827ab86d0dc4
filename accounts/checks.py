"""Unsafe configuration refuses to start. Each message names the variable and says what to put there.

Django runs these before its commands; esr_portal/wsgi.py runs them before it serves.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

import common_passwords
from accounts.services import demo_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

# Django's generator makes 50 characters; a shorter key was typed by hand and may be guessed.
SHORTEST_SECRET_KEY = 40


# Code, what is wrong, what to put there instead.
Fault = tuple[str, str, str]


@register(Tags.security)
def configuration_is_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each unsafe or missing setting."""
    faults = [*_faults_anywhere(), *([] if settings.DEMO else _faults_in_production())]
    return [Error(what, hint=hint, id=f"esr_portal.{code}") for code, what, hint in faults]


def _faults_anywhere() -> Iterator[Fault]:
    for proxy in settings.TRUSTED_PROXIES:
        try:
            network = ipaddress.ip_network(proxy)
        except ValueError:
            yield "E001", f"TRUSTED_PROXIES has {proxy!r}.", "List addresses or networks, like 10.0.0.5,10.1.0.0/24."
        else:
            if network.prefixlen == 0:
                yield "E002", "TRUSTED_PROXIES trusts everybody.", "List only the addresses of your own proxies."
    problem = common_passwords.operators_file_problem()
    if problem:
        yield "E003", problem, "COMMON_PASSWORDS_FILE is a text file with one common password a line, or a filter."
    if problem := common_passwords.built_filter_problem():
        yield "E004", problem, "Build it: python3 bootstrap.py run"


def _faults_in_production() -> Iterator[Fault]:
    yield from _faults_of_the_key()
    yield from _faults_of_the_addresses()
    yield from _faults_of_the_mail()
    yield from _faults_of_the_database()
    if settings.DEBUG:
        yield "E018", "DEBUG is on.", "Production shows no tracebacks: leave it off."
    if "demo" in settings.INSTALLED_APPS:
        yield "E019", "The demo is installed.", "Set DEMO=0."


def _faults_of_the_key() -> Iterator[Fault]:
    if settings.SECRET_KEY_IS_MISSING:
        yield "E010", "SECRET_KEY is not set.", "Put 50 or more random characters there, and keep them secret."
    elif len(settings.SECRET_KEY) < SHORTEST_SECRET_KEY or len(set(settings.SECRET_KEY)) < 10:
        yield "E011", "SECRET_KEY is too short or too simple.", "Put 50 or more random characters there."
    if settings.SECRET_KEY.startswith("django-insecure"):
        yield "E012", "SECRET_KEY is one made for development.", "Put 50 or more random characters of your own there."


def _faults_of_the_addresses() -> Iterator[Fault]:
    base = urlsplit(settings.BASE_URL)
    if base.scheme != "https" or not base.hostname or base.path or base.query or base.fragment:
        yield (
            "E013",
            f"BASE_URL is {settings.BASE_URL!r}." if settings.BASE_URL else "BASE_URL is not set.",
            "Put the https:// address that people open, without a path, like https://esr.example.nhs.uk.",
        )
    if not settings.ALLOWED_HOSTS:
        yield "E014", "ALLOWED_HOSTS is not set.", "Put the host name of BASE_URL there."
    elif "*" in settings.ALLOWED_HOSTS:
        yield "E015", "ALLOWED_HOSTS allows every host.", "List the host names that people open."


def _faults_of_the_mail() -> Iterator[Fault]:
    if settings.EMAIL_URL_IS_MISSING:
        yield (
            "E016",
            "EMAIL_URL is not set.",
            "Put the mail server there, like smtps://user:password@mail.example.nhs.uk:465.",
        )
    elif not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield "E017", "EMAIL_URL sends no mail.", "It begins with smtp:// or smtps://."


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
