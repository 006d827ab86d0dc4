"""What each page of the desk has around it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.support.helpdesk import at_work, make_agent, make_lead

pytestmark = pytest.mark.django_db


def test_a_page_of_the_desk_says_who_is_in_and_leads_to_the_others() -> None:
    agent = make_agent()
    response = at_work(agent).get("/admin/desk/")
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    account = page.select_one(".nhsuk-header__account")
    assert account
    assert [" ".join(item.get_text().split()) for item in account.select("li")] == [agent.username, "My ESR", "Log out"]
    links = {str(link["href"]): link for link in page.select(".desk-pages a")}
    assert {"/admin/desk/", "/admin/"} <= set(links)
    assert [address for address, link in links.items() if link.get("aria-current")] == ["/admin/desk/"]
    assert "ESR Portal, version" in page.select_one("footer").get_text()  # type: ignore[union-attr]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(("address", "place"), [("/admin/desk/", ".desk-pages"), ("/admin/", ".helpdesk-pages")])
def test_the_pages_are_named_in_the_order_in_which_an_agent_works(address: str, place: str) -> None:
    """On the desk and above the tables of the admin alike: no page of the desk is missing on either."""
    of_agents = ["Find a person", "Requests", "Second agent", "Corrections", "Events", "Overview", "All tables"]
    for person, names in ((make_agent(), of_agents), (make_lead(), [*of_agents[:-1], "Imports", of_agents[-1]])):
        navigation = BeautifulSoup(at_work(person).get(address).content, "html.parser").select_one(place)
        assert navigation
        assert [link.get_text() for link in navigation.select("a")] == names
        assert [link["href"] for link in navigation.select('a[aria-current="page"]')] == [address]
