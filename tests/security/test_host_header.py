"""Threat: a request that claims to be for another host, so that our mails and pages link there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from accounts.models import RecoveryRequest
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.smtp import Inbox
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

RECOVERY = {
    "date_of_birth_day": DATE_OF_BIRTH.day,
    "date_of_birth_month": DATE_OF_BIRTH.month,
    "date_of_birth_year": DATE_OF_BIRTH.year,
}
# Each is another way in which a proxy or framework has been told which host was meant.
CLAIMS = [
    {"Host": "evil.example"},
    {"Host": "esr.example.nhs.uk:443@evil.example"},
    {"Host": "esr.example.nhs.uk, evil.example"},
    {"Host": "esr.example.nhs.uk.evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Host": "evil.example"},
    {"Forwarded": "host=evil.example"},
    {"X-Forwarded-Server": "evil.example"},
    {"X-Original-URL": "https://evil.example/"},
    {"Host": "testserver"},
]


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_links_in_mails_lead_to_the_configured_address(
    client: PortalClient, inbox: Inbox, deliver_mail: Callable[[], None], claim: dict[str, str]
) -> None:
    """Threat: the mail is genuine, and its link hands the token to the attacker (WSTG, host header injection)."""
    user = make_user()
    client.post("/recovery/", {"email": user.email, **RECOVERY}, headers=claim)
    deliver_mail()
    for mail in inbox.mails:
        assert mail.links
        assert {urlsplit(link).netloc for link in mail.links} == {urlsplit(settings.BASE_URL).netloc}
        assert "evil" not in mail.message.as_string()


@pytest.mark.parametrize("host", ["evil.example", "", "a b", "esr.example.nhs.uk@evil.example", "[::1", "é.example"])
def test_a_wrong_host_gets_a_plain_page_and_does_nothing(client: PortalClient, host: str) -> None:
    user = make_user()
    response = client.post("/recovery/", {"email": user.email, **RECOVERY}, headers={"Host": host})
    assert response.status_code == 400
    assert not RecoveryRequest.objects.exists()


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_no_page_and_no_redirect_repeats_the_claim(client: PortalClient, claim: dict[str, str]) -> None:
    """Threat: a page kept by a proxy that links elsewhere."""
    for path in ("/", "/log-in/", "/my-esr/", "/help/", "/admin/"):
        response = client.get(path, headers=claim)
        assert "evil" not in response.text
        assert "evil" not in response.headers.get("Location", "")
