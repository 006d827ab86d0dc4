"""Every page is in the language that its browser asks for, and leads to itself in the other one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.http import FileResponse
from django.test import RequestFactory, override_settings
from django.urls import reverse
from django.utils.translation import get_language

from accounts.languages import ENGLISH, WELSH
from accounts.middleware import in_a_language
from accounts.models import User
from hub.services import flood_limit
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_agent, make_operator
from tests.support.links import open_link
from tests.support.made_up_welsh import ASKS_FOR_WELSH, FROM_OUR_PAGE, TO_WELSH
from tests.support.steps import PortalClient, come_in, log_in

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("welsh")]

CHOSEN = "__Host-language"


def switch(page: Any) -> str:
    """Return where the link to the other language leads; the page is in one language, and says so everywhere."""
    soup = BeautifulSoup(page.content, "html5lib")
    assert soup.html
    said = page.headers["Content-Language"]
    assert str(soup.html["lang"]).lower() == said.lower()
    assert ("«" in soup.get_text()) is (said == "cy")
    assert {"Accept-Language", "Cookie"} <= {each.strip() for each in page.headers["Vary"].split(",")}
    (link,) = soup.select("a[hreflang]")
    assert (link["lang"], link["hreflang"]) == (("en", "en") if said == "cy" else ("cy", "cy"))
    assert link.get_text() == ("English" if said == "cy" else "Cymraeg")
    return str(link["href"])


def leads_back_to(page: Any) -> str:
    return parse_qs(urlsplit(switch(page)).query)["next"][0]


def language(page: Any) -> str:
    switch(page)
    return str(page.headers["Content-Language"])


def test_a_page_is_in_the_language_that_the_browser_asks_for(client: PortalClient) -> None:
    for path in ("/", "/log-in/", "/recovery/", "/help/", "/cookies/", "/no-such-page/"):
        assert language(client.get(path)) == "en-GB"
        assert language(client.get(path, headers=ASKS_FOR_WELSH)) == "cy"
        # What a process keeps of a page, it keeps by language.
        assert language(client.get(path)) == "en-GB"
    assert get_language() == ENGLISH


def test_the_link_keeps_the_language_for_a_year_and_leads_back(client: PortalClient) -> None:
    page = client.get("/help/?organisation=999")
    answer = client.get(switch(page))
    assert (answer.status_code, answer["Location"]) == (302, "/help/?organisation=999")
    cookie = answer.cookies[CHOSEN]
    assert (cookie.value, cookie["max-age"]) == (WELSH, 365 * 24 * 60 * 60)
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert list(answer.cookies) == [CHOSEN]
    there = client.get(answer["Location"], headers={"Accept-Language": "en"})
    assert language(there) == "cy"
    back = client.get(switch(there), follow=True)
    assert language(back) == "en-GB"
    assert back.request["PATH_INFO"] == "/help/"


def test_a_first_page_keeps_nothing_in_the_browser(client: PortalClient) -> None:
    for headers in ({}, ASKS_FOR_WELSH):
        assert not client.get("/", headers=headers).cookies


def test_a_visitor_costs_no_query(client: PortalClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        client.get(f"{TO_WELSH}?next=/log-in/")


def test_head_and_post_change_nothing(client: PortalClient) -> None:
    come_in(client, make_user())
    answer = client.head(f"{TO_WELSH}?next=/help/", headers=FROM_OUR_PAGE)
    assert (answer.status_code, answer["Location"]) == (302, "/help/")
    assert client.post(TO_WELSH, headers=FROM_OUR_PAGE).status_code == 405
    assert CHOSEN not in client.cookies
    assert User.objects.get().language == ""


def test_there_is_no_third_language(client: PortalClient) -> None:
    for code in ("de", "CY", "cy-gb", "en", "xx"):
        answer = client.get(f"/language/{code}/")
        assert answer.status_code == 404
        assert not answer.cookies


def test_after_a_form_the_link_leads_to_the_page_with_the_form(client: PortalClient) -> None:
    refused = client.post("/log-in/", {"username": "999NOBODY", "password": "wrong", "next": "/my-esr/security/?a=b&c"})
    assert leads_back_to(refused) == "/log-in/?next=%2Fmy-esr%2Fsecurity%2F%3Fa%3Db%26c"
    assert leads_back_to(client.post("/log-in/", {"username": ""})) == "/log-in/"
    assert leads_back_to(client.post("/recovery/", {})) == "/recovery/"
    # Where the form is sent to another address than its page has, the browser says from which page.
    come_in(client, make_user())
    came_from = {"Referer": "https://esr.example.nhs.uk/your-accounts/?x=1"}
    assert leads_back_to(client.post("/your-accounts/switch/", headers=came_from)) == "/your-accounts/?x=1"
    elsewhere = {"Referer": "https://evil.example/your-accounts/"}
    assert leads_back_to(client.post("/your-accounts/switch/", headers=elsewhere)) == "/your-accounts/switch/"


def test_errors_and_refusals_are_in_it_too(client: PortalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = PortalClient(enforce_csrf_checks=True)
    too_large: dict[str, Any] = {"CONTENT_LENGTH": str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    in_turn: list[tuple[dict[str, str], str]] = [({}, "en-GB"), (ASKS_FOR_WELSH, "cy"), ({}, "en-GB")]
    for headers, said in in_turn:
        found = {
            404: client.get("/nowhere/", headers=headers),
            405: client.get("/recovery/again/", headers=headers),
            403: strict.post("/change-password/", headers=headers),
            413: client.post("/recovery/", headers=headers, **too_large),
        }
        assert {page.status_code: language(page) for page in found.values()} == dict.fromkeys(found, said)
        with override_settings(ALLOWED_HOSTS=["other.example"]):
            refused = client.get("/", headers=headers)
        assert (refused.status_code, language(refused)) == (400, said)
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(flood_limit, "seconds_to_wait", lambda **_: 5)
        for headers, said in in_turn:
            refused = client.get("/help/", headers=headers)
            assert (refused.status_code, language(refused)) == (429, said)
        patch.setattr(flood_limit, "seconds_to_wait", lambda **_: 1 / 0)
        for headers, said in in_turn:
            failed = client.get("/help/", headers=headers)
            assert (failed.status_code, language(failed)) == (500, said)


def test_a_page_that_is_kept_for_every_browser_leads_back_by_what_the_browser_says(
    client: PortalClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(flood_limit, "seconds_to_wait", lambda **_: 5)
        assert switch(client.get("/help/?x=1")) == TO_WELSH
    answer = client.get(TO_WELSH, headers={"Referer": "https://esr.example.nhs.uk/help/?x=1"})
    assert answer["Location"] == "/help/?x=1"
    for unknown in ("", "https://evil.example/help/", "http://[", "https://esr.example.nhs.uk.evil.example/help/"):
        assert client.get(TO_WELSH, headers={"Referer": unknown})["Location"] == "/"


def test_the_middle_of_a_log_in_stays_where_it_is(client: PortalClient) -> None:
    agent = make_agent()
    PhoneApp.of(agent)
    log_in(client, agent)
    page = client.get("/log-in/second-step/")
    assert leads_back_to(page) == "/log-in/second-step/"
    welsh = client.get(switch(page), follow=True)
    assert (welsh.request["PATH_INFO"], language(welsh)) == ("/log-in/second-step/", "cy")


def test_a_recovery_link_is_not_used_up(client: PortalClient) -> None:
    opened = open_link(client, make_user())
    page = client.get(opened) if isinstance(opened, str) else opened
    address = leads_back_to(page)
    assert "/link/" not in address
    welsh = client.get(switch(page), follow=True)
    assert language(welsh) == "cy"
    assert leads_back_to(welsh) == address
    assert 'name="new_password"' in welsh.text


def test_the_admin_has_it_too() -> None:
    agent = at_work(make_operator())
    for path in ("/admin/", "/admin/desk/", "/admin/accounts/user/", "/admin/accounts/organisation/add/"):
        page = agent.get(path, follow=True)
        assert language(page) == "en-GB", path
        assert language(agent.get(page.request["PATH_INFO"], headers=ASKS_FOR_WELSH)) == "cy", path


def test_a_person_who_must_change_their_password_can_read_why(client: PortalClient) -> None:
    come_in(client, make_user())
    User.objects.update(must_change_password=True)
    page = client.get("/my-esr/", follow=True)
    answer = client.get(switch(page), headers=FROM_OUR_PAGE)
    assert answer["Location"] == reverse("password_change")
    assert User.objects.get().language == WELSH


def test_files_are_the_same_in_each() -> None:
    request = RequestFactory().get("/static/css/portal.css", headers=ASKS_FOR_WELSH)
    answer = in_a_language(lambda _: FileResponse(io.BytesIO(b"a")))(request)  # type: ignore[arg-type, return-value]
    assert not {"Content-Language", "Vary"} & set(answer.headers)
