"""Your accounts: two employers of one person, in one browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import (
    INSIDE,
    an_app,
    let_apps_in,
    link,
    log_in_by_care_identity,
    smartcard,
    trust,
)
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.steps import PortalClient, come_in, log_in, send
from tests.support.travel import Travel
from tests.support.two_accounts import (
    ACCOUNTS,
    LOG_IN,
    ask_to_stay,
    log_in_too,
    make_southern,
    person_in,
    shown_to,
    switch,
)

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> User:
    return make_user()


@pytest.fixture
def south() -> User:
    return make_southern()


@pytest.fixture
def both_in(client: PortalClient, north: User, south: User) -> PortalClient:
    """Return a browser that is used with the southern account and logged in to the northern one too."""
    come_in(client, north)
    assert log_in_too(client, south)["Location"] == "/my-esr/"
    return client


def main_text(client: PortalClient, address: str) -> str:
    answer = client.get(address)
    main = BeautifulSoup(answer.content, "html.parser").select_one("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def switches() -> list[tuple[int | None, str]]:
    events = SecurityEvent.objects.filter(event=Event.ACCOUNT_SWITCHED).order_by("pk")
    return list(events.values_list("user", "reason"))


def test_both_logged_in_one_press_leads_to_the_other_and_one_back(
    both_in: PortalClient, north: User, south: User
) -> None:
    assert person_in(both_in) == south.pk
    shown = main_text(both_in, ACCOUNTS)
    assert f"You are using {south.username} at Southern Test Hospitals." in shown
    assert f"Username: {north.username}" in shown
    for there, back in ((north, south), (south, north)):
        key = both_in.session.session_key
        assert switch(both_in, there)["Location"] == "/my-esr/"
        assert person_in(both_in) == there.pk
        assert both_in.session.session_key != key
        page = both_in.get("/my-esr/").text
        assert there.organisation.name in page
        assert there.username in page
        assert switches()[-2:] == [(back.pk, "left"), (there.pk, "entered")]
    assert Session.objects.count() == 2


def test_the_header_says_which_account_this_is_where_there_are_several(
    both_in: PortalClient, other_client: PortalClient, north: User, south: User
) -> None:
    def items(client: PortalClient) -> list[str]:
        header = BeautifulSoup(client.get("/help/").content, "html.parser").select("header .nhsuk-header__account-item")
        return [" ".join(item.get_text().split()) for item in header]

    log_in(other_client, north)
    assert items(other_client) == ["My ESR", "Log out"]
    assert items(both_in) == [south.username, "My ESR", "Log out"]


def test_the_log_in_page_says_that_the_person_stays_and_takes_it_back(client: PortalClient, north: User) -> None:
    come_in(client, north)
    assert client.get("/log-in/")["Location"] == "/my-esr/"
    assert ask_to_stay(client)["Location"] == "/log-in/?another"
    page = client.get("/log-in/?another")
    assert "Log in to another account" in page.text
    assert f"You stay logged in as <strong>{north.username}</strong>" in page.text
    fields = {str(field.get("name")) for field in BeautifulSoup(page.content, "html.parser").select("main input")}
    assert "password" in fields
    assert fields.isdisjoint({"remember_username", "shared"})
    # Any other way to the log-in page is no way to another account.
    assert client.get("/log-in/")["Location"] == "/my-esr/"
    assert client.get("/log-in/?another")["Location"] == "/my-esr/"


FORMS = {
    "a password": "/log-in/",
    "a passkey": "/passkeys/log-in/",
    "Care Identity": "/care-identity/log-in/",
}


@pytest.mark.parametrize("address", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("meanwhile", ["the log-in page was opened", "too late", "logged out"])
def test_nobody_is_logged_out_by_a_page_that_says_they_stay_logged_in(
    client: PortalClient, *, north: User, south: User, travel: Travel, settings: Settings, address: str, meanwhile: str
) -> None:
    """In another tab the log-in page was opened as for an ordinary log-in, or the page was left open for too long."""
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"
    come_in(client, north)
    ask_to_stay(client)
    page = BeautifulSoup(client.get("/log-in/?another").content, "html.parser")
    (form,) = page.select(f'main form[action="{address}"]')
    fields = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden]")}
    if meanwhile == "the log-in page was opened":
        client.get("/log-in/")
    elif meanwhile == "too late":
        for _ in range(2):
            travel(minutes=8)
            client.post("/session/keep/", shown_to(client))
    else:
        client.post("/log-out/")
    answer = client.post(address, {**fields, "username": south.username, "password": PASSWORD})
    assert answer.status_code == 409
    assert "This page is out of date" in answer.text
    assert person_in(client) == (0 if meanwhile == "logged out" else north.pk)


def test_a_wrong_password_of_the_other_account_changes_nothing(client: PortalClient, north: User, south: User) -> None:
    come_in(client, north)
    ask_to_stay(client)
    answer = client.post("/log-in/", {"username": south.username, "password": "not the password at all"})
    assert "The username or password is not right" in answer.text
    assert "You stay logged in as" in answer.text
    assert person_in(client) == north.pk


def test_the_second_step_of_the_other_account_is_asked_for(client: PortalClient, north: User, south: User) -> None:
    app = PhoneApp.of(south)
    come_in(client, north)
    assert log_in_too(client, south)["Location"] == "/log-in/second-step/"
    assert person_in(client) == 0
    send(client, "/log-in/second-step/", {"code": app.code()})
    assert person_in(client) == south.pk
    switch(client, north)
    assert person_in(client) == north.pk


def test_a_log_in_that_is_not_finished_ends_the_first_account_too(
    client: PortalClient, north: User, south: User
) -> None:
    PhoneApp.of(south)
    come_in(client, north)
    log_in_too(client, south)
    assert client.get("/log-in/").status_code == 200
    assert not Session.objects.filter(user_id=north.pk).exists()


def test_log_out_logs_out_of_both_and_says_so(both_in: PortalClient, north: User, south: User) -> None:
    answer = both_in.post("/log-out/", follow=True)
    assert "You are logged out of all your accounts in this browser." in answer.text
    assert not Session.objects.exists()
    out = SecurityEvent.objects.filter(event=Event.LOGGED_OUT).values_list("user", flat=True)
    assert sorted(out) == sorted([north.pk, south.pk])


def test_idle_for_too_long_it_is_to_be_logged_in_to_again(
    both_in: PortalClient, north: User, south: User, travel: Travel
) -> None:
    for _ in range(2):
        travel(minutes=8)
        both_in.get("/my-esr/")
    assert f"Log in to {north.username} again" in main_text(both_in, ACCOUNTS)
    assert switch(both_in, north)["Location"] == "/log-in/?another"
    page = both_in.get("/log-in/?another")
    assert f'value="{north.username}"' in page.text
    both_in.post("/log-in/", {"username": north.username, "password": PASSWORD})
    assert person_in(both_in) == north.pk
    switch(both_in, south)
    assert person_in(both_in) == south.pk


def test_the_same_account_again_is_no_second_one(both_in: PortalClient, north: User, south: User) -> None:
    log_in_too(both_in, south)
    assert [row[0] for row in both_in.session["other_accounts"]] == [north.pk]
    log_in_too(both_in, north)
    assert [row[0] for row in both_in.session["other_accounts"]] == [south.pk]


def test_one_care_identity_leads_to_the_other_account_through_its_stages(
    client: PortalClient, north: User, south: User, travel: Travel
) -> None:
    log_in_by_care_identity(client, link(north), smartcard())
    link(south)
    assert "Your Care Identity opens it too." in main_text(client, ACCOUNTS)
    clocks = {name: client.session[name] for name in ("started_at", "proved_at")}
    travel(minutes=6)
    key = client.session.session_key
    assert switch(client, south)["Location"] == "/my-esr/"
    assert (person_in(client), client.session.session_key != key) == (south.pk, True)
    assert switches() == [(north.pk, "left"), (south.pk, "entered")]
    # What was proved six minutes ago is no younger by it, and the session lasts no longer.
    assert {name: client.session[name] for name in clocks} == clocks
    switch(client, north)
    assert person_in(client) == north.pk


def test_at_level_two_the_other_organisations_rules_are_kept(client: PortalClient, north: User, south: User) -> None:
    log_in_by_care_identity(client, let_apps_in(link(north)), an_app())
    link(south)
    # It asks for level 3.
    assert south.username not in main_text(client, ACCOUNTS)
    let_apps_in(south)
    app = PhoneApp.of(south)
    assert switch(client, south)["Location"] == "/log-in/second-step/"
    send(client, "/log-in/second-step/", {"code": app.code()})
    assert person_in(client) == south.pk


def test_a_shared_computer_has_one_account_at_a_time(client: PortalClient, north: User, south: User) -> None:
    client.post("/log-in/", {"username": north.username, "password": PASSWORD, "shared": "on"})
    assert "/your-accounts/" not in client.get("/my-esr/").text
    page = main_text(client, ACCOUNTS)
    assert "On a shared computer you can be logged in to one account at a time." in page
    assert ask_to_stay(client)["Location"] == ACCOUNTS
    # A smartcard that opens both goes from one to the other, and leaves nothing of the first.
    client.post("/log-out/")
    trust(north.organisation)
    with_card = smartcard()
    log_in_by_care_identity(client, link(north), with_card)
    link(south)
    session = client.session
    session["shared_computer"] = True
    session.save()
    switch(client, south)
    assert person_in(client) == south.pk
    assert client.session["shared_computer"] is True
    assert [*Session.objects.values_list("user_id", flat=True)] == [south.pk]


def test_a_network_marked_shared_counts_as_the_tick(client: PortalClient, north: User, south: User) -> None:
    from accounts.trusted_networks import SHARED

    come_in(client, north)
    network = trust(north.organisation, f"{INSIDE}/32")
    type(network).objects.update(is_shared=True)
    SHARED.forget()
    try:
        assert ask_to_stay(client)["Location"] == ACCOUNTS
        log_in_too(client, south)
        assert not Session.objects.filter(user_id=north.pk).exists()
    finally:
        SHARED.forget()


def test_the_form_of_the_account_before_is_out_of_date(both_in: PortalClient, north: User) -> None:
    old = shown_to(both_in)
    switch(both_in, north)
    typed = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    for path in ("/change-password/", "/your-accounts/switch/", LOG_IN, "/internet-access/"):
        answer = both_in.post(path, {**old, **typed})
        assert (answer.status_code, "This page is out of date" in answer.text) == (409, True), path
