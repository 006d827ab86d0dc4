"""The page on which a person who is logged in confirms that it is they."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Authenticator, SecurityEvent, User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.security_event import Event
from accounts.services import proving_again
from tests.security.test_proving_again import CONFIRM, SECURITY, SIX_MINUTES, about, left_open, seen
from tests.support.authenticator import PhoneApp, show_second_step
from tests.support.care_identity import an_app, let_apps_in, link, log_in_by_care_identity, trust
from tests.support.factories import PASSWORD
from tests.support.steps import PortalClient, about_in, come_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

__all__ = ["left_open"]


def test_after_the_password_the_person_is_back_where_they_were(left_open: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    show_second_step(left_open)
    answer = left_open.get(f"{SECURITY}remove-app/", follow=True)
    assert "Confirm that it is you" in answer.text
    assert "Nothing was changed yet" not in answer.text
    form = {"next": f"{SECURITY}remove-app/", "current_password": PASSWORD}
    assert send(left_open, CONFIRM, form)["Location"] == f"{SECURITY}remove-app/"
    assert send(left_open, f"{SECURITY}remove-app/")["Location"] == SECURITY
    assert not Authenticator.objects.exists()
    assert SecurityEvent.objects.get(event=Event.PROVED_AGAIN).reason == "password"


def test_what_a_form_said_is_not_done_and_the_page_says_so(left_open: PortalClient) -> None:
    answer = left_open.post(f"{SECURITY}log-out-others/", about(left_open), follow=True)
    assert "Nothing was changed yet. Confirm that it is you, then do it again." in answer.text
    form = {"next": f"{SECURITY}log-out-others/", "current_password": PASSWORD}
    answer = left_open.post(CONFIRM, {**about_in(answer), **form}, follow=True)
    assert answer.redirect_chain[-1][0] == SECURITY


def test_care_identity_is_offered_to_those_who_have_one_and_comes_back(
    client: PortalClient, user: User, settings: Any, travel: Travel
) -> None:
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"
    user.set_unusable_password()
    user.save()
    log_in_by_care_identity(client, user)
    travel(seconds=SIX_MINUTES)
    page = seen(client, f"{CONFIRM}?next={SECURITY}remove-app/")
    assert "Log in with my Care Identity again" in page
    assert f'name="next" value="{SECURITY}remove-app/"' in page
    assert "no way to confirm" not in page
    # Logging in once more is a fresh proof.
    log_in_by_care_identity(client, user)
    assert client.get(f"{SECURITY}log-out-others/")["Location"] == SECURITY


def test_care_identity_is_not_offered_for_the_second_step_where_it_proved_only_one(
    client: PortalClient, user: User, settings: Any
) -> None:
    """Else the person would log in again and again, and come back to the same page."""
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"
    again = "Log in with my Care Identity again"
    user.organisation.second_step = SecondStepPolicy.REQUIRED_OUTSIDE
    user.organisation.save()
    trust(user.organisation)
    PhoneApp.of(let_apps_in(link(user)))
    come_in(client, user)
    assert again in seen(client, CONFIRM), "a smartcard may prove both"
    log_in_by_care_identity(client, user, an_app())
    page = seen(client, CONFIRM)
    assert "It is needed for this." in page
    assert again not in page
    show_second_step(client)
    assert proving_again.ways(user=user, session=client.session, care_identity_is_offered=True).care_identity


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "/\\evil.example", "x", ""])
def test_it_leads_to_no_other_site(left_open: PortalClient, address: str) -> None:
    answer = send(left_open, CONFIRM, {"next": address, "current_password": PASSWORD})
    assert answer["Location"] == SECURITY
