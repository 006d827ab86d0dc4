"""Which applications people find on My ESR: those that their organisation has added."""

from __future__ import annotations

from accounts import prepared
from hub.models import Application
from hub.models.application import fault_of_address

_OF = prepared.Select(lambda organisation: Application.objects.filter(organisation=organisation), organisation=int)


def shown_at(organisation_id: int) -> list[Application]:
    """Return those of an organisation whose address cannot look like another, in their order."""
    found = _OF.all(organisation=organisation_id)
    return [application for application in found if not fault_of_address(application.address)]
