"""Why can't I get in?: one page with the answers, which every refusal leads to."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup, Tag

from tests.support.factories import make_organisation, make_user
from tests.support.steps import PortalClient, log_in, send

pytestmark = pytest.mark.django_db

PAGE = "/help/why-cannot-i-get-in/"
CONTACT, BY_EMAIL = "/help/#find-your-organisation", "/recovery/"
# The places of the answers on the page, and where the button of each leads.
ANSWERS = {
    "forgotten": BY_EMAIL,
    "locked": BY_EMAIL,
    "never-had-one": BY_EMAIL,
    "username": BY_EMAIL,
    "no-mailbox": CONTACT,
    "card-lost": CONTACT,
    "card-not-read": CONTACT,
    "phone-lost": CONTACT,
    "contract": CONTACT,
    "payslip": CONTACT,
}


def main(client: PortalClient, address: str) -> Tag:
    found = BeautifulSoup(client.get(address).content, "html5lib").select_one("main")
    assert found
    return found


def buttons(page: Tag) -> dict[str, str]:
    """Return where the button of each answer leads: each has one, and a line before it."""
    found = {}
    for heading in page.select("h2"):
        line, button = heading.find_next_siblings(limit=2)
        assert line.name == "p"
        found[str(heading["id"])] = str(button["href"])
    assert len(page.select(".nhsuk-button")) == len(found)
    return found


def test_ten_answers_end_in_a_button_each(client: PortalClient) -> None:
    page = main(client, PAGE)
    shown = buttons(page)
    assert list(shown) == list(ANSWERS)
    for place, address in ANSWERS.items():
        assert shown[place].startswith(address), place
    words = " ".join(page.get_text().split())
    for said in ("999JSMITH01", "NHS Credential Management is not installed", "P60", "After 10 wrong", "15 minutes"):
        assert said in words
    # One button each: what it says tells where it leads.
    names = [button.get_text(strip=True) for button in page.select(".nhsuk-button")]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("typed", ["999JSMITH01", "999NOBODY99", " 999jsmith01"])
def test_the_log_in_page_takes_the_code_along_for_any_name(client: PortalClient, typed: str) -> None:
    """Threat: the way to the contact tells real usernames from made-up ones."""
    make_user(
        organisation=make_organisation(code="999", name="Northern Hospitals", support_email="esr@north.nhs.example")
    )
    page = BeautifulSoup(send(client, "/log-in/", {"username": typed, "password": "wrong"}).content, "html5lib")
    link = page.find("a", string="Why can’t I get in?", href=lambda address: "?" in str(address))
    assert isinstance(link, Tag)
    assert link["href"] == f"{PAGE}?organisation=999"
    search = buttons(main(client, str(link["href"])))["contract"]
    assert search == "/help/?organisation=999#find-your-organisation"
    assert main(client, search).select_one('a[href^="mailto:esr@north.nhs.example?"]')


@pytest.mark.parametrize("typed", ["10000001", "jane@nhs.net", "99", "", "９９<script>"])
def test_what_is_no_username_is_taken_nowhere(client: PortalClient, typed: str) -> None:
    """Threat: what a person types, perhaps a password, ends in an address and so in logs and histories."""
    page = send(client, "/log-in/", {"username": typed, "password": "wrong"})
    assert f'href="{PAGE}?' not in page.text
    assert buttons(main(client, f"{PAGE}?{urlencode({'organisation': typed})}"))["contract"] == CONTACT


def test_a_code_of_no_organisation_leads_to_the_search_with_what_was_typed(client: PortalClient) -> None:
    search = buttons(main(client, f"{PAGE}?organisation=123"))["contract"]
    page = main(client, search)
    assert "No organisation found for “123”" in page.get_text()
    box = page.select_one("#find-your-organisation ~ form input")
    assert box
    assert box["value"] == "123"


def test_a_person_who_is_logged_in_finds_their_own_contact_at_once(client: PortalClient) -> None:
    log_in(client, make_user(organisation=make_organisation(code="997", name="Eastern Care")))
    footer = BeautifulSoup(client.get("/nowhere/").content, "html5lib").select("footer a")
    addresses = [str(link["href"]) for link in footer]
    assert PAGE in addresses
    assert "/help/?organisation=997#find-your-organisation" in addresses


@pytest.mark.parametrize("address", ["/log-in/", "/log-in/?ended", "/help/", "/", "/nowhere/", "/recovery/link/x/"])
def test_pages_that_stop_people_lead_here(client: PortalClient, address: str) -> None:
    page = BeautifulSoup(client.get(address, follow=True).content, "html5lib")
    assert page.select_one(f'main a[href^="{PAGE}"]'), address
    assert page.select_one(f'footer a[href^="{PAGE}"]'), address
