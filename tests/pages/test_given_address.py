"""The page on which the owner of an address confirms it, behind the link that was mailed there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from accounts.models import GivenAddress
from tests.support.leavers import PERSONAL, make_leaver
from tests.support.steps import PortalClient, about_in, log_in, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from tests.support.smtp import Inbox

pytestmark = pytest.mark.django_db

PAGE = "/my-esr/personal-address/"


def at(user: User) -> PortalClient:
    """Return the browser of a person who has just logged in with their password."""
    client = PortalClient()
    log_in(client, user)
    return client


def path_in_mail(inbox: Inbox, deliver_mail: Callable[[], None]) -> str:
    deliver_mail()
    [link] = inbox.newest(PERSONAL).links
    return urlsplit(link).path


def test_a_link_leads_to_a_page_with_one_button_and_only_that_confirms(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """Mail scanners open links, and a stranger's browser has no session of the person."""
    user = make_leaver()
    client = at(user)
    answer = send(client, PAGE, {"email": f" {PERSONAL.upper()} "})
    assert "We sent a link to that address." in client.get(answer["Location"]).text
    assert "is not confirmed yet" in client.get(PAGE).text
    path = path_in_mail(inbox, deliver_mail)
    elsewhere = PortalClient()
    for method in (elsewhere.head, elsewhere.get, elsewhere.get):
        opened = method(path)
        assert opened["Referrer-Policy"] == "no-referrer"
    assert path.split("/")[-2] not in opened["Location"]
    page = elsewhere.get(opened["Location"])
    assert "Is this your email address?" in page.text
    for fact in (user.username, user.get_full_name(), user.email):
        assert fact not in page.text
    assert GivenAddress.objects.get().confirmed_at is None
    done = elsewhere.post(opened["Location"], about_in(page))
    assert "Your address is confirmed" in elsewhere.get(done["Location"]).text
    assert GivenAddress.objects.get().confirmed_at
    assert f"You have confirmed <strong>{PERSONAL}</strong>" in client.get(PAGE).text
    # It was used up, and opens no account.
    assert elsewhere.get(elsewhere.get(path)["Location"]).status_code == 410
    assert elsewhere.get("/my-esr/").status_code == 302


def test_a_form_of_another_link_confirms_nothing(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    """The page of one link stays open, and in another tab another is opened."""
    client = at(make_leaver())
    send(client, PAGE, {"email": PERSONAL})
    first = client.get(path_in_mail(inbox, deliver_mail))["Location"]
    shown = about_in(client.get(first))
    send(client, PAGE, {"email": PERSONAL})
    client.get(path_in_mail(inbox, deliver_mail))
    assert client.post(first, shown).status_code in {409, 410}
    assert GivenAddress.objects.get().confirmed_at is None


@pytest.mark.parametrize("path", ["/confirm-address/", "/confirm-address/?about=x", "/confirm-address/link/xyz/"])
def test_a_link_that_is_none_is_one_page(client: PortalClient, path: str) -> None:
    answer = client.get(path, follow=True)
    assert answer.status_code == 410
    assert "This link cannot be used any more" in answer.text
