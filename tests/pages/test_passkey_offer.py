"""The page that offers a passkey after a log-in with a password."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import trusted_networks
from accounts.models import Organisation, SecondStepRecord, User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.switched_off import Part
from accounts.services import passkey_log_in, switched_off
from tests.support.factories import PASSWORD
from tests.support.passkeys import UV, SoftwareAuthenticator, about_of, registered
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

OFFER = "/passkeys/offer/?next=%2Fmy-esr%2F"


@pytest.mark.passkeys_are_offered
def test_one_is_offered_after_a_password_and_not_again_for_a_month(
    client: PortalClient, user: User, travel: Travel
) -> None:
    assert log_in(client, user)["Location"] == OFFER
    page = client.get(OFFER).text
    for words in ("Log in faster next time", "Create a passkey", "Not now", "This browser cannot make passkeys"):
        assert words in page
    said = about_of(page)
    assert client.post(reverse("passkey_offer_later"), {"about": said, "next": "/my-esr/"})["Location"] == "/my-esr/"
    client.post("/log-out/")
    assert log_in(client, user)["Location"] == "/my-esr/"
    client.post("/log-out/")
    travel(days=31)
    assert log_in(client, user)["Location"] == OFFER


@pytest.mark.passkeys_are_offered
def test_one_is_not_offered_where_it_would_be_of_no_use(client: PortalClient, user: User) -> None:
    def lands(**typed: str) -> str:
        client.cookies.clear()
        sent = {"username": user.username, "password": PASSWORD, **typed}
        return client.post("/log-in/", sent)["Location"]

    assert lands() == OFFER
    assert lands(shared="on") == "/my-esr/"
    Organisation.objects.update(second_step=SecondStepPolicy.OFF)
    assert lands() == "/my-esr/"
    Organisation.objects.update(second_step=SecondStepPolicy.OPTIONAL, second_step_share=0)
    assert lands() == "/my-esr/"
    Organisation.objects.update(second_step_share=100)
    switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason="A flaw")
    assert lands() == "/my-esr/"
    assert client.get(OFFER)["Location"] == "/my-esr/"
    switched_off.switch(part=Part.PASSKEYS, on=True, by=None)
    assert lands() == OFFER
    client.get(OFFER)
    assert lands() == "/my-esr/"
    SecondStepRecord.objects.all().delete()
    registered(user)
    assert lands() == "/log-in/second-step/"


@pytest.mark.passkeys_are_offered
def test_a_log_in_that_is_not_offered_one_costs_one_query_more(user: User, django_assert_num_queries: Any) -> None:
    passkey_log_in.note_offered(user=user)
    with django_assert_num_queries(1):
        assert not passkey_log_in.is_offer_due(user=user, shared=False)


def test_a_browser_makes_one_by_itself_only_for_a_person_with_another_way(client: PortalClient, user: User) -> None:
    log_in(client, user)
    page = client.get(OFFER).text
    assert "data-quiet" in page
    said = {"about": about_of(page), "next": "/my-esr/"}
    begun = client.post(reverse("passkey_register_begin"), {**said, "quiet": "on"}).json()
    made = SoftwareAuthenticator(flags=UV).make(begun)
    response = client.post(reverse("passkey_register_complete"), {**said, "credential": made})
    assert response["Location"] == "/my-esr/"
    assert Passkey.objects.filter(user=user).exists()
    user.care_identity.delete()
    assert "data-quiet" not in client.get(OFFER).text


@pytest.mark.passkeys_are_offered
def test_only_the_log_in_that_led_there_notes_that_one_was_offered(client: PortalClient, user: User) -> None:
    """Threat: another site has the browser open the page, and no passkey is offered for a month."""
    passkey_log_in.note_offered(user=user)
    assert log_in(client, user)["Location"] == "/my-esr/"
    SecondStepRecord.objects.all().delete()
    client.get(OFFER, HTTP_SEC_FETCH_SITE="cross-site")
    assert not SecondStepRecord.objects.exists()
    client.post("/log-out/")
    assert log_in(client, user)["Location"] == OFFER
    client.head(OFFER)
    assert not SecondStepRecord.objects.exists()
    client.get(OFFER)
    SecondStepRecord.objects.get().delete()
    client.get(OFFER)
    assert not SecondStepRecord.objects.exists(), "once"


def quietly(client: PortalClient, said: str) -> int:
    sent = {"about": said, "quiet": "on"}
    return client.post(reverse("passkey_register_begin"), sent).status_code


def test_a_person_without_another_way_has_none_made_without_a_press(client: PortalClient, user: User) -> None:
    """Whatever the script sends: the server decides by the rule of the offer."""
    user.care_identity.delete()
    log_in(client, user)
    page = client.get(OFFER).text
    assert "data-quiet" not in page
    assert quietly(client, about_of(page)) == 403


@pytest.mark.parametrize("where", ["shared computer", "shared network", "log-in under way"])
def test_none_is_made_without_a_press_where_none_is_offered(client: PortalClient, user: User, where: str) -> None:
    typed = {"username": user.username, "password": PASSWORD}
    if where == "shared network":
        user.organisation.trusted_networks.create(network="127.0.0.0/8", is_shared=True)
        trusted_networks.SHARED.forget()
    if where == "log-in under way":
        Organisation.objects.update(second_step=SecondStepPolicy.REQUIRED)
    client.post("/log-in/", {**typed, "shared": "on"} if where == "shared computer" else typed)
    if where == "log-in under way":
        said = about_of(client.get("/second-step/set-up/").text)
    else:
        assert client.get(OFFER)["Location"] == "/my-esr/"
        said = about_of(client.get("/my-esr/security/add-passkey/").text)
    begun = client.post(reverse("passkey_register_begin"), {"about": said}).status_code
    assert (begun, quietly(client, said)) == (200, 403)
    trusted_networks.SHARED.forget()
