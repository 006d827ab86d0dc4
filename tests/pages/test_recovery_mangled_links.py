"""A mailed link as mail programs and people hand it on: with something behind it, or not whole."""

from __future__ import annotations

import pytest

from tests.pages.test_recovery_start import page
from tests.support.factories import make_user
from tests.support.links import link_path, link_token
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

OPENED = "/recovery/new-password/?about="


BEHIND = ["", "/", ".", ")", ">", "/.", "/)", "/>", "&gt;", "/&gt;", "*", "_", "-/", "%E2%80%9D", "%22", "%2F", "%253E"]
# A blank, a zero-width space and joiner, a soft hyphen, a mark of direction, a no-break space, a line's end.
BEHIND += ["%20", "/%20", "%20or%20this", "%E2%80%8B", "/%E2%80%8D", "%C2%AD", "%E2%80%8F", "%C2%A0", "%0D%0A"]


@pytest.mark.parametrize("behind", BEHIND)
def test_a_link_with_something_behind_it_works(client: PortalClient, behind: str) -> None:
    answer = client.get(link_path(make_user()).removesuffix("/") + behind)
    assert (answer.status_code, answer["Location"][: len(OPENED)]) == (302, OPENED)
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("before", ["%3C", "%20", "%E2%80%8B", "%E2%80%9C", "("])
def test_a_link_with_something_before_its_token_works(client: PortalClient, before: str) -> None:
    assert client.get(f"/recovery/link/{before}{link_token(make_user())}/")["Location"].startswith(OPENED)


def test_a_link_that_was_encoded_once_or_twice_or_broken_by_a_line_works(client: PortalClient) -> None:
    user = make_user()
    token = link_token(user)
    once = "".join(f"%{ord(letter):02X}" for letter in token)
    broken = [f"{token[:20]}{what}{token[20:]}" for what in ("%0A%20", "%E2%80%8B", "=%0A", "=", "+")]
    # As Word and Outlook write a hyphen at which no line may end.
    hyphens = token.replace("-", "%E2%80%91")
    for written in (once, once.replace("%", "%25"), *broken, hyphens):
        assert client.get(f"/recovery/link/{written}/")["Location"].startswith(OPENED)


def test_capitals_are_not_forgiven_and_a_token_cut_off_is_none(client: PortalClient) -> None:
    token = link_token(make_user())
    for wrong in (token.swapcase(), token[:-1], token[1:], f"{token[:-1]}.", token[:20]):
        assert client.get(f"/recovery/link/{wrong}/")["Location"] == "/recovery/new-password/"


def test_its_page_says_first_to_open_the_link_again(client: PortalClient, other_client: PortalClient) -> None:
    """It was opened in a mail program's own browser and then in another, was left by the header, or was cut off."""
    user = make_user()
    opened = client.get(link_path(user))["Location"]
    cut_off = client.get(f"/recovery/link/{link_token(user)[:30]}/", follow=True)
    elsewhere = other_client.get(opened)
    client.get("/log-in/")
    for answer in (elsewhere, cut_off, client.get(opened)):
        main = page(answer).main
        assert answer.status_code == 410
        assert main is not None
        first = main.select("p, li")[0].get_text(" ", strip=True)
        assert "open the link again" in first
        assert "not copied completely" in main.get_text(" ", strip=True)


def test_the_page_of_a_link_has_no_way_to_leave_it_by_in_its_header(client: PortalClient) -> None:
    shown = page(client.get(client.get(link_path(make_user()))["Location"]))
    assert shown.select("header a, header button") == []
    # The page before it, for a person who is logged in, keeps theirs; help stays where it is on every page.
    assert shown.select("footer a[href^='/help/']")
