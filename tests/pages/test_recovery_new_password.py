"""The pages behind the mailed link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from accounts.models import RecoveryLink, User
from accounts.models.session import Session
from accounts.services import recovery
from tests.pages.test_recovery_start import errors, page
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import link_path, open_link
from tests.support.steps import PortalClient, about_in, log_in, send
from tests.support.travel import Travel

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

NEW_PASSWORD_PAGE = "/recovery/new-password/"
DEAD = "This link does not work any more"


def address(user: User) -> str:
    return link_path(user)


def heading(answer: Answer) -> str:
    found = page(answer).h1
    assert found is not None
    return found.get_text(" ", strip=True)


def opened(client: PortalClient, user: User) -> str:
    """Open a link for `user`; return the address of its page."""
    page = open_link(client, user)
    assert page.startswith(f"{NEW_PASSWORD_PAGE}?about=")
    return page


def test_the_token_leaves_the_address_before_any_page_is_shown(client: PortalClient) -> None:
    link = address(make_user())
    answer = client.get(link)
    assert (answer.status_code, answer["Location"].split("?")[0], answer.content) == (302, NEW_PASSWORD_PAGE, b"")
    assert link.split("/")[3] not in answer["Location"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"


def test_the_page_says_whose_password_it_is_and_lists_the_rules(client: PortalClient) -> None:
    user = make_user()
    answer = client.get(opened(client, user))
    text = page(answer).get_text(" ", strip=True)
    assert user.username in text
    assert user.organisation.name in text
    assert "have at least 12 characters" in text
    box = page(answer).select_one("#id_new_password")
    assert box is not None
    assert (box["type"], box["autocomplete"]) == ("password", "new-password")
    name = page(answer).select_one("input[autocomplete=username]")
    assert name is not None
    assert name["value"] == user.username


def test_a_good_password_is_set_and_the_page_says_done_with_a_way_to_log_in(client: PortalClient) -> None:
    user = make_user()
    answer = send(client, opened(client, user), {"new_password": NEW_PASSWORD}, follow=True)
    assert [(page.split("?")[0], status) for page, status in answer.redirect_chain] == [("/recovery/done/", 302)]
    button = page(answer).select_one("main a.nhsuk-button")
    assert button is not None
    assert (button["href"], button.get_text(strip=True)) == ("/log-in/", "Login to ESR")
    assert user.username in answer.text
    log_in(client, user, NEW_PASSWORD)


def test_nobody_is_logged_in_by_a_link(client: PortalClient) -> None:
    send(client, opened(client, make_user()), {"new_password": NEW_PASSWORD})
    assert SESSION_KEY not in client.session
    assert client.get("/my-esr/").status_code == 302


def test_every_broken_rule_is_shown_at_once_and_the_password_is_not_sent_back(client: PortalClient) -> None:
    user = make_user()
    page = opened(client, user)
    answer = send(client, page, {"new_password": "smith1"})
    assert errors(answer)
    assert "smith1" not in answer.text
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert "Enter a new password" in errors(send(client, page, {})).values()
    # The link is still good.
    assert send(client, page, {"new_password": NEW_PASSWORD}).status_code == 302


def test_the_current_password_is_refused_with_the_reason(client: PortalClient) -> None:
    page = opened(client, make_user())
    answer = send(client, page, {"new_password": PASSWORD})
    assert "last 4 passwords" in " ".join(errors(answer).values())


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_as_a_mail_scanner_does_uses_nothing_up(client: PortalClient, method: str) -> None:
    """Threat: a mail gateway opens every link before the person does."""
    link = address(make_user())
    for _ in range(3):
        scanner = PortalClient()
        scanner.get(getattr(scanner, method)(link)["Location"])
    assert send(client, client.get(link)["Location"], {"new_password": NEW_PASSWORD}).status_code == 302


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "%E2%98%83", "%ff%fe", "x" * 5000, "a%2fb", "a/>"])
def test_a_mistyped_link_explains_itself_and_offers_the_form(client: PortalClient, token: str) -> None:
    answer = client.get(f"/recovery/link/{token}/", follow=True)
    assert answer.status_code == 410
    assert heading(answer) == DEAD
    button = page(answer).select_one("main a.nhsuk-button")
    assert button is not None
    assert button["href"] == "/recovery/"


def test_a_link_cut_off_before_its_token_explains_itself(client: PortalClient) -> None:
    answer = client.get("/recovery/link/", follow=True)
    assert (answer.status_code, heading(answer)) == (410, DEAD)


def test_used_expired_and_superseded_links_show_that_same_page(client: PortalClient, travel: Travel) -> None:
    used, late, user = make_user(), make_user(), make_user()
    used_link, late_link, old_link = address(used), address(late), address(user)
    address(user)
    send(client, client.get(used_link)["Location"], {"new_password": NEW_PASSWORD})
    answers = [client.get(used_link, follow=True), client.get(old_link, follow=True)]
    travel(minutes=60, seconds=1)
    answers.append(client.get(late_link, follow=True))
    assert {(answer.status_code, heading(answer)) for answer in answers} == {(410, DEAD)}


def test_the_page_without_a_link_explains_itself(client: PortalClient) -> None:
    for answer in (client.get(NEW_PASSWORD_PAGE), client.post(NEW_PASSWORD_PAGE, {"new_password": NEW_PASSWORD})):
        assert (answer.status_code, heading(answer)) == (410, DEAD)


def test_the_page_left_open_for_an_hour_no_longer_sets_a_password(client: PortalClient, travel: Travel) -> None:
    user = make_user()
    shown = about_in(client.get(opened(client, user)))
    travel(minutes=60, seconds=1)
    assert client.post(NEW_PASSWORD_PAGE, {**shown, "new_password": NEW_PASSWORD}).status_code == 410
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_row_of_the_session_ends_with_the_link(client: PortalClient) -> None:
    opened(client, make_user())
    seconds = (Session.objects.get().expire_date - timezone.now()).total_seconds()
    assert seconds <= recovery.LINK_LASTS.total_seconds()
    # And the browser forgets it when it is closed.
    assert client.cookies["__Host-session"]["max-age"] == ""


def test_the_session_does_not_hold_the_token(client: PortalClient) -> None:
    link = address(make_user())
    client.get(link)
    assert link.split("/")[3] not in str(dict(client.session.items()))


@pytest.mark.parametrize("elsewhere", ["/recovery/", "/log-in/", "/recovery/link/mistyped/"])
def test_starting_something_else_drops_the_opened_link(client: PortalClient, elsewhere: str) -> None:
    """Threat: the next person at the same PC goes on where the last one stopped."""
    page = opened(client, make_user())
    client.get(elsewhere)
    assert client.get(NEW_PASSWORD_PAGE).status_code == 410
    # A link that does not work is no beginning of anything, and leaves those alone that are open in other tabs.
    assert client.get(page).status_code == (200 if "mistyped" in elsewhere else 410)


def test_the_done_page_is_nothing_without_a_password_set(client: PortalClient) -> None:
    assert client.get("/recovery/done/")["Location"] == "/recovery/"
    done = send(client, opened(client, make_user()), {"new_password": NEW_PASSWORD})["Location"]
    assert client.get(done).status_code == 200
    client.get("/log-in/")
    assert client.get(done)["Location"] == "/recovery/"


def test_a_link_that_does_not_work_logs_nobody_out(client: PortalClient) -> None:
    """Threat: a link on another site logs a person out."""
    log_in(client, make_user())
    client.get("/recovery/link/mistyped/")
    assert client.get("/my-esr/").status_code == 200


def test_the_second_open_page_of_a_used_link_says_so(client: PortalClient, other_client: PortalClient) -> None:
    user = make_user()
    link = address(user)
    shown = {}
    for browser in (client, other_client):
        shown = about_in(browser.get(browser.get(link)["Location"]))
    assert client.post(NEW_PASSWORD_PAGE, {**shown, "new_password": NEW_PASSWORD}).status_code == 302
    answer = other_client.post(NEW_PASSWORD_PAGE, {**shown, "new_password": "harbour velvet biscuit"})
    assert (answer.status_code, heading(answer)) == (410, DEAD)
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert RecoveryLink.objects.get().used_at is not None
