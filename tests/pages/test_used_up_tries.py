"""What people and the helpdesk read where a hundred wrong passwords in a row have used up the tries."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.browser import device_cookies as cookies
from accounts.models import Lockout
from accounts.services import device_cookies, lockout
from tests.pages.test_recovery_start import errors
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.helpdesk import PEOPLE, page_of, text
from tests.support.steps import PortalClient, come_in, send

pytestmark = pytest.mark.django_db


def test_the_log_in_page_names_the_way_back_in_whatever_was_typed(client: PortalClient) -> None:
    user = make_user(wrong_passwords_before=lockout.MOST_IN_A_ROW)
    for username in (user.username, "999NOBODY01"):
        page = text_of(client, username)
        assert "After 100 wrong tries in a row it stays locked until you" in page
        assert f'<a href="{reverse("recovery_start")}">get back in by email</a>' in page


def text_of(client: PortalClient, username: str) -> str:
    answer = client.post("/log-in/", {"username": username, "password": PASSWORD})
    assert answer.status_code == 200
    return answer.text


def test_the_page_of_a_password_change_names_the_way_back_in(client: PortalClient) -> None:
    """There the person is logged in, and the right password would otherwise be called wrong for ever."""
    user = make_user()
    come_in(client, user)
    sent = client.cookies[f"__Host-{cookies.cookie_for(user.username).name}"].value
    browser = cookies.counter_digest(cookies.cookie_for(user.username), value=sent)
    assert device_cookies.counts(username=user.username, digest=browser)
    lockout.record_failure(username=user.username, browser=browser)
    Lockout.objects.update(in_a_row=lockout.MOST_IN_A_ROW_IN_A_KNOWN_BROWSER)
    answer = send(client, "/change-password/", {"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    said = errors(answer)["#id_current_password"]
    assert "too many wrong passwords" in said
    assert "Forgotten | Request Username/Password | Unlock Account" in said


def test_the_helpdesk_reads_where_the_tries_are_used_up_and_unlocks(desk: PortalClient) -> None:
    person, other = make_user(wrong_passwords_before=lockout.MOST_IN_A_ROW), make_user()
    page = text(desk, page_of(person))
    assert "Not in other browsers: too many wrong passwords in a row, and waiting does not end it." in page
    assert "Too many in a row in other browsers" in page
    shown = desk.get(PEOPLE, {"locked": "now"}).text
    assert person.username in shown
    assert other.username not in shown
    assert "until recovery or unlocked" in shown
    desk.post(f"{PEOPLE}{person.pk}/unlock/")
    assert "Yes." in text(desk, page_of(person))


def test_the_helpdesk_reads_of_a_browser_that_the_person_has_used_before(desk: PortalClient) -> None:
    person, browser = make_user(), "b" * 64
    lockout.record_failure(username=person.username, browser=browser)
    Lockout.objects.update(in_a_row=lockout.MOST_IN_A_ROW_IN_A_KNOWN_BROWSER, last_failure_at="2020-01-01T00:00:00Z")
    assert "Not in a browser they have used before: too many wrong passwords in a row" in text(desk, page_of(person))
