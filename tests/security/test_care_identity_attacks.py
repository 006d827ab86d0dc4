"""Attacks on the log-in with Care Identity through browsers, this one or another."""

from __future__ import annotations

import base64
import html
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import SESSION_KEY
from django.middleware.csrf import get_token
from django.test import RequestFactory

from accounts import proof
from accounts.browser.slots import HALF_FINISHED
from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from accounts.models.session import stored_key
from care_identity.services import authorization
from tests.security.test_open_redirect import ELSEWHERE, is_ours
from tests.support.at_care_identity import (
    AGAIN,
    CALLBACK,
    CHOOSE,
    REFUSED,
    START,
    address_in,
    bring_back,
    come_by,
    press,
)
from tests.support.care_identity import UID, link
from tests.support.factories import make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, come_in, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def care_identity(openid_provider: OpenIDProvider) -> OpenIDProvider:
    """Return a provider that behaves: here the browsers do not."""
    return openid_provider


def reasons() -> list[str]:
    """Return why log-ins with Care Identity were refused, oldest first; what was not asked for is in no event."""
    return list(
        SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_REFUSED).order_by("pk").values_list("reason", flat=True)
    )


def is_in(client: PortalClient) -> bool:
    return SESSION_KEY in client.session and client.get("/my-esr/").status_code == 200


def was_refused(answer: Any) -> bool:
    return (answer.status_code, answer.headers.get("Location")) == (302, REFUSED)


