"""What holds for every page, for a visitor, a person and an operator."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.db import transaction

from tests.support import addresses
from tests.support.addresses import Address
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_operator
from tests.support.steps import PortalClient, come_in

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

# pytest-django makes the database for tests that say so; `site` opens it before them.
pytestmark = pytest.mark.django_db

# Pages that answer a script or a load balancer.
NOT_HTML = {
    "health_live",
    "health_ready",
    "health_work",
    "passkey_endpoints_well_known",
    "password_check",
    "security_txt",
    "session_keep",
}
# Where forms lead that are about no person yet, or end the session of the person who is in, whose they are or not.
ABOUT_NOBODY = {
    "/log-in/",
    "/log-out/",
    "/passkeys/log-in/",
    "/recovery/",
    "/care-identity/log-in/",
    "/care-identity/forget/",
    "/care-identity/log-out/",
}
# The words of the admin's scripts.
JAVASCRIPT_WORDS = "/admin/jsi18n/"


class Page:
    """An address as one kind of person sees it."""

    def __init__(self, address: Address, response: Any) -> None:
        self.path = address.path
        self.name = address.name
        self.is_admin = address.is_admin
        self.status = response.status_code
        self.response = response
        self._says_html = response.headers.get("Content-Type", "").startswith("text/html")
        self.is_html = self._says_html and bool(response.content)

    @functools.cached_property
    def soup(self) -> BeautifulSoup:
        """The page as a browser reads it. Read once a test asks for it: that takes longer than drawing the page."""
        return BeautifulSoup(self.response.content if self._says_html else "", "html5lib")

    def __repr__(self) -> str:
        return f"{self.path} ({self.status})"


class Site:
    """Every page as one kind of person sees it, and where the links on them lead."""

    def __init__(self, who: str) -> None:
        person = make_user()
        keys = addresses.make_one_of_each(person)
        client = at_work(make_operator()) if who == "operator" else PortalClient()
        if who == "person":
            come_in(client, person)
        every = [*addresses.ours(), *(addresses.admins(keys=keys) if who == "operator" else [])]
        self.pages = [Page(address, client.get(address.path)) for address in every]
        # What has been opened above, and led to no other page, is there already.
        opened = {page.path: page for page in self.pages if page.status == 200}
        self.targets = {
            address: opened.get(address.path) or Page(address, client.get(address.path, follow=True))
            for address in self._links()
        }

    def _links(self) -> set[Address]:
        """Return the addresses that links of our pages to our pages lead to."""
        found = set()
        for page in self.pages:
            # The link to the other language leads back to its page, whatever that answers.
            links = page.soup.select("a[href]:not([href^='#'], [hreflang])")
            for link in links if not page.is_admin else ():
                address = urlsplit(urljoin(page.path, str(link["href"])))
                if not address.scheme and not address.netloc:
                    query = f"?{address.query}" if address.query else ""
                    found.add(Address(path=address.path + query, name="", view=None))
        return found


@pytest.fixture(scope="module", params=["visitor", "person", "operator"])
def site(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Site:
    """Return the whole portal as a visitor, a person who is logged in, and an operator see it."""
    with django_db_blocker.unblock(), transaction.atomic():
        seen = Site(request.param)
        transaction.set_rollback(True)
    return seen


@pytest.fixture
def pages(site: Site) -> list[Page]:
    """Return every page."""
    return site.pages


@pytest.mark.both_databases
def test_no_page_fails(pages: list[Page]) -> None:
    assert len(pages) > 20
    # There is no worker, and this is where a monitor hears of it.
    assert [page for page in pages if page.status >= 500 and page.name != "health_work"] == []


def test_every_page_has_one_heading_a_title_and_a_language(pages: list[Page]) -> None:
    for page in pages:
        if page.is_html:
            assert len(page.soup.select("h1")) == 1, page
            assert page.soup.title, page
            assert page.soup.title.get_text(strip=True), page
            assert page.soup.html, page
            assert str(page.soup.html["lang"]).lower() == "en-gb", page
            assert len(page.soup.select("main")) == 1, page


def test_different_pages_have_different_titles(pages: list[Page]) -> None:
    titles: dict[str, Page] = {}
    for page in pages:
        if page.is_html and page.status == 200 and not page.is_admin and page.name != "account_login":
            assert page.soup.title
            title = page.soup.title.get_text(strip=True)
            assert title not in titles, f"{page} and {titles[title]} are both called {title}"
            titles[title] = page


def test_every_page_is_of_the_kind_it_says(pages: list[Page]) -> None:
    for page in pages:
        if page.name not in NOT_HTML and page.response.content:
            assert page.is_html or page.status in {301, 302} or page.is_admin, page
        assert page.response.headers.get("Content-Type", "") or not page.response.content, page


def test_nothing_is_inline(pages: list[Page]) -> None:
    for page in pages:
        assert not page.soup.select("style"), page
        assert not page.soup.select("[style]"), page
        for script in page.soup.select("script"):
            assert script.get("src") or script.get("type") in {"application/json", "importmap"}, f"{page}: {script}"
        for element in page.soup.find_all(True):
            handlers = [name for name in element.attrs if name.lower().startswith("on")]
            assert not handlers, f"{page}: {element}"
            assert not str(element.get("href", "")).strip().lower().startswith("javascript:"), f"{page}: {element}"


def test_nothing_is_loaded_from_elsewhere_and_every_file_is_there(pages: list[Page]) -> None:
    loaded = set()
    for page in pages:
        for element in page.soup.select("[src], link[href]"):
            loaded.add(str(element.get("src") or element.get("href")))
        # Without scripts a page goes by itself when its session is over, and nowhere else.
        elsewhere = 'meta[http-equiv]:not(noscript > [http-equiv="refresh"][content*="; url=/session/over/?next=%2F"])'
        assert not page.soup.select(f"iframe, object, embed, base, {elsewhere}"), page
    for address in loaded:
        if not address.startswith("data:image/"):
            if address == JAVASCRIPT_WORDS:
                continue
            assert address.startswith("/static/"), address
            assert finders.find(address.removeprefix("/static/")), address


def test_every_form_sends_to_ourselves_and_a_post_carries_a_token(pages: list[Page]) -> None:
    for page in pages:
        for form in page.soup.select("form"):
            action = urlsplit(str(form.get("action", "")))
            assert not action.netloc, f"{page}: {form}"
            if str(form.get("method", "get")).lower() == "post":
                assert form.select("input[name=csrfmiddlewaretoken]"), f"{page}: {form}"
                # Chromium tells forms apart by the names of their first two fields, and puts what was typed into what
                # it takes for the same form again.
                names = [str(field["name"]) for field in form.select("[name]")]
                assert any(re.fullmatch("page-[0-9a-f]{16}", name) for name in names[:2]), f"{page}: {form}"
            else:
                assert not form.select("[type=password], [name=csrfmiddlewaretoken]"), f"{page}: {form}"
            if not page.is_admin:
                assert form.has_attr("novalidate"), f"{page}: {form}"


def test_every_form_for_a_person_says_what_it_is_about(pages: list[Page]) -> None:
    """A tab that was left open must not act on the person that another tab is with by now."""
    for page in pages:
        for form in page.soup.select("form"):
            address = str(form.get("action", "")).split("?")[0]
            if str(form.get("method", "get")).lower() == "post" and not page.is_admin and address not in ABOUT_NOBODY:
                assert form.select("[name=about]"), f"{page}: {form}"


def test_every_field_of_ours_has_a_label(pages: list[Page]) -> None:
    for page in pages:
        if page.is_admin:
            continue
        for field in page.soup.select("input, select, textarea"):
            if field.get("type") in {"hidden", "submit"} or field.has_attr("hidden"):
                continue
            assert page.soup.select(f'label[for="{field.get("id")}"]'), f"{page}: {field}"


@pytest.mark.both_databases
def test_every_page_has_a_link_to_itself_in_the_other_language(pages: list[Page]) -> None:
    for page in pages:
        if page.is_html:
            links = page.soup.select("a[hreflang]")
            assert [(link["lang"], link["hreflang"], link.get_text()) for link in links] == [("cy", "cy", "Cymraeg")], (
                page
            )
            address = urlsplit(str(links[0]["href"]))
            assert address.path == "/language/cy/", page
            assert parse_qs(address.query) == {"next": [quote(page.path)]}, page


def test_every_link_to_ourselves_leads_somewhere(site: Site) -> None:
    assert len(site.targets) > 3
    for page in site.targets.values():
        assert page.status == 200, page


def test_every_link_into_a_page_finds_its_place(site: Site) -> None:
    found = {page.path: page for page in [*site.targets.values(), *site.pages]}
    for page in site.pages:
        for link in page.soup.select("a[href*='#']") if not page.is_admin else ():
            address = urlsplit(urljoin(page.path, str(link["href"])))
            ids = {str(element["id"]) for element in found[address.path].soup.select("[id]")}
            assert address.fragment in ids, f"{page}: {link}"


def test_links_elsewhere_are_only_mail_and_the_applications(pages: list[Page]) -> None:
    for page in pages:
        for link in page.soup.select("a[href]"):
            address = str(link["href"])
            if urlsplit(address).scheme and not page.is_admin:
                assert re.match(r"mailto:|otpauth:|https://payslips\.nhs\.example", address), f"{page}: {address}"


def test_every_mail_that_a_page_opens_asks_for_name_and_esr_number(pages: list[Page]) -> None:
    """The guide that staff are given, step 7. Mail programs show a plus sign as it stands, so blanks are %20."""
    for page in pages:
        for link in page.soup.select("a[href^='mailto:']") if not page.is_admin else ():
            query = urlsplit(str(link["href"])).query
            asked = parse_qs(query)
            assert asked.get("body", [""])[0].startswith("Name:\r\nESR number:\r\n"), f"{page}: {link}"
            assert asked.get("subject"), f"{page}: {link}"
            assert "+" not in query, f"{page}: {link}"
