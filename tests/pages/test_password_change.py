"""The page "Change your password", for people who are logged in."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import lockout, password_policy
from nhsuk import wording
from tests.pages.test_recovery_start import errors, page
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import link_path
from tests.support.steps import PortalClient, come_in, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CHANGE = "/change-password/"
WRONG = {"current_password": "not the right one", "new_password": NEW_PASSWORD}
RIGHT = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


def test_it_is_for_those_who_are_logged_in(client: PortalClient) -> None:
    assert client.get(CHANGE)["Location"] == "/log-in/?next=/change-password/"
    assert send(client, CHANGE, RIGHT).status_code == 302


def test_the_right_current_password_and_a_good_new_one_change_it(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    assert send(client, CHANGE, RIGHT)["Location"] == "/my-esr/"
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert "Your password was changed" in client.get("/my-esr/").text
    event = SecurityEvent.objects.get(event=Event.PASSWORD_CHANGED, user=user)
    assert event.reason == "changed"
    assert OutboxMessage.objects.get(kind=Kind.PASSWORD_CHANGED).about == {"users": [user.pk], "event": event.pk}


def test_this_session_stays_and_the_others_end(client: PortalClient, other_client: PortalClient) -> None:
    user = make_user()
    for browser in (client, other_client):
        come_in(browser, user)
    key = client.session.session_key
    send(client, CHANGE, RIGHT)
    assert client.get("/my-esr/").status_code == 200
    assert client.session.session_key != key
    assert other_client.get("/my-esr/").status_code == 302


def test_the_current_password_is_asked_for_and_a_wrong_one_says_so(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    assert errors(send(client, CHANGE, WRONG)) == {"#id_current_password": "This is not your current password"}
    assert errors(send(client, CHANGE, {"new_password": NEW_PASSWORD})) == {
        "#id_current_password": "Enter your current password"
    }
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert SecurityEvent.objects.filter(event=Event.PASSWORD_CHANGE_FAILED, user=user).count() == 1
    assert not SecurityEvent.objects.filter(event=Event.LOG_IN_FAILED).exists()


def test_ten_wrong_current_passwords_lock_and_the_page_says_until_when(client: PortalClient) -> None:
    """Threat: an attacker guesses the password of a person who left their PC."""
    user = make_user()
    come_in(client, user)
    for _ in range(lockout.LIMIT):
        answer = send(client, CHANGE, WRONG)
    until = wording.spoken_time(wording.until_the_minute(timezone.now() + lockout.DURATION))
    assert until in errors(answer)["#id_current_password"]
    # The right one is not looked at any more, either.
    assert "too many wrong passwords" in errors(send(client, CHANGE, RIGHT))["#id_current_password"]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_wrong_ones_count_for_this_browser_and_lock_nobody_else_out(
    client: PortalClient, other_client: PortalClient
) -> None:
    user = make_user()
    come_in(client, user)
    for _ in range(lockout.LIMIT):
        send(client, CHANGE, WRONG)
    come_in(other_client, user)


def test_after_the_lock_it_works_again(client: PortalClient, travel: Travel) -> None:
    user = make_user()
    come_in(client, user)
    for _ in range(lockout.LIMIT):
        send(client, CHANGE, WRONG)
    travel(minutes=10)
    client.get("/my-esr/")
    travel(minutes=5, seconds=1)
    assert send(client, CHANGE, RIGHT)["Location"] == "/my-esr/"


def test_every_rule_broken_is_shown_together_with_a_wrong_current_password(client: PortalClient) -> None:
    come_in(client, make_user())
    both = errors(send(client, CHANGE, {"current_password": "wrong", "new_password": "short"}))
    assert list(both) == ["#id_current_password", "#id_new_password"]
    assert list(errors(send(client, CHANGE, {"new_password": "short"}))) == ["#id_current_password", "#id_new_password"]


def test_the_rules_do_not_tell_which_password_is_the_current_one(client: PortalClient) -> None:
    """Threat: passwords are tried in the box for the new one, where nothing is counted, until one was "used before"."""
    come_in(client, make_user())
    for typed in [{"current_password": "wrong", "new_password": PASSWORD}, {"new_password": PASSWORD}]:
        assert "#id_new_password" not in errors(send(client, CHANGE, typed))


def test_the_last_four_passwords_are_refused_and_the_fifth_is_not(client: PortalClient) -> None:
    user = make_user(password=None)
    passwords = [f"velvet harbour biscuit {word}" for word in ("oak", "elm", "yew", "ash", "fir")]
    for password in passwords:
        password_policy.set_password(user=user, password=password)
    log_in(client, user, passwords[-1])
    for password in passwords[1:]:
        answer = send(client, CHANGE, {"current_password": passwords[-1], "new_password": password})
        assert "last 4 passwords" in errors(answer)["#id_new_password"]
    answer = send(client, CHANGE, {"current_password": passwords[-1], "new_password": passwords[0]})
    assert answer.status_code == 302


def test_what_was_typed_is_not_sent_back(client: PortalClient) -> None:
    come_in(client, make_user())
    answer = send(client, CHANGE, {"current_password": "first secret", "new_password": "2nd secret"})
    assert "first secret" not in answer.text
    assert "2nd secret" not in answer.text


def test_the_boxes_tell_password_managers_what_goes_into_them(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    boxes = page(client.get(CHANGE)).select("main form input[autocomplete]")
    assert [(box["autocomplete"], box.get("value")) for box in boxes] == [
        ("username", user.username),
        ("current-password", None),
        ("new-password", None),
    ]


def test_somebody_told_to_change_it_while_logged_in_is_sent_here_and_then_goes_on(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    assert client.get("/my-esr/")["Location"] == CHANGE
    assert "Your organisation has asked you to change your password" in client.get(CHANGE).text
    assert send(client, CHANGE, RIGHT)["Location"] == "/my-esr/"
    assert client.get("/my-esr/").status_code == 200


def test_somebody_told_to_change_a_password_that_they_do_not_know_sets_one_by_email(client: PortalClient) -> None:
    """They came by passkey, say. The page leads there, and so does a link that they were sent."""
    user = make_user()
    come_in(client, user)
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    assert 'href="/recovery/"' in client.get(CHANGE).text
    assert client.get("/recovery/").status_code == 200
    answer = client.get(link_path(user), follow=True)
    assert answer.redirect_chain[-1][0].startswith("/recovery/new-password/")
    assert client.get("/my-esr/")["Location"] == CHANGE


def test_somebody_deactivated_meanwhile_changes_nothing(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    User.objects.filter(pk=user.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    assert send(client, CHANGE, RIGHT).status_code == 302
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
