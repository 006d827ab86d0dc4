"""Every address of the portal, taken from its own list, so that a new page is tested without being named here."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import OutboxMessage, RecoveryRequest, SecondStepExcuse, SecurityEvent
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import recovery
from hub.models import Application, Notice
from tests.support.factories import DATE_OF_BIRTH, make_organisation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User

# What stands for the parts of an address that vary.
SAMPLES = {"token": "x" * 43, "app_label": "accounts", "url": "no-such-page", "content_type_id": "1", "pk": "1"}
SAMPLES |= {"part": "passkeys", "to": "on", "language": "en-gb"}


@dataclasses.dataclass(frozen=True, slots=True)
class Address:
    """A path, the name it goes by, and the function that answers."""

    path: str
    name: str
    view: Any

    @property
    def is_admin(self) -> bool:
        """Whether it is a page of the admin, whose pages are mostly Django's."""
        return self.path.startswith("/admin/")


def ours() -> list[Address]:
    """Return the addresses outside the admin."""
    return [address for address in _addresses(get_resolver().url_patterns, "/") if not address.is_admin]


def admins(*, keys: dict[str, Any]) -> list[Address]:
    """Return the addresses of the admin. `keys` are of rows to show, by what the address of their list begins with."""
    found = []
    for address in _addresses(get_resolver().url_patterns, "/"):
        if address.is_admin:
            key = next((str(key) for start, key in keys.items() if address.path.startswith(start)), "1")
            found.append(dataclasses.replace(address, path=address.path.replace("<object_id>", key)))
    return found


def make_one_of_each(person: User) -> dict[str, Any]:
    """Make a row for each list of the admin; return their keys as `admins` takes them."""
    organisation = make_organisation()
    recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    rows = [
        organisation,
        person,
        Notice.objects.create(title="Planned downtime", text="On Sunday from 10pm."),
        Application.objects.create(
            organisation=organisation, name="Payslips", address="https://payslips.nhs.example", description="Your pay."
        ),
        SecurityEvent.objects.create(event=Event.LOGGED_IN, user=person),
        OutboxMessage.objects.create(kind=Kind.PASSWORD_CHANGED, about={"users": [person.pk]}),
        RecoveryRequest.objects.latest("pk"),
        SecondStepExcuse.objects.create(user=person, reason="No phone.", review_on=timezone.localdate()),
    ]
    return {f"/admin/{row._meta.app_label}/{row._meta.model_name}/": row.pk for row in rows}


def lists_of_the_admin() -> list[str]:
    """Return the addresses of the admin's lists."""
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]


def _addresses(patterns: list[URLPattern | URLResolver], start: str) -> Iterator[Address]:
    for pattern in patterns:
        path = start + _path(pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, path)
        else:
            yield Address(path=path, name=pattern.name or "", view=pattern.callback)


def _path(pattern: URLPattern | URLResolver) -> str:
    route = str(pattern.pattern)
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).lstrip("^").rstrip("$").replace("\\Z", "")
    route = re.sub(r"<\w+:(\w+)>", r"<\1>", route)
    for name, sample in SAMPLES.items():
        route = route.replace(f"<{name}>", sample)
    return route
