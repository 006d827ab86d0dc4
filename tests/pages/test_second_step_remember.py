"""“Don’t ask on this browser for 30 days”, ticked where a passkey is the second step."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import RememberedBrowser, User
from accounts.services.second_step import recovery_codes
from tests.support.factories import PASSWORD, make_user
from tests.support.passkeys import SoftwareAuthenticator, registered
from tests.support.remembered_browsers import CHALLENGE, lands_on
from tests.support.steps import PortalClient, about_in, log_in

pytestmark = pytest.mark.django_db

MY_ESR = "/my-esr/"
TICK = {"remember_browser": "on"}


def uses(client: PortalClient, authenticator: SoftwareAuthenticator, **ticks: str) -> None:
    """Use a passkey at the challenge, as its script does, and log out again."""
    said = about_in(client.get(CHALLENGE))
    begun = client.post("/passkeys/second-step/begin/", said).json()
    sent = {**said, "credential": authenticator.use(begun), **ticks}
    assert client.post("/passkeys/second-step/", sent)["Location"] == MY_ESR
    client.post("/log-out/")


def challenge(client: PortalClient) -> BeautifulSoup:
    return BeautifulSoup(client.get(CHALLENGE).content, "html.parser")


def test_with_the_tick_the_browser_is_asked_no_more_and_without_it_again(client: PortalClient) -> None:
    user = make_user()
    authenticator, _ = registered(user)
    log_in(client, user)
    # A person who has only passkeys finds the box in the form of the button.
    assert challenge(client).select("form[data-passkey] input[name=remember_browser]")
    uses(client, authenticator)
    assert lands_on(client, user) == CHALLENGE
    log_in(client, user)
    uses(client, authenticator, **TICK)
    assert lands_on(client, user) == MY_ESR
    assert lands_on(PortalClient(), user) == CHALLENGE


def test_one_box_is_for_both_ways(client: PortalClient) -> None:
    user = make_user()
    registered(user)
    recovery_codes.make(user=user)
    log_in(client, user)
    page = challenge(client)
    (box,) = page.select("input[name=remember_browser]")
    (by_code,) = page.select(f"form#{box['form']}")
    assert by_code.select("input[name=code]")
    (by_passkey,) = page.select("form[data-passkey]")
    assert by_passkey["data-with-ticks-of"] == f"#{by_code['id']}"
    # It comes before both, so that a person who uses the first has passed it.
    names = [field.get("name") for field in page.select("main input")]
    assert names.index("remember_browser") < names.index("credential") < names.index("code")


@pytest.mark.parametrize("why_not", ["shared", "admin", "frozen"])
def test_where_a_browser_is_never_remembered_there_is_no_box_and_no_tick_counts(
    client: PortalClient, why_not: str
) -> None:
    user = make_user(is_staff=why_not == "admin")
    authenticator, _ = registered(user)
    typed = {"username": user.username, "password": PASSWORD}
    if why_not == "frozen":
        # Frozen, and set anew by recovery: the second step is still to come (decision 41).
        now = timezone.now()
        frozen = {"password_frozen_at": now - datetime.timedelta(hours=1), "password_changed_at": now}
        User.objects.filter(pk=user.pk).update(**frozen)
    client.post("/log-in/", {**typed, "shared": "on"} if why_not == "shared" else typed)
    assert not challenge(client).select("input[name=remember_browser]")
    uses(client, authenticator, **TICK)
    assert not RememberedBrowser.objects.exists()
