"""Threat: a thief of the mailbox presses “this was not me” to keep the owner out, or to get in.

The owner's passkey, smartcard or app stays theirs; the thief gets no further than recovery by mail let them before.
"""

from __future__ import annotations

import pytest

from accounts.models import Authenticator, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import freezing
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, log_in_by_care_identity
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.freezing import mail_about, not_me_path, not_me_token, recover
from tests.support.steps import PortalClient, about_in, log_in, send
from tests.support.threads import all_at_once

pytestmark = pytest.mark.django_db


def pressed_by_a_thief(user: User) -> None:
    thief = PortalClient()
    address = thief.get(not_me_path(user))["Location"]
    thief.post(address, about_in(thief.get(address)))
    user.refresh_from_db()
    assert user.password_is_frozen()


def test_the_owner_with_a_smartcard_gets_in_at_once(client: PortalClient) -> None:
    user = link(make_user())
    pressed_by_a_thief(user)
    log_in_by_care_identity(client, user)
    assert client.get("/my-esr/").status_code == 200


def test_the_owner_with_an_app_gets_in_after_recovery_and_the_thief_does_not(client: PortalClient) -> None:
    user = make_user()
    app = PhoneApp.of(user)
    pressed_by_a_thief(user)
    # The thief knows the date of birth too, and sets a password.
    recover(user)
    thief = PortalClient()
    log_in(thief, user, NEW_PASSWORD)
    assert send(thief, "/log-in/second-step/", {"code": app.wrong_code()}).status_code == 200
    assert thief.get("/my-esr/").status_code == 302
    assert Authenticator.objects.filter(user=user).exists()
    recover(user, "pebble saffron window")
    log_in(client, user, "pebble saffron window")
    assert send(client, "/log-in/second-step/", {"code": app.next_code()})["Location"] == "/my-esr/"


def test_a_link_kept_by_a_thief_does_not_stop_the_owner_again_after_they_got_back_in(client: PortalClient) -> None:
    user = make_user()
    app = PhoneApp.of(user)
    kept = not_me_path(user, mail=mail_about(user))
    pressed_by_a_thief(user)
    recover(user)
    log_in(client, user, NEW_PASSWORD)
    send(client, "/log-in/second-step/", {"code": app.code()})
    assert PortalClient().get(kept, follow=True).status_code == 410
    assert client.get("/my-esr/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_many_parallel_presses_one_counts_and_of_many_links_too() -> None:
    """Threat: twenty mails of a day, all pressed at once, to pass the limit or to flood the helpdesk with mails."""
    user = make_user()
    links = [freezing.read(token=not_me_token(user, mail=mail_about(user))) for _ in range(10)]
    answers = all_at_once([lambda each=each: freezing.use(link=each) for each in links * 2])  # type: ignore[misc]
    refused = [answer for answer in answers if isinstance(answer, freezing.LinkUnusable)]
    assert len(refused) == len(answers) - 1
    assert SecurityEvent.objects.filter(event=Event.FROZEN).count() == 1
