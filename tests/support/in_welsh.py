"""A portal in Welsh, with an organisation that has its texts in Welsh too."""

from __future__ import annotations

from typing import Any

from accounts.models import Organisation
from tests.support.factories import make_organisation
from tests.support.steps import PortalClient

ENGLISH, WELSH = "Glanymôr Health Board", "Bwrdd Iechyd Glanymôr"
WORDS = "Rhowch eich rhif ESR."


def make_welsh_organisation(**facts: Any) -> Organisation:
    """Return an organisation with both names."""
    return make_organisation(name=ENGLISH, welsh_name=WELSH, **facts)


def reading_welsh(client: PortalClient) -> PortalClient:
    """Have a browser ask for pages in Welsh."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "cy"
    return client
