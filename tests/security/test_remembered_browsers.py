"""Threat: an attacker with the password passes for a browser of its owner that is not asked for a second step."""

from __future__ import annotations

from functools import partial

import pytest

from accounts import trusted_networks
from accounts.models import OutboxMessage, RememberedBrowser, SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import log_in as log_in_service
from accounts.services import second_step
from accounts.services.second_step import remembered_browsers
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import an_app, let_apps_in, link, log_in_by_care_identity
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.remembered_browsers import CHALLENGE, CHROME, FIREFOX, cookie_name, lands_on, log_in_with_tick
from tests.support.steps import PortalClient, log_in, send
from tests.support.threads import all_at_once

pytestmark = pytest.mark.django_db

MY_ESR = "/my-esr/"


@pytest.fixture
def jo() -> User:
    user = make_user()
    PhoneApp.of(user)
    return user


@pytest.fixture
def ticked(client: PortalClient, jo: User) -> PortalClient:
    """Return a browser in which Jo ticked not to be asked."""
    log_in_with_tick(client, jo)
    return client


def copied(client: PortalClient, user: User, *, to: PortalClient | None = None) -> PortalClient:
    """Return another browser with a copy of the cookie that `client` has for `user`."""
    to = to or PortalClient()
    to.cookies[cookie_name(user)] = client.cookies[cookie_name(user)].value
    return to


def test_a_browser_is_remembered_by_the_tick_and_no_other_is(
    ticked: PortalClient, other_client: PortalClient, jo: User
) -> None:
    assert lands_on(ticked, jo) == MY_ESR
    assert lands_on(ticked, jo) == MY_ESR, "the cookie that came with the answer is good too"
    assert lands_on(other_client, jo) == CHALLENGE
    log_in(other_client, jo)
    send(other_client, CHALLENGE, {"code": PhoneApp.of(jo).next_code()})
    other_client.post("/log-out/")
    assert lands_on(other_client, jo) == CHALLENGE, "without the tick it is asked again"


def test_the_cookie_is_no_log_in_and_does_not_tell_whose_it_is(ticked: PortalClient, jo: User) -> None:
    cookie = ticked.cookies[cookie_name(jo)]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert cookie["max-age"] == 30 * 24 * 3600
    assert "SMITH" not in (cookie.key + cookie.value).upper()
    assert ticked.get(MY_ESR).status_code == 302
    assert not ticked.post("/log-in/", {"username": jo.username, "password": "a guess"}).has_header("Location")


def test_a_copy_with_an_old_counter_is_refused_and_the_owner_is_told(ticked: PortalClient, jo: User) -> None:
    thief = copied(ticked, jo)
    assert lands_on(ticked, jo) == MY_ESR
    assert lands_on(thief, jo) == CHALLENGE
    assert lands_on(ticked, jo) == CHALLENGE, "the series has ended for both"
    assert OutboxMessage.objects.filter(kind="browser_copied").count() == 1
    assert cookie_name(jo) not in {name for name, morsel in ticked.cookies.items() if morsel.value}


def test_the_owner_is_asked_and_told_where_the_thief_was_first(ticked: PortalClient, jo: User) -> None:
    thief = copied(ticked, jo)
    assert lands_on(thief, jo) == MY_ESR
    assert lands_on(ticked, jo) == CHALLENGE
    assert SecurityEvent.objects.filter(user=jo, event=Event.BROWSER_COPIED).count() == 1
    assert lands_on(thief, jo) == CHALLENGE


