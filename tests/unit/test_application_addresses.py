"""Web addresses of applications: none looks as if it led elsewhere than it does."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from hub.models import Application
from hub.services import applications
from tests.support.steps import PortalClient, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DECEIVING = {
    "a username": "https://rota.nhs.uk@evil.example/",
    "a password": "https://rota.nhs.uk:443@evil.example/",
    "an empty username": "https://@evil.example/",
    "an encoded @": "https://rota.nhs.uk%40evil.example/",
    "a backslash before the @": "https://evil.example\\@rota.nhs.uk/",
    "a backslash in the path": "https://evil.example/\\rota.nhs.uk",
    "no width": "https://rota\u200b.nhs.uk/",
    "right to left": "https://rota.nhs.uk/\u202egpj.exe",
    "a soft hyphen": "https://ro\u00adta.nhs.uk/",
    "a filler": "https://rota.nhs.uk/\u3164/evil",
    "a variation selector": "https://rota.nhs.uk/a\ufe0f",
    "a tag": "https://rota.nhs.uk/a\U000e0041",
    "a blank": "https://rota.nhs.uk/ .evil.example",
    "a wide blank": "https://rota.nhs.uk/\u3000.evil.example",
    "a line": "https://rota.nhs.uk/\u2028x",
    "a tab": "https://rota.nhs.uk/\tx",
    "Cyrillic": "https://r\u043eta.nhs.uk/",
    "a full-width slash": "https://rota.nhs.uk\uff0f.evil.example/",
}
GOOD = [
    "https://rota.example.nhs.uk",
    "https://rota.example.nhs.uk:8443/a/b?next=/c&mail=jo@nhs.net#top",
    "http://10.20.0.5/",
    "https://xn--mnchen-3ya.example/",
    "https://rota.example.nhs.uk/Ysbyty-Môn/@home",
    "https://[2001:db8::7]/",
]


def application(user: User, address: str) -> Application:
    return Application(organisation=user.organisation, name="Rota", address=address)


@pytest.mark.parametrize("address", DECEIVING.values(), ids=DECEIVING)
def test_an_address_that_deceives_is_refused_and_one_from_before_is_not_shown(
    client: PortalClient, user: User, address: str
) -> None:
    """Threat: an agent, or an attacker who has their session, gives all colleagues a link that looks like another."""
    with pytest.raises(ValidationError) as refused:
        application(user, address).full_clean()
    assert set(refused.value.message_dict) == {"address"}
    # On record since before the rule.
    application(user, address).save()
    log_in(client, user)
    page = client.get("/my-esr/")
    assert "evil" not in page.text
    assert not page.context["applications"]


@pytest.mark.parametrize("address", GOOD)
def test_an_address_that_says_where_it_leads_is_taken(user: User, address: str) -> None:
    good = application(user, address)
    good.full_clean()
    good.save()
    assert applications.shown_at(user.organisation_id) == [good]


def test_the_admin_says_at_the_field_what_to_write(desk: PortalClient, agent: User) -> None:
    typed = {"organisation": agent.organisation_id, "name": "Rota", "address": DECEIVING["a username"], "position": 0}
    assert "nothing may stand before an @" in desk.post("/admin/hub/application/add/", typed).text
    assert not Application.objects.exists()
    assert desk.post("/admin/hub/application/add/", {**typed, "address": GOOD[1]}).status_code == 302
    assert Application.objects.get().address == GOOD[1]
