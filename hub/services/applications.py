"""Which applications people find on My ESR: those that their organisation has added."""

from __future__ import annotations

from typing import NamedTuple

from accounts import prepared, welsh_texts
from hub.models import Application
from hub.models.application import fault_of_address

_OF = prepared.Select(lambda organisation: Application.objects.filter(organisation=organisation), organisation=int)


class ShownApplication(NamedTuple):
    """What a page shows of an application.

    `in_english` is whether a page in Welsh describes it in English, and `name_in_english` whether it names it so too.
    """

    name: str
    address: str
    description: str
    in_english: bool
    name_in_english: bool


def for_people_of(organisation_id: int) -> tuple[ShownApplication, ...]:
    """Return what My ESR shows of those of an organisation, in their order."""
    return tuple(map(_shown, shown_at(organisation_id)))


def shown_at(organisation_id: int) -> list[Application]:
    """Return those of an organisation whose address cannot look like another, in their order."""
    found = _OF.all(organisation=organisation_id)
    return [application for application in found if not fault_of_address(application.address)]


def _shown(each: Application) -> ShownApplication:
    name_in_english, in_english = (welsh_texts.is_shown_in_english(each, field) for field in ("name", "description"))
    return ShownApplication(each.shown_name, each.address, each.shown_description, in_english, name_in_english)
