"""Which applications a person can open from My ESR."""

from __future__ import annotations

from typing import NamedTuple

from hub.models import Application


class ShownApplication(NamedTuple):
    """What a page shows of an application."""

    name: str
    address: str
    description: str


def shown_at(*, organisation_id: int) -> tuple[ShownApplication, ...]:
    """Return those of an organisation, in their order."""
    found = Application.objects.shown_at(organisation_id)
    return tuple(ShownApplication(each.name, each.address, each.description) for each in found)
