"""Help, and finding an organisation's ESR contact."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.test import override_settings

from tests.support.factories import make_organisation
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


def _search(client: PortalClient, text: str) -> BeautifulSoup:
    response = client.get("/help/", {"organisation": text})
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html5lib")


def _found(soup: BeautifulSoup) -> list[str]:
    return [str(key.contents[0]).strip() for key in soup.select("main dt")]


def _errors(soup: BeautifulSoup) -> list[str]:
    return [link.get_text(strip=True) for link in soup.select(".nhsuk-error-summary a")]


def test_the_page_opens_with_an_empty_search(client: PortalClient) -> None:
    soup = BeautifulSoup(client.get("/help/").content, "html5lib")
    assert not _errors(soup)
    assert soup.select_one("#passwords")
    assert soup.select_one("#find-your-organisation")


def test_it_says_which_email_address_to_enter(client: PortalClient) -> None:
    words = BeautifulSoup(client.get("/help/").content, "html5lib").get_text(" ", strip=True)
    assert "Staff, students and contractors: the NHS.net address" in words
    assert "Volunteers: the personal address" in words


@pytest.mark.parametrize("typed", ["northern", "NORTH hosp", "  hospitals   test ", "999"])
def test_an_organisation_is_found_by_words_of_its_name_or_by_its_code(client: PortalClient, typed: str) -> None:
    make_organisation(code="999", name="Northern Test Hospitals")
    make_organisation(code="998", name="Southern Care")
    assert _found(_search(client, typed)) == ["Northern Test Hospitals"]


def test_the_mail_to_the_esr_contact_asks_for_name_and_esr_number(client: PortalClient) -> None:
    make_organisation(support_email="esr@northern.nhs.example")
    link = _search(client, "northern").find("a", string="esr@northern.nhs.example")
    assert link is not None
    parts = urlsplit(str(link["href"]))
    assert (parts.scheme, parts.path) == ("mailto", "esr@northern.nhs.example")
    # Mail programs show a plus sign as it stands, so blanks are %20.
    assert "+" not in parts.query
    asked = parse_qs(parts.query)
    assert asked["subject"] == ["Help with ESR"]
    assert asked["body"][0].startswith("Name:\r\nESR number:\r\n")


def test_an_address_with_signs_of_its_own_stays_one_address(client: PortalClient) -> None:
    """Threat: an ampersand in an address adds a header to the mail."""
    make_organisation(support_email="a&bcc=b?c+d@northern.nhs.example")
    link = _search(client, "northern").find("a", string="a&bcc=b?c+d@northern.nhs.example")
    assert link is not None
    parts = urlsplit(str(link["href"]))
    assert unquote(parts.path) == "a&bcc=b?c+d@northern.nhs.example"
    assert set(parse_qs(parts.query)) == {"subject", "body"}


def test_a_smartcard_is_renewed_at_the_it_support(client: PortalClient) -> None:
    make_organisation(support_email="esr@northern.nhs.example", it_support_email="it@northern.nhs.example")
    link = _search(client, "northern").find("a", string="it@northern.nhs.example")
    assert link is not None
    assert "smartcard" in unquote(str(link["href"]))


def test_where_no_it_support_is_known_the_esr_contact_helps_with_smartcards(client: PortalClient) -> None:
    make_organisation(support_email="esr@northern.nhs.example")
    assert len(_search(client, "northern").find_all("a", string="esr@northern.nhs.example")) == 2


def test_at_most_twenty_are_listed_and_the_page_says_that_there_are_more(client: PortalClient) -> None:
    for n in range(21):
        make_organisation(code=f"{100 + n}", name=f"Partnership {n:02}")
    soup = _search(client, "partnership")
    assert len(_found(soup)) == 20
    assert "There are more. Enter more of the name" in soup.get_text()


def test_nothing_found_says_what_to_do_next(client: PortalClient) -> None:
    soup = _search(client, "atlantis")
    assert not _found(soup)
    assert "Check the spelling" in soup.get_text()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the name of your organisation"),
        ("   ", "Enter the name of your organisation"),
        ("x", "Enter at least 2 letters of the name"),
        ("x" * 101, "Enter 100 letters or fewer"),
        ("no\0rth", "Enter the name in letters and numbers"),
    ],
)
def test_a_search_that_cannot_be_made_is_explained(client: PortalClient, typed: str, sentence: str) -> None:
    soup = _search(client, typed)
    assert _errors(soup) == [sentence]
    assert soup.title is not None
    assert soup.title.get_text().startswith("Error: ")


@pytest.mark.parametrize(
    "typed", ["😀😀", "%_", "'; DROP TABLE", "\u202enorth", "<script>alert(1)</script>", "x" * 5000]
)
def test_odd_searches_get_a_page(client: PortalClient, typed: str) -> None:
    make_organisation()
    soup = _search(client, typed)
    assert not soup.select("main script")
    assert not _found(soup)


def test_a_search_sent_twice_takes_the_last(client: PortalClient) -> None:
    make_organisation()
    response = client.get("/help/?organisation=x&organisation=northern")
    assert "Northern Test Hospitals" in response.content.decode()


def test_it_says_how_to_log_in_with_a_smartcard_where_that_is_offered(client: PortalClient) -> None:
    assert "Manage Internet Access" not in client.get("/help/").text
    with override_settings(CARE_IDENTITY_DISCOVERY_URL="https://care-identity.example/discovery"):
        seen = client.get("/help/").text
    for words in ("Log in with my Care Identity", "Remember my selection", "Manage Internet Access"):
        assert words in seen
