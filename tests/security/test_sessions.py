"""Threats to a person's session: planted, stolen, left open, or found by the next person at the same PC."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http.cookie import SimpleCookie

from accounts import session_limits
from accounts.models import Session, User
from accounts.models.role import Role
from accounts.services import password_policy, sessions
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.helpdesk import at_work, make_agent
from tests.support.steps import PortalClient, log_in, send, stay_logged_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def is_in(client: PortalClient) -> bool:
    """Return whether the browser is logged in."""
    return client.get("/my-esr/").status_code == 200


def session_key(client: PortalClient) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def copy_of(client: PortalClient) -> PortalClient:
    """Return another browser with the same cookies: a thief's, or the same one after Back."""
    thief = PortalClient()
    thief.cookies = SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()})
    return thief


@pytest.fixture
def logged_in(client: PortalClient, user: User) -> PortalClient:
    log_in(client, user)
    return client


def test_a_planted_session_is_not_the_one_that_is_logged_in(client: PortalClient, user: User) -> None:
    """Threat, session fixation: an attacker puts their own session into a browser and waits for its owner to log in."""
    half_in = make_user(must_change_password=True)
    log_in(client, half_in)
    planted = session_key(client)
    thief = copy_of(client)
    log_in(client, user)
    assert session_key(client) != planted
    assert not is_in(thief)


def test_an_invented_session_id_is_not_taken_over(client: PortalClient, user: User) -> None:
    """Threat, session fixation, with an id that the server never gave out."""
    client.cookies[settings.SESSION_COOKIE_NAME] = "attackerchosenattackerchosen1234"
    log_in(client, user)
    assert session_key(client) != "attackerchosenattackerchosen1234"
    assert is_in(client)


def test_finishing_the_stages_changes_the_session_id_again(client: PortalClient) -> None:
    """Threat: an attacker who saw the cookie of a half-finished log-in has the finished one."""
    user = make_user(must_change_password=True)
    log_in(client, user)
    before = session_key(client)
    send(client, "/log-in/change-password/", {"new_password": NEW_PASSWORD})
    assert is_in(client)
    assert session_key(client) != before


def test_log_out_ends_the_session_on_the_server(logged_in: PortalClient) -> None:
    """Threat: a cookie copied before log-out goes on working after it."""
    thief = copy_of(logged_in)
    assert is_in(thief)
    logged_in.post("/log-out/")
    assert not is_in(thief)
    assert not Session.objects.exists()


def test_nobody_is_logged_out_by_a_link_elsewhere(logged_in: PortalClient) -> None:
    """Threat: a picture on another page with the address of log-out."""
    logged_in.get("/log-out/")
    assert is_in(logged_in)


