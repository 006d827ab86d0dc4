"""An answer of Care Identity's that is opened once more: by Back, by a reload, from the browser's history."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.models.role import Role
from tests.support.at_care_identity import AGAIN, CALLBACK, CHOOSE, REFUSED, bring_back, come_by, press
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


def end_of(client: PortalClient, path: str) -> str:
    """Open an address and follow where it leads; return the last address."""
    answer = client.get(path, follow=True)
    return answer.redirect_chain[-1][0] if answer.redirect_chain else path


def opened_again(client: PortalClient, brought: dict[str, str]) -> str:
    """Bring an answer once more; return where the browser ends."""
    assert bring_back(client, brought)["Location"] == REFUSED
    return end_of(client, REFUSED)


def test_a_person_who_is_logged_in_ends_at_my_esr(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    brought = openid_provider.visit(press(client))
    bring_back(client, brought)
    assert opened_again(client, brought) == "/my-esr/"
    assert end_of(client, CHOOSE) == "/my-esr/"
    assert end_of(client, CALLBACK) == "/my-esr/"
    assert client.get("/my-esr/").context["person"] == user


def test_a_person_who_is_still_to_choose_or_to_pass_a_stage_goes_on_there(
    client: PortalClient, other_client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    brought = openid_provider.visit(press(client))
    link(make_user(organisation=make_organisation(code="998")))
    assert bring_back(client, brought)["Location"] == CHOOSE
    assert opened_again(client, brought) == CHOOSE
    assert client.get(CHOOSE).status_code == 200

    User.objects.exclude(pk=user.pk).delete()
    User.objects.update(role=Role.AGENT)
    openid_provider.claims = {"authentication_assurance_level": 2, "acr": "AAL2_TOTP", "amr": ["TOTP"]}
    type(user.organisation).objects.update(care_identity_level=2)
    brought = openid_provider.visit(press(other_client))
    stage = bring_back(other_client, brought)["Location"]
    assert stage == "/second-step/set-up/"
    assert opened_again(other_client, brought) == stage


def test_after_log_out_it_says_to_begin_again(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    brought = openid_provider.visit(press(client))
    bring_back(client, brought)
    client.post("/log-out/")
    assert opened_again(client, brought) == REFUSED
    assert "Log in again" in client.get(REFUSED).text


def test_a_person_who_is_logged_in_is_told_that_showing_it_again_failed(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    come_by(client, openid_provider)
    openid_provider.claims = {"auth_time": 1}
    assert come_by(client, openid_provider, path=AGAIN)["Location"] == REFUSED
    assert "Log in again" in client.get(REFUSED).text
    assert client.get("/my-esr/").context["person"] == user
