"""What the portal says about itself: accessibility, privacy, cookies. It has to be true."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse

from accounts.browser import cookies
from hub import cookie_list
from tests.pages.test_recovery_start import RIGHT
from tests.support.at_care_identity import bring_back, press
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link
from tests.support.factories import PASSWORD, make_user
from tests.support.remembered_browsers import log_in_with_tick
from tests.support.steps import PortalClient, send

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.openid_provider import OpenIDProvider

pytestmark = pytest.mark.django_db


def words(client: PortalClient, address: str) -> str:
    main = BeautifulSoup(client.get(address).content, "html5lib").select_one("main")
    assert main
    return " ".join(main.get_text(" ").split())


def test_the_footer_of_every_page_leads_there(client: PortalClient) -> None:
    footer = BeautifulSoup(client.get("/nowhere/").content, "html5lib").select("footer a")
    addresses = [str(anchor["href"]) for anchor in footer]
    assert addresses[-3:] == ["/accessibility/", "/privacy/", "/cookies/"]
    assert all(client.get(address).status_code == 200 for address in addresses)


def test_each_cookie_that_is_set_is_on_the_page_with_its_time_and_each_on_the_page_is_set(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    """What else is set in any test is compared with the page by tests/conftest.py."""
    user = link(make_user())
    send(client, "/log-in/", {"username": user.username, "password": "wrong"})
    send(client, "/recovery/", RIGHT)
    client.post("/care-identity/log-in/", {"remember": "on"})
    bring_back(client, {"state": openid_provider.visit(press(client))["state"], "error": "access_denied"})
    kept = {name: morsel for name, morsel in client.cookies.items() if morsel.value}
    send(client, "/log-in/", {"username": user.username, "password": PASSWORD, "remember_username": "on"})
    kept |= {name: morsel for name, morsel in client.cookies.items() if morsel.value}
    client.get("/language/cy/", headers={"Sec-Fetch-Site": "same-origin"})
    client.get("/my-esr/")
    kept |= {name: morsel for name, morsel in client.cookies.items() if morsel.value}
    client.get("/language/en-gb/", headers={"Sec-Fetch-Site": "same-origin"})
    ticked = make_user()
    PhoneApp.of(ticked)
    client.post("/log-out/")
    log_in_with_tick(client, ticked)
    kept |= {name: morsel for name, morsel in client.cookies.items() if morsel.value}
    seen = {}
    for name, morsel in kept.items():
        cookie = cookie_list.described(name)
        assert cookie, name
        seen[cookie.name] = morsel["max-age"]
    assert seen == {each.name: int(each.lasts.total_seconds()) if each.lasts else "" for each in cookie_list.COOKIES}
    page = BeautifulSoup(client.get("/cookies/").content, "html5lib")
    assert [key.get_text() for key in page.select("main dt")] == [each.shown_name for each in cookie_list.COOKIES]
    for said in ("__Host-session", "400 days", "15 minutes", "10 minutes", "1 hour", "until you close the browser"):
        assert said in words(client, "/cookies/")


@pytest.mark.parametrize(("name", "days"), [("new-one", 1), ("way-in", 366), ("b0123", 1)])
def test_no_test_can_set_a_cookie_that_the_page_does_not_describe(name: str, days: int) -> None:
    """Threat: people are told that there are no other cookies, and there is one more or one that stays longer."""
    with pytest.raises(AssertionError, match=re.escape(name)):
        cookies.keep(HttpResponse(), name=name, value="x", lasts=datetime.timedelta(days=days))


def test_what_is_kept_and_how_long_is_what_the_code_keeps(client: PortalClient, settings: Settings) -> None:
    said = words(client, "/privacy/")
    assert "refused: 90 days" in said
    assert "change yours: 400 days" in said
    assert "your two newest log-ins, and the two newest times that you came from another account, 6 years" in said
    assert "record: 6 years. Your organisation may have chosen less, but no less than 400 days" in said
    assert "kept for 8 hours at most, or 12 hours" in said
    settings.SECURITY_EVENTS_KEPT = settings.SECURITY_EVENTS_KEPT | {"log_in_failed": datetime.timedelta(days=30)}
    assert "refused: 30 days" in words(client, "/privacy/")


def test_whom_to_tell_is_named(client: PortalClient, settings: Settings) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "the ESR team", "esr-team@north.nhs.example"
    for address in ("/privacy/", "/accessibility/"):
        assert "the people who run this portal (the ESR team), at esr-team@north.nhs.example" in words(client, address)
    assert "no person has tested it with a screen reader" in words(client, "/accessibility/")
    assert "a program stands in for a screen reader" in words(client, "/accessibility/")
