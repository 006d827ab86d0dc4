"""The language that a person chose goes where they go, and leaves a browser as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from accounts.languages import WELSH
from accounts.models import User
from tests.support.factories import PASSWORD, make_user
from tests.support.made_up_welsh import FROM_OUR_PAGE, TO_WELSH
from tests.support.steps import PortalClient, come_in, log_in, send
from tests.support.travel import Travel
from tests.support.two_accounts import log_in_too, make_southern, switch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("welsh")]

CHOSEN, OF_ACCOUNT = "__Host-language", "__Host-account-language"


def language(client: PortalClient, path: str = "/my-esr/") -> Any:
    return client.get(path).headers["Content-Language"]


def test_a_choice_while_logged_in_is_the_accounts_and_goes_where_its_person_goes(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    client.get(TO_WELSH, headers=FROM_OUR_PAGE)
    assert User.objects.get().language == WELSH
    assert language(client) == "cy"
    elsewhere = PortalClient()
    assert language(elsewhere, "/log-in/") == "en-GB"
    log_in(elsewhere, user)
    assert language(elsewhere) == "cy"
    assert elsewhere.cookies[OF_ACCOUNT]["max-age"] == ""
    assert CHOSEN not in elsewhere.cookies
    # Afterwards that browser is as it was, and the one in which it was chosen stays.
    for each, said in ((elsewhere, "en-GB"), (client, "cy")):
        send(each, "/log-out/")
        assert language(each, "/log-out/") == said


def test_an_account_that_chose_nothing_leaves_a_browser_as_it_is(client: PortalClient) -> None:
    client.get(TO_WELSH)
    user = make_user()
    log_in(client, user)
    assert language(client) == "cy"
    assert OF_ACCOUNT not in client.cookies
    user.refresh_from_db()
    assert (user.language, user.last_language) == ("", WELSH)


def test_a_time_out_takes_it_away_as_a_log_out_does(client: PortalClient, travel: Travel) -> None:
    log_in(client, make_user(language=WELSH))
    assert language(client) == "cy"
    travel(hours=1)
    client.get("/my-esr/")
    assert language(client, "/log-in/") == "en-GB"


def test_so_does_the_loss_of_a_session(client: PortalClient) -> None:
    log_in(client, make_user(language=WELSH))
    client.cookies.pop(settings.SESSION_COOKIE_NAME)
    client.get("/")
    assert language(client, "/log-in/") == "en-GB"
    log_in(client, make_user())
    assert language(client) == "en-GB"


def test_each_of_two_accounts_in_a_browser_has_its_own(client: PortalClient) -> None:
    north, south = make_user(language=WELSH), make_southern()
    come_in(client, north)
    log_in_too(client, south)
    assert language(client) == "en-GB"
    switch(client, north)
    assert language(client) == "cy"


def test_at_a_shared_computer_a_choice_is_for_the_session(client: PortalClient) -> None:
    client.post("/log-in/", {"username": make_user().username, "password": PASSWORD, "shared": "on"})
    client.get(TO_WELSH, headers=FROM_OUR_PAGE)
    assert CHOSEN not in client.cookies
    assert language(client) == "cy"
    send(client, "/log-out/")
    assert language(client, "/log-in/") == "en-GB"


def test_what_is_shown_once_has_no_link_that_would_lose_it(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    page = client.get("/my-esr/security/")
    assert "hreflang" in page.text


def test_what_is_downloaded_is_in_the_language_of_its_page(client: PortalClient) -> None:
    """Its pieces are made after the page is done."""
    log_in(client, make_user(language=WELSH))
    answer = send(client, "/my-esr/security/what-is-kept/download/")
    file = b"".join(answer).decode()
    assert "«Your record»" in file
    assert '"«chosen language»": "Cymraeg"' in file
