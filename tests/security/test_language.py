"""Threat: a page elsewhere, or a stranger at the log-in, learns or changes something by way of the language.

Choosing a language is a link, which any site can have a browser open, and what it says comes from the browser.
"""

from __future__ import annotations

import pytest

from accounts.languages import WELSH
from accounts.models import SecurityEvent, User
from tests.support.authenticator import PhoneApp
from tests.support.factories import PASSWORD, make_user
from tests.support.helpdesk import make_agent
from tests.support.made_up_welsh import TO_WELSH
from tests.support.remembered_browsers import CHROME
from tests.support.steps import PortalClient, come_in, log_in, send

pytestmark = pytest.mark.django_db

OURS = "https://esr.example.nhs.uk"
CHOSEN, OF_ACCOUNT = "__Host-language", "__Host-account-language"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        # What the browser says itself comes before what a page may have had a say in.
        {"Sec-Fetch-Site": "cross-site", "Referer": f"{OURS}/my-esr/"},
        {"Referer": "https://evil.example/"},
        {"Referer": f"{OURS}.evil.example/"},
        {"Referer": "http://esr.example.nhs.uk/my-esr/"},
        {"Referer": "https://user@esr.example.nhs.uk/"},
        {"Referer": "https://["},
        {},
    ],
)
def test_a_link_of_another_site_changes_no_account(client: PortalClient, headers: dict[str, str]) -> None:
    """Threat: a page elsewhere sets the language in which a person is told of what is done to their account."""
    come_in(client, make_user())
    client.get(TO_WELSH, headers=headers)
    assert User.objects.get().language == ""


def test_nor_the_language_of_a_session_whose_account_has_one(client: PortalClient) -> None:
    come_in(client, make_user(language="en-gb"))
    client.get(TO_WELSH, headers={"Sec-Fetch-Site": "cross-site"})
    assert client.get("/my-esr/").headers["Content-Language"] == "en-GB"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Referer": f"{OURS}/my-esr/"}])
def test_a_link_of_ours_does(client: PortalClient, headers: dict[str, str]) -> None:
    come_in(client, make_user())
    client.get(TO_WELSH, headers=headers)
    assert User.objects.get().language == WELSH


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "///evil.example",
        "log-in/",
        "\x00",
    ],
)
def test_it_leads_to_no_other_site(client: PortalClient, wanted: str) -> None:
    answer = client.get(TO_WELSH, {"next": wanted})
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_no_header_can_be_written_by_it(client: PortalClient) -> None:
    answer = client.get(TO_WELSH, {"next": "/help/\r\nSet-Cookie: a=b\n"})
    assert "\n" not in answer["Location"]
    assert list(answer.cookies) == [CHOSEN]


@pytest.mark.parametrize("garbage", ["x" * 3000, "en-gb; Path=/", "../../cy", "<b>", "cy,en", "%63%79", "CY", "en"])
def test_a_cookie_that_is_none_of_ours_says_nothing(client: PortalClient, garbage: str) -> None:
    """Threat: what stands in a cookie gets into a page, a header or the path of a file."""
    for name in (CHOSEN, OF_ACCOUNT):
        client.cookies[name] = garbage
    page = client.get("/log-in/")
    assert page.headers["Content-Language"] == "en-GB"
    assert page.cookies[OF_ACCOUNT]["max-age"] == 0


def test_a_header_that_is_none_says_nothing(client: PortalClient) -> None:
    for garbage in ("cy;q=nan", "cy;q=-1", "cy;q=" + "9" * 400, ",;=" * 500, "\xff", "cy" * 9000):
        assert client.get("/", headers={"Accept-Language": garbage}).headers["Content-Language"] == "en-GB"


def test_a_log_in_that_is_not_finished_tells_nothing_of_the_account(client: PortalClient) -> None:
    """Threat: a thief of a password learns from the language of the page that comes next whose account it is."""
    agent = make_agent(language=WELSH)
    PhoneApp.of(agent)
    answer = client.post("/log-in/", {"username": agent.username, "password": PASSWORD})
    assert answer["Location"] == "/log-in/second-step/"
    page = client.get(answer["Location"])
    assert page.headers["Content-Language"] == "en-GB"
    assert not {CHOSEN, OF_ACCOUNT} & set(client.cookies)
    assert User.objects.get(pk=agent.pk).last_language == ""


def test_nor_does_a_wrong_password_or_an_unknown_name(client: PortalClient) -> None:
    for username in (make_user(language=WELSH).username, "999NOBODY"):
        answer = client.post("/log-in/", {"username": username, "password": "wrong"})
        assert answer.headers["Content-Language"] == "en-GB"
        assert not {CHOSEN, OF_ACCOUNT} & set(client.cookies)


def test_the_finished_one_takes_the_language_of_the_account(client: PortalClient) -> None:
    agent = make_agent(language=WELSH)
    phone = PhoneApp.of(agent)
    log_in(client, agent)
    answer = send(client, "/log-in/second-step/", {"code": phone.code()})
    assert answer.cookies[OF_ACCOUNT].value == WELSH


@pytest.mark.usefixtures("welsh")
def test_what_is_written_down_is_in_no_language_of_a_persons(client: PortalClient) -> None:
    """Threat: a remembered browser is taken for another kind, or an event cannot be found, because of a translation."""
    user = make_user(language=WELSH)
    headers = {"User-Agent": CHROME, "Accept-Language": "cy"}
    client.post("/log-in/", {"username": user.username, "password": PASSWORD}, headers=headers)
    (device,) = {event.device for event in SecurityEvent.objects.filter(user=user)}
    assert " on " in device
    assert "«" not in device
    assert f"«{device}»" in client.get("/my-esr/security/activity/").text