def test_an_answer_that_is_an_error_brings_the_next_cookie_too(
    ticked: PortalClient, jo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the owner would be told of a copy that is none, by a fault of ours."""
    ticked.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(log_in_service, "finish", lambda **_: 1 / 0)
        assert ticked.post("/log-in/", {"username": jo.username, "password": PASSWORD}).status_code == 500
    assert lands_on(ticked, jo) == MY_ESR


def test_so_does_a_log_in_with_care_identity_that_is_not_both_steps(ticked: PortalClient, jo: User) -> None:
    let_apps_in(link(jo))
    for _ in range(2):
        log_in_by_care_identity(ticked, jo, an_app())
        assert ticked.get(MY_ESR).status_code == 200
        ticked.post("/log-out/")
    assert RememberedBrowser.objects.get().counter == 2


def test_a_cookie_of_another_person_under_ones_own_name_is_worth_nothing(ticked: PortalClient, jo: User) -> None:
    thief = make_user()
    PhoneApp.of(thief)
    own = PortalClient()
    log_in_with_tick(own, thief)
    own.cookies[cookie_name(jo)] = own.cookies[cookie_name(thief)].value
    assert lands_on(own, jo) == CHALLENGE
    assert lands_on(own, thief) == MY_ESR


def test_an_account_that_gets_the_username_of_another_has_none_of_its_browsers(ticked: PortalClient, jo: User) -> None:
    """Threat: a record is renamed to a name that is free again, and the browsers of the one before are let in."""
    name, jo.username = jo.username, "999FORMER01"
    jo.save()
    new = make_user(username=name)
    PhoneApp.of(new)
    assert lands_on(ticked, new) == CHALLENGE
    assert RememberedBrowser.objects.get().user_id == jo.pk


@pytest.mark.parametrize("value", ["", "x", "a.0", "a.0:1vNabc:forged", "\u00fc.1:1:1", "." * 5000])
def test_a_made_up_cookie_is_worth_nothing(client: PortalClient, jo: User, value: str) -> None:
    client.cookies[cookie_name(jo)] = value
    assert lands_on(client, jo) == CHALLENGE


def test_it_ends_with_another_password(ticked: PortalClient, jo: User) -> None:
    log_in(ticked, jo)
    page = "/change-password/"
    changed = send(ticked, page, {"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    assert changed.status_code == 302
    ticked.post("/log-out/")
    assert log_in(ticked, jo, NEW_PASSWORD)["Location"] == CHALLENGE


def test_it_is_not_for_another_kind_of_browser(client: PortalClient, jo: User) -> None:
    client.defaults["HTTP_USER_AGENT"] = CHROME
    log_in_with_tick(client, jo)
    thief = copied(client, jo)
    thief.defaults["HTTP_USER_AGENT"] = FIREFOX
    assert lands_on(thief, jo) == CHALLENGE
    assert lands_on(client, jo) == CHALLENGE


def test_a_shared_computer_is_never_remembered_and_forgets_what_it_did(ticked: PortalClient, jo: User) -> None:
    other = PortalClient()
    log_in_shared = {"username": jo.username, "password": PASSWORD, "shared": "on"}
    assert other.post("/log-in/", log_in_shared)["Location"] == CHALLENGE
    assert "remember_browser" not in other.get(CHALLENGE).text
    send(other, CHALLENGE, {"code": PhoneApp.of(jo).next_code(), "remember_browser": "on"})
    assert cookie_name(jo) not in other.cookies
    assert RememberedBrowser.objects.count() == 1
    assert lands_on(ticked, jo, shared="on") == CHALLENGE
    assert not RememberedBrowser.objects.exists()
    assert lands_on(ticked, jo) == CHALLENGE


def test_a_network_whose_computers_are_shared_remembers_none(client: PortalClient, jo: User) -> None:
    jo.organisation.trusted_networks.create(network="127.0.0.0/8", is_shared=True)
    trusted_networks.SHARED.forget()
    log_in(client, jo)
    assert "remember_browser" not in client.get(CHALLENGE).text
    send(client, CHALLENGE, {"code": PhoneApp.of(jo).code(), "remember_browser": "on"})
    assert cookie_name(jo) not in client.cookies
    trusted_networks.SHARED.forget()


def test_a_laptop_keeps_its_cookie_while_it_visits_such_a_network(ticked: PortalClient, jo: User) -> None:
    ward = jo.organisation.trusted_networks.create(network="127.0.0.0/8", is_shared=True)
    trusted_networks.SHARED.forget()
    log_in(ticked, jo)
    assert send(ticked, CHALLENGE, {"code": PhoneApp.of(jo).next_code()})["Location"] == MY_ESR
    ticked.post("/log-out/")
    ward.delete()
    trusted_networks.SHARED.forget()
    assert lands_on(ticked, jo) == MY_ESR


def test_an_admin_is_asked_each_time_also_who_became_one_since(ticked: PortalClient, jo: User) -> None:
    User.objects.filter(pk=jo.pk).update(role=Role.AGENT)
    assert lands_on(ticked, jo) == CHALLENGE
    log_in(ticked, jo)
    assert "remember_browser" not in ticked.get(CHALLENGE).text
    send(ticked, CHALLENGE, {"code": PhoneApp.of(jo).next_code(), "remember_browser": "on"})
    assert ticked.get("/my-esr/").status_code == 200
    assert not RememberedBrowser.objects.exists()


def test_a_log_in_under_way_ends_where_its_browser_is_forgotten_meanwhile(ticked: PortalClient, jo: User) -> None:
    """Threat: the owner forgets a stolen browser while the thief is at the page for a new password."""
    User.objects.filter(pk=jo.pk).update(must_change_password=True)
    assert log_in(ticked, jo)["Location"] == "/log-in/change-password/"
    remembered_browsers.forget_all(user=jo, reason="not_me")
    answer = send(ticked, "/log-in/change-password/", {"new_password": NEW_PASSWORD})
    assert answer["Location"] == "/log-in/"
    assert ticked.get(MY_ESR).status_code == 302
    assert SecurityEvent.objects.filter(reason="browser_forgotten", event=Event.LOG_IN_REFUSED).count() == 1


def test_a_log_in_under_way_ends_where_the_second_step_is_another_meanwhile(ticked: PortalClient, jo: User) -> None:
    """Threat: the owner sets up another second step while the thief is at the page for a new password."""
    User.objects.filter(pk=jo.pk).update(must_change_password=True)
    log_in(ticked, jo)
    second_step.remove_authenticator(user=jo)
    PhoneApp.of(jo)
    answer = send(ticked, "/log-in/change-password/", {"new_password": NEW_PASSWORD})
    assert answer["Location"] == "/log-in/"
    assert ticked.get(MY_ESR).status_code == 302
    assert SecurityEvent.objects.filter(reason="browser_forgotten", event=Event.LOG_IN_REFUSED).count() == 1


def test_a_new_password_that_was_asked_for_on_the_way_does_not_hold_the_log_in_up(
    ticked: PortalClient, jo: User
) -> None:
    User.objects.filter(pk=jo.pk).update(must_change_password=True)
    log_in(ticked, jo)
    assert send(ticked, "/log-in/change-password/", {"new_password": NEW_PASSWORD})["Location"] == MY_ESR
    ticked.post("/log-out/")
    assert log_in(ticked, jo, NEW_PASSWORD)["Location"] == CHALLENGE


def test_a_browser_keeps_few_of_these_cookies(client: PortalClient) -> None:
    people = [make_user() for _ in range(7)]
    for user in people:
        PhoneApp.of(user)
        log_in_with_tick(client, user)
    left = [user for user in people if client.cookies[cookie_name(user)].value]
    assert left[-1] == people[-1]
    assert len(left) == 5


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_one_cookie_that_is_shown_many_times_at_once_one_passes() -> None:
    jo = make_user()
    PhoneApp.of(jo)
    made = remembered_browsers.remember(user=jo)
    assert made is not None
    outcomes = all_at_once([partial(remembered_browsers.use, user=jo, shown=made.shown, shared=False)] * 8)
    assert sum(isinstance(outcome, remembered_browsers.Remembered) for outcome in outcomes) == 1, outcomes
    assert sum(outcome is None for outcome in outcomes) == 7, outcomes
    assert not RememberedBrowser.objects.exists()
    assert OutboxMessage.objects.filter(kind="browser_copied").count() == 1


def test_the_admins_own_reset_of_the_second_step_ends_it(ticked: PortalClient, jo: User) -> None:
    second_step.remove(user=jo, by=None)
    PhoneApp.of(jo)
    assert lands_on(ticked, jo) == CHALLENGE
