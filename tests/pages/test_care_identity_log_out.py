"""Logging out of Care Identity too, after logging out here."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from accounts.models import Session, User
from tests.support.care_identity import UID, log_in_by_care_identity, smartcard
from tests.support.factories import make_user
from tests.support.openid_provider import CLIENT_ID, OpenIDProvider
from tests.support.steps import PortalClient, come_in, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

ID_TOKEN = "header.what-care-identity-signed.signature"
OFFER = "You may still be logged in to Care Identity"
BUTTON = "Log out of Care Identity"


@pytest.fixture
def inside(client: PortalClient, user: User, openid_provider: OpenIDProvider) -> PortalClient:
    """Return a browser in which the person came by Care Identity."""
    return log_in_by_care_identity(client, user, smartcard(session="there-1"), id_token=ID_TOKEN)


def log_out(client: PortalClient) -> str:
    """Log out; return the page that follows."""
    return client.post("/log-out/", follow=True).text


def test_whoever_came_by_care_identity_is_offered_to_log_out_there(inside: PortalClient, user: User) -> None:
    page = log_out(inside)
    assert "You are logged out" in page
    assert OFFER in page
    assert BUTTON in page
    assert not Session.objects.filter(user_id=user.pk).exists()


def test_the_button_leads_to_care_identity_and_back_to_the_page_about_log_out(
    inside: PortalClient, openid_provider: OpenIDProvider
) -> None:
    log_out(inside)
    response = inside.post("/care-identity/log-out/")
    assert response.status_code == 200
    found = re.fullmatch(r"0; url=(.*)", response.headers["Refresh"])
    assert found
    address = urlsplit(found[1])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{openid_provider.issuer}/end-session"
    assert parse_qs(address.query) == {
        "id_token_hint": [ID_TOKEN],
        "client_id": [CLIENT_ID],
        "post_logout_redirect_uri": ["https://esr.example.nhs.uk/log-out/"],
    }
    assert "Taking you to Care Identity" in response.text
    assert html.escape(found[1]) in response.text
    back = inside.get("/log-out/").text
    assert "You are logged out" in back
    assert OFFER not in back


def test_the_offer_is_there_once(inside: PortalClient) -> None:
    log_out(inside)
    inside.post("/care-identity/log-out/")
    again = inside.post("/care-identity/log-out/")
    assert again.headers["Location"] == "/log-out/"
    assert ID_TOKEN not in again.text


def test_the_offer_is_still_there_after_a_reload_or_a_second_press(inside: PortalClient) -> None:
    log_out(inside)
    assert BUTTON in log_out(inside)
    assert BUTTON in inside.get("/log-out/").text


def test_a_second_press_makes_the_offer_no_longer(inside: PortalClient, travel: Travel) -> None:
    log_out(inside)
    travel(minutes=4)
    assert BUTTON in log_out(inside)
    travel(minutes=2)
    assert BUTTON not in log_out(inside)


def test_whoever_came_with_a_password_is_offered_nothing(
    client: PortalClient, user: User, openid_provider: OpenIDProvider
) -> None:
    come_in(client, user)
    assert OFFER not in log_out(client)
    assert client.post("/care-identity/log-out/").headers["Location"] == "/log-out/"


def test_where_care_identity_has_no_way_to_log_out_the_page_says_what_to_do(
    client: PortalClient, user: User, openid_provider: OpenIDProvider
) -> None:
    log_in_by_care_identity(client, user, id_token="")
    page = log_out(client)
    assert OFFER in page
    assert "take out your smartcard, if you used one, and close the browser" in page
    assert BUTTON not in page
    assert client.post("/care-identity/log-out/").headers["Location"] == "/log-out/"


@pytest.mark.parametrize("trouble", ["away", "changed"])
def test_where_care_identity_cannot_do_it_by_now_the_page_says_so(
    inside: PortalClient, openid_provider: OpenIDProvider, trouble: str
) -> None:
    if trouble == "away":
        openid_provider.stop()
    else:
        del openid_provider.discovery["end_session_endpoint"]
    assert BUTTON in log_out(inside)
    response = inside.post("/care-identity/log-out/")
    assert response.status_code == 200
    assert OFFER in response.text
    assert "take out your smartcard, if you used one, and close the browser" in response.text
    assert ID_TOKEN not in response.text


def test_logging_out_here_does_not_wait_for_care_identity(
    inside: PortalClient, openid_provider: OpenIDProvider
) -> None:
    before = list(openid_provider.requests)
    log_out(inside)
    assert openid_provider.requests == before


def test_only_a_form_of_ours_starts_it(inside: PortalClient) -> None:
    log_out(inside)
    assert inside.get("/care-identity/log-out/").status_code == 405
    assert BUTTON in inside.get("/log-out/").text


def test_the_next_person_who_opens_the_log_in_page_finds_no_offer(inside: PortalClient) -> None:
    """Threat: the next person at a ward PC learns from it who was there before."""
    log_out(inside)
    inside.get("/log-in/")
    assert OFFER not in inside.get("/log-out/").text
    assert inside.post("/care-identity/log-out/").headers["Location"] == "/log-out/"


def test_the_offer_ends_after_five_minutes(inside: PortalClient, travel: Travel) -> None:
    """Threat: the page is left open at a ward PC."""
    log_out(inside)
    travel(minutes=5, seconds=1)
    assert OFFER not in inside.get("/log-out/").text
    assert inside.post("/care-identity/log-out/").headers["Location"] == "/log-out/"


def test_nothing_of_ours_shows_who_was_there(inside: PortalClient, user: User) -> None:
    """Threat: the page, its address or a cookie says which Care Identity it was."""
    response = inside.post("/log-out/", follow=True)
    assert response.redirect_chain == [("/log-out/", 302)]
    cookies = " ".join(cookie.value for cookie in inside.cookies.values())
    for secret in (ID_TOKEN, "what-care-identity-signed", "there-1", user.username, user.family_name):
        assert secret not in response.text
        assert secret not in cookies


def test_logging_in_again_leaves_nothing_of_the_offer(inside: PortalClient) -> None:
    log_out(inside)
    log_in(inside, make_user())
    assert OFFER not in log_out(inside)


def come_all_the_way(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    """Log in by the button, at Care Identity, and back."""
    gone = client.post("/care-identity/log-in/")
    brought_back = openid_provider.visit(gone.headers["Refresh"].removeprefix("0; url="))
    assert client.get("/care-identity/callback/", brought_back).headers["Location"] == "/my-esr/"


def test_what_care_identity_signed_at_log_in_is_what_it_is_shown_at_log_out(
    client: PortalClient, user: User, openid_provider: OpenIDProvider
) -> None:
    come_all_the_way(client, openid_provider)
    log_out(client)
    address = client.post("/care-identity/log-out/").headers["Refresh"].removeprefix("0; url=")
    (hint,) = parse_qs(urlsplit(address).query)["id_token_hint"]
    claims = json.loads(base64.urlsafe_b64decode(hint.split(".")[1] + "=="))
    assert (claims["sub"], claims["sid"]) == (UID, "there-1")


def test_where_it_publishes_no_way_to_log_out_no_id_token_is_kept(
    client: PortalClient, user: User, openid_provider: OpenIDProvider
) -> None:
    del openid_provider.discovery["end_session_endpoint"]
    come_all_the_way(client, openid_provider)
    assert "care_identity_id_token" not in client.session
    page = log_out(client)
    assert OFFER in page
    assert BUTTON not in page


def test_its_log_out_reaches_the_session_that_its_log_in_began(
    client: PortalClient, user: User, openid_provider: OpenIDProvider
) -> None:
    come_all_the_way(client, openid_provider)
    assert client.get("/my-esr/").status_code == 200
    form = urlencode({"logout_token": openid_provider.logout_token(sub=UID, sid="there-1")})
    told = PortalClient().post("/care-identity/back-channel-logout/", form, "application/x-www-form-urlencoded")
    assert told.status_code == 200
    assert client.get("/my-esr/").status_code == 302