def test_an_answer_that_another_browser_asked_for_is_refused(
    client: PortalClient, other_client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat (log-in CSRF): a link carries the attacker's answer to a person, who then works in the attacker's ESR."""
    brought = care_identity.visit(press(other_client))
    assert was_refused(bring_back(client, brought))
    assert reasons() == []
    assert not is_in(client)
    # Nor does it help the attacker that the person has begun a log-in of their own.
    press(client)
    assert was_refused(bring_back(client, brought))
    assert not is_in(client)
    assert care_identity.count("/token") == 0


def test_a_link_with_an_answer_leaves_whoever_is_in_where_they_are(
    client: PortalClient, other_client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: the same, to a person who is logged in: they are thrown out, or are in as another person afterwards."""
    somebody = make_user()
    come_in(client, somebody)
    assert was_refused(bring_back(client, care_identity.visit(press(other_client))))
    assert client.get("/my-esr/").context["person"] == somebody


def test_an_answer_is_taken_once(client: PortalClient, care_identity: OpenIDProvider, user: User) -> None:
    """Threat: the address with the code is read from a log or from the history of a shared PC."""
    brought = care_identity.visit(press(client))
    bring_back(client, brought)
    assert is_in(client)
    client.post("/log-out/")
    assert was_refused(bring_back(client, brought))
    assert was_refused(bring_back(PortalClient(), brought))
    assert reasons() == []
    assert care_identity.count("/token") == 1


def test_an_answer_that_was_refused_is_not_taken_later(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: an attacker brings the same answer again and again until it is taken."""
    brought = care_identity.visit(press(client))
    care_identity.claims = {"nonce": "another"}
    assert was_refused(bring_back(client, brought))
    care_identity.claims = {}
    assert was_refused(bring_back(client, brought))
    assert reasons() == ["id_token_nonce"]


@pytest.mark.parametrize(
    "parameters",
    [{}, {"code": "x"}, {"state": ""}, {"code": "x", "state": "x"}, {"error": "access_denied"}, {"state": "\0\ud7ff"}],
    ids=str,
)
def test_an_answer_that_nobody_asked_for_is_refused(
    client: PortalClient, care_identity: OpenIDProvider, parameters: dict[str, str]
) -> None:
    assert was_refused(bring_back(client, parameters))
    assert reasons() == []
    assert "Log in again" in client.get(REFUSED).text
    assert not care_identity.requests


def test_a_code_of_another_log_in_is_refused(
    client: PortalClient, other_client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat (code injection): a stolen code is put into a log-in that the thief began (PKCE, RFC 7636)."""
    stolen = care_identity.visit(press(other_client))["code"]
    state = care_identity.visit(press(client))["state"]
    assert was_refused(bring_back(client, {"code": stolen, "state": state}))
    assert reasons() == ["code_refused"]
    assert not is_in(client)


def test_two_windows_of_one_browser_do_not_disturb_each_other(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: the code of one log-in is sent with the secrets of another; or a person with two windows is kept out."""
    first, second = press(client, next="/help/"), press(client)
    mixed = {"code": care_identity.visit(first)["code"], "state": care_identity.visit(second)["state"]}
    assert was_refused(bring_back(client, mixed))
    assert reasons() == ["code_refused"]
    assert bring_back(client, care_identity.visit(first)).headers["Location"] == "/help/"


def test_a_browser_remembers_five_windows_and_forgets_the_oldest(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: a session that grows without end."""
    addresses = [press(client) for _ in range(6)]
    assert was_refused(bring_back(client, care_identity.visit(addresses[0])))
    bring_back(client, care_identity.visit(addresses[1]))
    assert is_in(client)


def test_an_answer_that_comes_too_late_is_refused(
    client: PortalClient, care_identity: OpenIDProvider, user: User, travel: Travel
) -> None:
    """Threat: a log-in begun at a shared PC is finished by the next person there."""
    address = press(client)
    travel(minutes=15, seconds=1)
    assert was_refused(bring_back(client, care_identity.visit(address)))
    assert reasons() == []


@pytest.mark.parametrize("path", [START, AGAIN, "/care-identity/forget/", CHOOSE])
def test_another_site_cannot_press_our_buttons(csrf_client: PortalClient, path: str) -> None:
    """Threat: a page elsewhere begins a log-in in a person's browser."""
    headers = {"Origin": "https://evil.example"}
    token = get_token(RequestFactory().get("/"))
    assert csrf_client.post(path).status_code == 403
    assert csrf_client.post(path, {"csrfmiddlewaretoken": token}, headers=headers).status_code == 403
    assert not Session.objects.exists()


@pytest.mark.parametrize("path", [START, AGAIN, "/care-identity/forget/"])
def test_a_link_cannot_press_our_buttons_either(client: PortalClient, path: str) -> None:
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("path", [START, AGAIN])
@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_elsewhere_afterwards(
    client: PortalClient, care_identity: OpenIDProvider, user: User, path: str, address: str
) -> None:
    """Threat: a link to our log-in page that ends at an attacker's copy of it."""
    answer = come_by(client, care_identity, path=path, next=address)
    assert answer.status_code == 302
    assert is_ours(answer.headers["Location"])
    assert is_in(client)


@pytest.mark.parametrize("address", [a for a in ELSEWHERE if "evil" in a])
def test_nobody_is_sent_elsewhere_after_choosing_either(
    client: PortalClient, care_identity: OpenIDProvider, user: User, address: str
) -> None:
    link(make_user())
    assert come_by(client, care_identity, next=address).headers["Location"] == CHOOSE
    answer = send(client, CHOOSE, {"login": user.pk, "next": address})
    assert answer.status_code == 302
    assert is_ours(answer.headers["Location"])


def test_what_the_browser_asks_for_is_not_passed_on(client: PortalClient) -> None:
    """Threat: an attacker asks Care Identity for less (acr_values, prompt), or to be sent to another address."""
    wishes = {
        "acr_values": "AAL1_USERPASS",
        "prompt": "none",
        "max_age": "999999",
        "scope": "openid email",
        "redirect_uri": "https://evil.example/",
        "client_id": "evil",
        "state": "evil",
        "nonce": "evil",
        "code_challenge_method": "plain",
        "login_hint": "evil",
    }
    for path in (f"{START}?acr_values=AAL1_USERPASS&prompt=none&state=evil", START):
        asked = parse_qs(urlsplit(press(client, path=path, **wishes)).query)
        assert "evil" not in str(asked)
        assert asked["acr_values"] == ["AAL2_OR_AAL3_ANY"]
        assert asked["prompt"] == ["login"]
        assert asked["scope"] == ["openid profile nationalrbacaccess"]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == [f"https://esr.example.nhs.uk{CALLBACK}"]
        assert not {"max_age", "login_hint"} & set(asked)
        assert len(asked["state"][0]) == len(asked["nonce"][0]) == 43
    assert parse_qs(urlsplit(press(client, path=AGAIN, max_age="999999")).query)["max_age"] == ["0"]


@pytest.mark.parametrize(
    "claim", [{"X-Forwarded-Host": "evil.example"}, {"Host": "testserver"}, {"Forwarded": "host=evil"}]
)
def test_the_way_back_does_not_follow_the_host_header(client: PortalClient, claim: dict[str, str]) -> None:
    """Threat: the code is brought to the attacker's host."""
    answer = client.post(START, headers=claim)
    asked = parse_qs(urlsplit(html.unescape(answer.headers["Refresh"]).partition("url=")[2]).query)
    assert asked["redirect_uri"] == [f"https://esr.example.nhs.uk{CALLBACK}"]


def test_the_session_has_a_new_name_after_it(client: PortalClient, care_identity: OpenIDProvider, user: User) -> None:
    """Threat (session fixation): the attacker knows the cookie that was there before."""
    address = press(client)
    before = client.cookies["__Host-session"].value
    bring_back(client, care_identity.visit(address))
    assert is_in(client)
    assert client.cookies["__Host-session"].value != before
    assert not Session.objects.filter(session_key__in=[before, stored_key(before)]).exists()


def test_secrets_of_the_way_there_are_not_told_to_the_browser(client: PortalClient) -> None:
    """Threat: the code verifier or our secret stands in the page, where PKCE is worth nothing."""
    going = client.post(START)
    state = parse_qs(urlsplit(address_in(going)).query)["state"][0]
    begun = authorization.begun_under(state=state, not_before=0)
    (cookie,) = going.cookies.values()
    sent = going.text + str(going.headers) + base64.urlsafe_b64decode(cookie.value.partition(":")[0]).decode()
    assert state in sent
    assert begun.code_verifier not in sent
    assert begun.nonce in urlsplit(address_in(going)).query
    assert begun.nonce not in str(going.cookies)
    assert "a secret for tests alone" not in going.text + str(going.headers)


def test_answers_that_nobody_asked_for_leave_no_sessions(client: PortalClient) -> None:
    """Threat: a flood of them fills the table of sessions, at no cost to the attacker."""
    for _ in range(3):
        stranger = PortalClient()
        assert was_refused(stranger.get(CALLBACK, {"state": "x", "code": "x"}))
        assert "__Host-session" not in stranger.cookies
    assert not Session.objects.exists()
    assert reasons() == []
    page = client.get(REFUSED)
    assert page.status_code == 200
    assert "Log in again" in page.text
    assert not Session.objects.exists()


def test_the_session_begins_with_what_was_proved_and_nothing_else(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: what was only asked for, or belongs to the person before, is left in it."""
    log_in(client, make_user())
    press(client)
    come_by(client, care_identity)
    assert client.session[proof.KEY]["uid"] == UID
    assert not {"care_identity_under_way", HALF_FINISHED} & set(client.session.keys())
