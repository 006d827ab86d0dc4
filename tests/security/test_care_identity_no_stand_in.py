"""Threat: the demo's stand-in, which lets any person in as any other, is taken for Care Identity in production."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import SecurityEvent
from care_identity.services import provider
from care_identity.services.refusals import Refused
from tests.support.at_care_identity import REFUSED, START, bring_back, press
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


def test_a_stand_in_is_no_care_identity_in_production(
    client: PortalClient, openid_provider: OpenIDProvider, settings: Any
) -> None:
    """It speaks plain HTTP."""
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = False
    assert client.post(START).headers["Location"] == REFUSED
    assert SecurityEvent.objects.get().reason == "discovery_address"
    assert not openid_provider.requests
    assert "Care Identity is not answering" in client.get(REFUSED).text


def test_a_stand_in_that_was_taken_before_is_none_either(
    client: PortalClient, openid_provider: OpenIDProvider, settings: Any
) -> None:
    """Threat: what was read while it would do is believed for an hour."""
    link(make_user())
    brought = openid_provider.visit(press(client))
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = False
    assert bring_back(client, brought).headers["Location"] == REFUSED
    assert client.get("/my-esr/").status_code == 302


def test_a_stand_in_is_known_by_its_mark_over_tls_too(openid_provider: OpenIDProvider, settings: Any) -> None:
    """Threat: the stand-in behind a proxy that speaks TLS."""
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = False
    settings.CARE_IDENTITY_DISCOVERY_URL = settings.CARE_IDENTITY_DISCOVERY_URL.replace("http:", "https:")
    document = {name: str(value).replace("http:", "https:") for name, value in openid_provider.discovery.items()}
    assert provider.metadata_of(document).issuer.startswith("https:")
    for mark in (True, "false", 1, None):
        with pytest.raises(Refused) as refused:
            provider.metadata_of({**document, "stand_in": mark})
        assert str(refused.value) == "stand_in"