def test_a_changed_password_ends_the_other_sessions(
    logged_in: PortalClient, other_client: PortalClient, user: User
) -> None:
    """Threat: an attacker with the old password stays logged in."""
    log_in(other_client, user)
    send(logged_in, "/change-password/", {"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    assert is_in(logged_in)
    assert not is_in(other_client)


def test_a_password_set_anywhere_ends_every_session(logged_in: PortalClient, user: User) -> None:
    """Threat: a path that sets a password and forgets the sessions. The session is tied to the hash itself."""
    password_policy.set_password(user=user, password=NEW_PASSWORD)
    assert not is_in(logged_in)


@pytest.mark.parametrize("change", [{"is_active": False}, {"ends_on": "2020-01-01"}, {"starts_on": "2999-01-01"}])
def test_somebody_kept_out_is_out_at_the_next_click(
    logged_in: PortalClient, user: User, change: dict[str, object]
) -> None:
    """Threat: a dismissed person goes on working in a session that is open."""
    User.objects.filter(pk=user.pk).update(**change)
    assert not is_in(logged_in)


def test_somebody_who_becomes_helpdesk_in_a_session_gets_no_admin_from_it(logged_in: PortalClient, user: User) -> None:
    """Threat: rights raised in a session that passed no second step."""
    User.objects.filter(pk=user.pk).update(role=Role.NATIONAL_ADMIN)
    assert logged_in.get("/admin/").status_code in {302, 403}


def test_fifteen_idle_minutes_end_a_session(logged_in: PortalClient, travel: Travel) -> None:
    """Threat: a PC left open on the ward."""
    travel(minutes=14)
    assert is_in(logged_in)
    travel(minutes=14)
    assert is_in(logged_in), "being there counts"
    travel(minutes=15, seconds=1)
    assert not is_in(logged_in)


def test_a_tab_left_alone_ends_no_session_that_another_tab_uses(logged_in: PortalClient, travel: Travel) -> None:
    """It finds its time up by its own clock, and a tab that stood still has heard of no other."""
    alone = int((session_limits.PEOPLE.idle - sessions.NOTED_EVERY).total_seconds())
    travel(seconds=90)
    assert is_in(logged_in)
    travel(seconds=alone - 90)
    answer = logged_in.post("/log-out/", {"timed_out": "idle"})
    assert answer.json() == {"logged_in": True, "used_seconds_ago": pytest.approx(alone - 90, abs=5)}
    # Asking is not being there.
    travel(seconds=90)
    assert logged_in.post("/log-out/", {"timed_out": "idle"}).status_code == 302
    assert not Session.objects.filter(user_id__isnull=False).exists()


def test_eight_hours_end_a_session_whatever_happens(logged_in: PortalClient, travel: Travel) -> None:
    """Threat: a stolen cookie that is kept warm for ever."""
    for _ in range(8 * 6 - 1):
        travel(minutes=10)
        assert is_in(logged_in)
    travel(minutes=10, seconds=1)
    assert not is_in(logged_in)


def test_the_helpdesk_is_out_after_ten_minutes_and_after_four_hours(travel: Travel) -> None:
    """Threat: a PC left open at the helpdesk, which opens every person's record."""
    desk = at_work(make_agent())
    travel(minutes=9)
    assert desk.get("/admin/").status_code == 200
    travel(minutes=10, seconds=1)
    assert desk.get("/admin/").status_code == 302
    agent = make_agent()
    PhoneApp.of(agent)
    desk = at_work(agent)
    for _ in range(4 * 6 + 1):
        travel(minutes=9, seconds=50)
        last = desk.get("/admin/").status_code
    assert last == 302


def test_a_session_without_clocks_is_over(logged_in: PortalClient) -> None:
    """Threat: a session made past the log-in, by a mistake of ours, that never ends."""
    store = logged_in.session
    for key in [key for key in store.keys() if not key.startswith("_auth")]:  # noqa: SIM118 - not a dict
        del store[key]
    store.save()
    assert not is_in(logged_in)


def test_the_live_check_of_a_password_keeps_nobody_logged_in_for_ever(
    logged_in: PortalClient, user: User, travel: Travel
) -> None:
    """Being there is what counts, whatever page it is; but never beyond the absolute limit."""
    for _ in range(49):
        travel(minutes=10)
        stay_logged_in(logged_in, user)
    assert not is_in(logged_in)


def test_a_half_finished_log_in_leaves_nothing_for_the_next_person(client: PortalClient, user: User) -> None:
    """Threat: the next person at a ward PC goes on where the one before stopped (OWASP ASVS 7.2.4)."""
    admin = make_user(is_staff=True)
    log_in(client, admin)
    log_in(client, user)
    for path in ("/log-in/second-step/", "/second-step/set-up/", "/log-in/change-password/"):
        assert admin.username not in client.get(path, follow=True).text
    client.post("/log-out/")
    assert not Session.objects.exists()
    assert client.get("/second-step/set-up/").status_code == 302


def test_a_half_finished_log_in_ends_by_itself(client: PortalClient, travel: Travel) -> None:
    """Threat: the page for a new password, left open at a ward PC in the evening."""
    log_in(client, make_user(must_change_password=True))
    assert client.get("/log-in/change-password/").status_code == 200
    travel(minutes=15, seconds=1)
    assert client.get("/log-in/change-password/").status_code == 302


def test_a_half_finished_log_in_opens_no_page(client: PortalClient) -> None:
    """Threat: the password alone opens what needs a second step."""
    log_in(client, make_user(is_staff=True, is_superuser=True))
    for path in ("/my-esr/", "/admin/", "/change-password/"):
        assert client.get(path).status_code == 302, path


def test_log_in_leaves_nothing_of_the_session_before(client: PortalClient, user: User) -> None:
    """Threat: what one person did in a browser is mixed with what the next person does."""
    log_in(client, make_user())
    store = client.session
    store["left_behind"] = "something"
    store.save()
    client.post("/log-out/")
    log_in(client, user)
    assert "left_behind" not in client.session


def test_cookies_are_for_this_host_over_tls_and_not_for_scripts(logged_in: PortalClient) -> None:
    """Threat: a cookie that a script reads, that goes over plain HTTP, or that another host of the domain sets."""
    logged_in.get("/log-in/")
    names = {name for name, cookie in logged_in.cookies.items() if cookie.value}
    assert {"__Host-session", "__Host-csrf"} <= names
    for name in names:
        cookie = logged_in.cookies[name]
        assert name.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
    assert not logged_in.cookies["__Host-session"]["max-age"], "it ends with the browser"


def test_what_a_session_says_is_not_in_its_cookie(logged_in: PortalClient, user: User) -> None:
    """Threat: the cookie is read, or changed, by the person who has it."""
    assert len(session_key(logged_in)) >= 32
    assert str(user.pk) != session_key(logged_in)
    assert session_limits.PEOPLE.idle < session_limits.PEOPLE.absolute


def test_no_personal_page_may_be_kept(logged_in: PortalClient) -> None:
    """Threat: Back after log-out, or a proxy shared by a hospital, shows a person's page to another."""
    for path in ("/my-esr/", "/", "/help/", "/log-in/", "/change-password/", "/recovery/", "/log-out/"):
        response = logged_in.get(path)
        assert response.headers["Cache-Control"] == "no-store", path
