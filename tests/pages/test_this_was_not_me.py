"""“This was not me”: the link of a mail, the button in My ESR, and what a person meets until they are in again."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from accounts.models import Session, User
from accounts.services import freezing
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, log_in_by_care_identity
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.freezing import mail_about, not_me_path, not_me_token, recover
from tests.support.links import open_link
from tests.support.steps import PortalClient, about_in, come_in, log_in, send

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

PAGE, DONE, STOP = "/this-was-not-me/", "/this-was-not-me/done/", "/my-esr/security/this-was-not-me/"
STOP_IT, NOTHING = "It was not me: stop it", "It was me: do nothing"


def is_frozen(user: User) -> bool:
    return User.objects.get(pk=user.pk).password_is_frozen()


def main(answer: Answer) -> str:
    found = BeautifulSoup(answer.content, "html5lib").main
    assert found is not None
    return " ".join(found.get_text(" ").split())


def open_mail(client: PortalClient, user: User) -> str:
    """Open the link of a mail about a change; return the address of the page that it leads to."""
    opened = client.get(not_me_path(user))
    assert opened.status_code == 302
    return opened["Location"]


def test_a_link_leads_to_a_page_with_one_button_and_only_that_stops_the_account(client: PortalClient) -> None:
    user = make_user()
    path = not_me_path(user)
    for method in (client.head, client.get, client.get):
        opened = method(path)
        assert opened["Referrer-Policy"] == "no-referrer"
    address = opened["Location"]
    assert not_me_token(user) not in address
    for method in (client.head, client.get):
        page = method(address)
        assert page.status_code == 200
    assert not is_frozen(user)
    said = main(page)
    for words in ("Was this not you?", user.username, user.organisation.name, STOP_IT, NOTHING):
        assert words in said
    soup = BeautifulSoup(page.content, "html5lib")
    assert [button.get_text(strip=True) for button in soup.select("main form button")] == [STOP_IT]
    assert client.post(address, about_in(page))["Location"] == DONE
    assert is_frozen(user)
    done = main(client.get(DONE))
    for words in ("Your account is stopped", user.username, "Set a new password by email", "esr@org999.nhs.example"):
        assert words in done


def test_a_link_that_was_used_says_so_once_more_and_what_to_do(client: PortalClient) -> None:
    user = make_user()
    path = not_me_path(user)
    address = client.get(path)["Location"]
    form = about_in(client.get(address))
    client.post(address, form)
    frozen_at = User.objects.get(pk=user.pk).password_frozen_at
    again = client.get(path, follow=True)
    # Back, and a second press.
    for answer in (again, client.get(address), client.post(address, form)):
        assert answer.status_code == 410
        for words in ("This link cannot be used any more", "Set a new password by email", "My ESR"):
            assert words in main(answer)
    assert User.objects.get(pk=user.pk).password_frozen_at == frozen_at


@pytest.mark.parametrize("behind", ["", "/", ").", "%20", "&gt;"])
def test_what_a_mail_program_puts_behind_a_link_is_passed_over(client: PortalClient, behind: str) -> None:
    address = client.get(not_me_path(make_user()).removesuffix("/") + behind)["Location"]
    assert client.get(address).status_code == 200


def test_two_mails_in_two_tabs_stop_each_its_own_account(client: PortalClient) -> None:
    one, two = make_user(), make_user()
    first, second = open_mail(client, one), open_mail(client, two)
    page = client.get(first)
    assert one.username in main(page)
    assert two.username not in main(page)
    client.post(first, about_in(page))
    assert (is_frozen(one), is_frozen(two)) == (True, False)
    client.post(second, about_in(client.get(second)))
    assert is_frozen(two)


def test_a_form_about_a_link_that_this_browser_has_dropped_does_nothing(client: PortalClient) -> None:
    user = make_user()
    address = open_mail(client, user)
    form = about_in(client.get(address))
    client.get("/log-in/")
    assert client.post(address, form).status_code == 410
    open_mail(client, make_user())
    assert client.post(address, form).status_code == 409
    assert not is_frozen(user)


def test_another_person_who_is_logged_in_there_stays_logged_in_and_the_person_themselves_does_not(
    client: PortalClient,
) -> None:
    user, colleague = make_user(), make_user()
    come_in(client, colleague)
    address = open_mail(client, user)
    client.post(address, about_in(client.get(address)))
    assert is_frozen(user)
    assert client.get("/my-esr/").status_code == 200
    address = open_mail(client, colleague)
    client.post(address, about_in(client.get(address)))
    assert client.get("/my-esr/").status_code == 302
    assert colleague.username in main(client.get(DONE))


def test_it_says_until_when_the_page_can_be_used(client: PortalClient, travel: Travel) -> None:
    travel.to(datetime.datetime(2026, 11, 26, 10, 30, 20, tzinfo=datetime.UTC))
    address = open_mail(client, make_user())
    travel(minutes=3)
    assert "You can use this page until 11:30am. After that, open the link in the email again." in main(
        client.get(address)
    )


def test_the_button_in_my_esr_asks_once_and_ends_every_session(
    client: PortalClient, other_client: PortalClient
) -> None:
    user = make_user()
    come_in(client, user)
    come_in(other_client, user)
    assert f'href="{STOP}"' in client.get("/my-esr/").text
    page = client.get(STOP)
    for words in ("Stop your account?", user.username, STOP_IT, NOTHING, "logged out of ESR everywhere"):
        assert words in main(page)
    assert not is_frozen(user)
    assert client.post(STOP, about_in(page))["Location"] == DONE
    assert is_frozen(user)
    assert "Your account is stopped" in main(client.get(DONE))
    for browser in (client, other_client):
        assert browser.get("/my-esr/")["Location"].startswith("/log-in/")


def test_a_stale_page_of_another_person_stops_no_account(client: PortalClient) -> None:
    user, other = make_user(), make_user()
    come_in(client, user)
    form = about_in(client.get(STOP))
    log_in(client, other)
    assert client.post(STOP, form).status_code == 409
    assert client.post(STOP).status_code == 409
    assert not is_frozen(user)
    assert not is_frozen(other)


def test_after_recovery_the_log_in_goes_on_to_the_second_step_and_ends_the_freeze(client: PortalClient) -> None:
    with_app, without = make_user(), make_user()
    app = PhoneApp.of(with_app)
    for user, expected in ((with_app, "/log-in/second-step/"), (without, "/second-step/set-up/")):
        browser = PortalClient()
        freezing.freeze(user=user)
        assert browser.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 200
        page = open_link(browser, User.objects.get(pk=user.pk))
        assert send(browser, page, {"new_password": NEW_PASSWORD}).status_code == 302
        assert log_in(browser, user, NEW_PASSWORD)["Location"].startswith(expected)
    browser = PortalClient()
    log_in(browser, with_app, NEW_PASSWORD)
    assert send(browser, "/log-in/second-step/", {"code": app.code()})["Location"] == "/my-esr/"
    assert browser.get("/my-esr/").status_code == 200
    assert User.objects.get(pk=with_app.pk).password_frozen_at is None


def test_a_smartcard_opens_a_frozen_account_and_sets_a_new_password(client: PortalClient) -> None:
    user = link(make_user())
    freezing.freeze(user=user)
    log_in_by_care_identity(client, User.objects.get(pk=user.pk))
    assert "Your password is frozen" in main(client.get("/my-esr/"))
    assert is_frozen(user)
    assert send(client, "/change-password/", {"new_password": NEW_PASSWORD})["Location"] == "/my-esr/"
    page = main(client.get("/my-esr/"))
    assert "Your password was changed" in page
    assert "frozen" not in page
    assert User.objects.get(pk=user.pk).password_frozen_at is None
    log_in(PortalClient(), user, NEW_PASSWORD)


def test_with_a_smartcard_shown_long_ago_the_frozen_password_is_not_asked_for(
    client: PortalClient, travel: Travel
) -> None:
    user = link(make_user())
    freezing.freeze(user=user)
    log_in_by_care_identity(client, User.objects.get(pk=user.pk))
    travel(minutes=10)
    client.get("/my-esr/")
    travel(minutes=8)
    assert client.get("/change-password/")["Location"] == "/my-esr/"
    page = main(client.get("/my-esr/"))
    assert "Set a new password by email" in page
    assert "Log in with my Care Identity again" in page


def test_a_session_that_is_stored_while_the_account_is_stopped_is_worth_nothing(client: PortalClient) -> None:
    """The log-in was past its last check, and its row came after the others had been ended."""
    user = make_user()
    come_in(client, user)
    rows = list(Session.objects.all())
    freezing.freeze(user=user)
    Session.objects.bulk_create(rows)
    assert client.get("/my-esr/")["Location"].startswith("/log-in/")


def test_no_mail_is_needed_twice_a_new_one_works_after_recovery(client: PortalClient) -> None:
    user = make_user()
    freezing.freeze(user=user)
    assert not_me_path(user, mail=mail_about(user)) == ""
    recover(user)
    assert client.get(open_mail(client, user)).status_code == 200
