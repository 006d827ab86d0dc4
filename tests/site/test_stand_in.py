"""The stand-in Care Identity as a provider, in a process of its own: what it asks, and what it says of people."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support import portal, stand_in
from tests.support.stand_in import PORTAL, StandIn

pytestmark = pytest.mark.own_processes

AMINA, EWA, LIAM, KIM = "555000000101", "555000000105", "555000000191", "555000000190"


def claims_of(care_identity: StandIn, uid: str, **how: str) -> dict[str, Any]:
    page = care_identity.browser().log_in(uid, **how)
    return care_identity.claims(page.parameters["code"])


@pytest.mark.parametrize("variables", [{"DEMO": "0"}, {"DEMO": ""}, {}])
def test_it_refuses_to_start_outside_the_demo(tmp_path: Any, variables: dict[str, str]) -> None:
    """Threat: beside a production portal it would let any person in as any other."""
    ended = portal.outcome("-m", "demo.care_identity", state=tmp_path, variables=variables)
    assert ended.returncode == 1
    assert "It starts with DEMO=1 only." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_no_other_server_can_load_it_outside_the_demo(tmp_path: Any) -> None:
    load = "import django; django.setup()"
    variables = {"DEMO": "0", "DJANGO_SETTINGS_MODULE": "demo.care_identity.settings"}
    ended = portal.outcome("-c", load, state=tmp_path, variables=variables)
    assert ended.returncode == 1
    assert "It starts with DEMO=1 only." in ended.stderr


def test_it_says_that_it_is_a_stand_in(care_identity: StandIn) -> None:
    document = care_identity.answer("/.well-known/openid-configuration").json()
    assert document["stand_in"] is True
    assert document["issuer"] == care_identity.issuer
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
    assert document["end_session_endpoint"].startswith(care_identity.issuer)


def test_a_smartcard_proves_the_highest_level(care_identity: StandIn) -> None:
    before = int(time.time())
    claims = claims_of(care_identity, AMINA, nonce="made-up-nonce")
    assert claims["iss"] == care_identity.issuer
    assert claims["sub"] == AMINA
    assert claims["aud"] == claims["azp"] == stand_in.CLIENT_ID
    assert claims["nonce"] == "made-up-nonce"
    assert claims["acr"] == "AAL3_N3_SMARTCARD"
    assert claims["amr"] == ["N3_SMARTCARD"]
    assert (claims["authentication_assurance_level"], claims["id_assurance_level"]) == (3, 3)
    assert before <= claims["auth_time"] <= claims["iat"] <= claims["exp"]
    assert claims["sid"]
    assert claims["at_hash"]


def test_levels_come_as_text_for_some_people_as_they_do_at_the_real_one(care_identity: StandIn) -> None:
    claims = claims_of(care_identity, EWA)
    assert (claims["authentication_assurance_level"], claims["id_assurance_level"]) == ("3", "3")


def test_somebody_has_an_identity_that_was_checked_less_well(care_identity: StandIn) -> None:
    assert claims_of(care_identity, LIAM)["id_assurance_level"] == 2


@pytest.mark.parametrize(
    ("method", "acr", "amr", "level"),
    [
        ("windows-hello", "AAL3_FIDO2", "FIDO2", 3),
        ("security-key", "AAL3_FIDO2", "FIDO2", 3),
        ("authenticator-app", "AAL2_TOTP", "TOTP", 2),
    ],
)
def test_each_other_method_says_what_it_is(care_identity: StandIn, method: str, acr: str, amr: str, level: int) -> None:
    claims = claims_of(care_identity, KIM, method=method)
    assert (claims["sub"], claims["acr"], claims["amr"]) == (KIM, acr, [amr])
    assert claims["authentication_assurance_level"] == level


def test_the_userinfo_endpoint_names_the_person(care_identity: StandIn) -> None:
    page = care_identity.browser().log_in(AMINA)
    access_token = care_identity.exchange(page.parameters["code"]).json()["access_token"]
    told = care_identity.answer("/userinfo", headers={"Authorization": f"Bearer {access_token}"}).json()
    assert told["sub"] == told["uid"] == told["nhsid_useruid"] == AMINA
    assert (told["given_name"], told["family_name"]) == ("Amina", "Okafor")
    assert care_identity.answer("/userinfo").status_code == 401


def test_the_state_comes_back(care_identity: StandIn) -> None:
    assert care_identity.browser().log_in(AMINA, state="made-up-state").parameters["state"] == "made-up-state"


@pytest.mark.parametrize(
    "changed",
    [{"code_challenge": ""}, {"code_challenge_method": "plain"}, {"code_challenge_method": ""}, {"nonce": ""}],
)
def test_no_code_without_pkce_and_a_nonce(care_identity: StandIn, changed: dict[str, str]) -> None:
    page = care_identity.browser().ask(**changed)
    assert page.address.startswith(f"{PORTAL}/care-identity/callback/?error=invalid_request")


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "http://localhost:1/somewhere/else/"},
        {"redirect_uri": "http://localhost:2/care-identity/callback/"},
        {"redirect_uri": "https://somebody-else.example/care-identity/callback/"},
        {"redirect_uri": ""},
        {"client_id": "somebody-else.apps.national"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_portals(care_identity: StandIn, changed: dict[str, str]) -> None:
    """Threat: a code that is sent to another address logs an attacker in."""
    page = care_identity.browser().ask(**changed)
    assert page.status == 400
    assert "is not known" in page.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "another-verifier-0123456789-abcdefghijklmnopqrstuvwxyz"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:1/"}, "invalid_request"),
        ({"client_secret": "another"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
    ],
)
def test_a_code_is_exchanged_for_nobody_else(care_identity: StandIn, changed: dict[str, str], error: str) -> None:
    code = care_identity.browser().log_in(AMINA).parameters["code"]
    answer = care_identity.exchange(code, **changed)
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] == error


def test_a_code_works_once(care_identity: StandIn) -> None:
    code = care_identity.browser().log_in(AMINA).parameters["code"]
    assert care_identity.exchange(code).status_code == 200
    assert care_identity.exchange(code).json()["error"] == "invalid_grant"


def test_whoever_is_logged_in_is_not_asked_again(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    first = care_identity.claims(browser.log_in(AMINA).parameters["code"])
    second = care_identity.claims(browser.ask().parameters["code"])
    assert (second["auth_time"], second["sid"]) == (first["auth_time"], first["sid"])


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}])
def test_a_service_can_ask_for_a_fresh_log_in(care_identity: StandIn, asked: dict[str, str]) -> None:
    browser = care_identity.browser()
    first = care_identity.claims(browser.log_in(AMINA).parameters["code"])
    assert browser.ask(**asked).path == "/log-in/"
    again = care_identity.claims(browser.log_in(AMINA, **asked).parameters["code"])
    assert again["auth_time"] >= first["auth_time"]
    assert again["sid"] == first["sid"]


def test_a_log_in_that_is_recent_enough_is_enough(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    browser.log_in(AMINA)
    assert "code" in browser.ask(max_age="600").parameters
    assert browser.ask(max_age="soon").parameters["error"] == "invalid_request"


def test_prompt_none_asks_nothing(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    assert browser.ask(prompt="none").parameters["error"] == "login_required"
    browser.log_in(AMINA)
    assert "code" in browser.ask(prompt="none").parameters


def test_somebody_else_at_the_same_browser_gets_a_session_of_their_own(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    first = care_identity.claims(browser.log_in(AMINA).parameters["code"])
    second = care_identity.claims(browser.log_in(EWA, prompt="login").parameters["code"])
    assert second["sub"] == EWA
    assert second["sid"] != first["sid"]


def test_a_method_that_is_too_weak_is_neither_offered_nor_taken(care_identity: StandIn) -> None:
    """Threat: a service that asks for level 3 must not be answered with level 2."""
    browser = care_identity.browser()
    chooser = browser.ask(acr_values="AAL3_ANY")
    assert 'value="authenticator-app"' not in chooser.text
    assert "You cannot use Authenticator app this time." in chooser.text
    assert "There is a problem" in browser.send(chooser, method="authenticator-app").text
    straight = browser.open(chooser.address.replace("/log-in/?", "/log-in/authenticator-app/?"))
    assert straight.path == "/log-in/"


def test_a_log_in_that_was_too_weak_for_the_next_service_is_not_enough(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    browser.log_in(AMINA, method="authenticator-app", acr_values="AAL2_OR_AAL3_ANY")
    assert browser.ask(acr_values="AAL3_ANY").path == "/log-in/"


def test_a_log_in_leads_to_no_address_but_its_own(care_identity: StandIn) -> None:
    """Threat: a link to the log-in page that sends people on to somewhere else."""
    browser = care_identity.browser()
    page = browser.open("/log-in/?next=https://somebody-else.example/authorize?")
    landed = browser.send(browser.send(page, method="windows-hello"), holder=AMINA)
    assert landed.address == f"{care_identity.issuer}/"


def test_it_misbehaves_once_or_until_it_is_told_to_behave(care_identity: StandIn) -> None:
    care_identity.misbehave("no-acr")
    assert "acr" not in claims_of(care_identity, AMINA)
    assert "acr" in claims_of(care_identity, AMINA)
    care_identity.misbehave("no-acr", once=False)
    assert "acr" not in claims_of(care_identity, AMINA)
    assert "acr" not in claims_of(care_identity, AMINA)
    assert "until it is told to behave" in care_identity.browser().open("/misbehave/").text
    care_identity.behave()
    assert "acr" in claims_of(care_identity, AMINA)


def test_another_site_cannot_press_the_switch(care_identity: StandIn) -> None:
    """Threat: a page elsewhere makes it misbehave, through the browser of a person who tries the demo."""
    page = care_identity.browser().open("/misbehave/", {"kind": "alg-none", "times": "always"})
    assert page.status == 403
    assert "It behaves." in care_identity.browser().open("/misbehave/").text
