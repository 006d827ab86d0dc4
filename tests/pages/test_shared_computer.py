"""What the tick "This is a shared computer" does: a short session, and a browser that remembers nothing.

Threat: the next person on a ward PC finds the session of the person before, or who that was.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from accounts import session_limits, trusted_networks
from accounts.models import DeviceCookie, TrustedNetwork, User
from tests.pages.test_recovery_start import RIGHT
from tests.support.at_care_identity import CHOOSE, REFUSED, come_by
from tests.support.care_identity import INSIDE, link, trust
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

IDLE = session_limits.SHARED_IDLE
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
NEVER_OF_A_PERSON = {"__Host-csrf", "__Host-session"}


@pytest.fixture(autouse=True)
def networks_are_read_anew() -> Iterator[None]:
    trusted_networks.SHARED.forget()
    yield
    trusted_networks.SHARED.forget()


def enter(client: PortalClient, user: User, *, ticks: tuple[str, ...] = ("shared",)) -> str:
    """Log in with these boxes ticked; return where it led."""
    typed = {"username": user.username, "password": PASSWORD, **dict.fromkeys(ticks, "on")}
    return client.post("/log-in/", typed).get("Location", "")


def remembered(client: PortalClient) -> set[str]:
    """Return the names of what this browser remembers beyond its session."""
    return {name for name, cookie in client.cookies.items() if cookie.value} - NEVER_OF_A_PERSON


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


def ticked(client: PortalClient) -> list[bool]:
    """Return whether each box of the log-in page that says so is ticked."""
    page = BeautifulSoup(client.get("/log-in/").content, "html5lib")
    return [box.has_attr("checked") for box in page.select('input[name="shared"]')]


def test_nothing_is_remembered_whatever_else_is_ticked(client: PortalClient, user: User) -> None:
    assert enter(client, user, ticks=("shared", "remember_username")) == "/my-esr/"
    assert remembered(client) == set()
    assert not DeviceCookie.objects.exists()


def test_what_the_browser_remembered_of_the_person_is_forgotten(client: PortalClient, user: User) -> None:
    enter(client, user, ticks=("remember_username",))
    assert len(remembered(client)) == 2
    client.post("/log-out/")
    enter(client, user)
    assert remembered(client) == set()


@pytest.mark.parametrize(
    ("ticks", "user_agent", "told"),
    [
        (("shared",), FIREFOX, '"cache"'),
        ((), FIREFOX, None),
        (("shared",), "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/145.0.0.0 Safari/537.36", None),
    ],
    ids=["shared, in Firefox", "not shared", "another browser"],
)
def test_firefox_empties_its_cache_when_a_session_at_a_shared_computer_ends(
    client: PortalClient, user: User, travel: Travel, *, ticks: tuple[str, ...], user_agent: str, told: str | None
) -> None:
    """Threat: Firefox keeps pages in memory that `no-store` keeps off its disk, and about:cache shows them."""
    client.defaults["HTTP_USER_AGENT"] = user_agent
    enter(client, user, ticks=ticks)
    assert client.get("/my-esr/").get("Clear-Site-Data") is None
    assert client.post("/log-out/").get("Clear-Site-Data") == told
    enter(client, user, ticks=ticks)
    travel(seconds=session_limits.PEOPLE.idle.total_seconds() + 1)
    assert client.get("/my-esr/").get("Clear-Site-Data") == told
    assert client.get("/log-in/").get("Clear-Site-Data") is None


@pytest.mark.parametrize(
    ("path", "boxes"),
    [("/log-in/", {"username webauthn"}), ("/recovery/", {"email", "bday-day", "bday-month", "bday-year"})],
)
def test_no_list_below_a_box_learns_what_was_typed(client: PortalClient, path: str, boxes: set[str]) -> None:
    """Threat: Firefox offers the next person what was sent in these boxes, unless their form says no.

    Each box still says what goes into it, by which a browser fills in a person's own details (WCAG 1.3.5).
    """
    page = BeautifulSoup(client.get(path).content, "html5lib")
    form = page.select_one('main form:has([autocomplete~="username"], [autocomplete="email"])')
    assert form
    assert form["autocomplete"] == "off"
    assert {box["autocomplete"] for box in form.select("[type=text], [type=email]")} == boxes


def test_a_recovery_form_that_was_sent_before_is_forgotten(client: PortalClient, user: User) -> None:
    send(client, "/recovery/", {**RIGHT, "email": user.email})
    assert remembered(client) == {"__Host-recovery"}
    enter(client, user)
    assert remembered(client) == set()


def test_a_new_password_in_the_session_is_no_reason_to_remember(client: PortalClient, user: User) -> None:
    enter(client, user)
    about = BeautifulSoup(client.get("/change-password/").content, "html5lib").select_one('input[name="about"]')
    assert about is not None
    typed = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "about": about["value"]}
    assert client.post("/change-password/", typed).status_code == 302
    assert remembered(client) == set()
    assert not DeviceCookie.objects.exists()


def test_the_session_ends_after_five_minutes_without_use(client: PortalClient, user: User, travel: Travel) -> None:
    enter(client, user)
    warning = BeautifulSoup(client.get("/my-esr/").content, "html5lib").select_one("#session-warning")
    assert warning is not None
    assert (
        int(str(warning["data-warn-after-seconds"])) + int(str(warning["data-warning-seconds"])) < IDLE.total_seconds()
    )
    travel(seconds=IDLE.total_seconds() - 60)
    assert is_in(client)
    travel(seconds=IDLE.total_seconds() + 1)
    assert not is_in(client)
    page = BeautifulSoup(client.get("/log-in/?ended").content, "html5lib")
    box = page.select_one("#id_username")
    assert box is not None
    assert not box.get("value")


def test_elsewhere_it_lasts_as_long_as_ever(client: PortalClient, user: User, travel: Travel) -> None:
    enter(client, user, ticks=())
    travel(seconds=session_limits.PEOPLE.idle.total_seconds() - 60)
    assert is_in(client)


def test_the_helpdesks_own_limits_stay_where_they_are_shorter() -> None:
    assert session_limits.ADMINS.idle_at_most(IDLE) == session_limits.Limits(IDLE, session_limits.ADMINS.absolute)
    assert session_limits.ADMINS.idle_at_most(datetime.timedelta(hours=1)) == session_limits.ADMINS


def test_where_no_log_in_by_card_is_under_way_the_network_says_it_for_the_next(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    said, network = '<input type="hidden" name="shared" value="on">', trust(make_organisation(code="303"))
    assert said not in client.get(REFUSED).text
    network.is_shared = True
    network.save()
    trusted_networks.SHARED.forget()
    assert said in client.get(REFUSED).text


def test_a_log_in_in_several_steps_knows_it_at_its_end(client: PortalClient) -> None:
    user = make_user(must_change_password=True)
    assert enter(client, user) == "/log-in/change-password/"
    about = BeautifulSoup(client.get("/log-in/change-password/").content, "html5lib").select_one('input[name="about"]')
    assert about is not None
    client.post("/log-in/change-password/", {"new_password": NEW_PASSWORD, "about": about["value"]})
    assert is_in(client)
    assert remembered(client) == set()


@pytest.mark.parametrize(("ticks", "kept"), [(("shared",), False), ((), True)])
def test_a_log_in_that_begins_anew_shows_its_username_elsewhere_alone(
    client: PortalClient, ticks: tuple[str, ...], kept: bool
) -> None:
    # Not the page's own example of a username.
    user = make_user(username="999KMARSH07", must_change_password=True)
    enter(client, user, ticks=ticks)
    user.set_password(NEW_PASSWORD)
    user.save()
    assert client.get("/log-in/change-password/").headers["Location"] == "/log-in/"
    assert (user.username in client.get("/log-in/").text) is kept


def test_the_logged_out_page_says_so(client: PortalClient, user: User) -> None:
    enter(client, user)
    shared = client.post("/log-out/", follow=True).text
    enter(client, user, ticks=())
    own = client.post("/log-out/", follow=True).text
    assert "this browser remembers nothing of you" in shared
    assert "remembers nothing" not in own


@pytest.mark.parametrize("ticks", [{"shared": "on", "remember": "on"}, {"remember": "on"}])
def test_a_card_knows_it_too(
    client: PortalClient, openid_provider: OpenIDProvider, user: User, ticks: dict[str, str]
) -> None:
    link(user)
    come_by(client, openid_provider, **ticks)
    assert is_in(client)
    # The way in that comes first is no person's, and is not remembered either.
    assert ("__Host-way-in" in remembered(client)) is ("shared" not in ticks)
    assert any(name.startswith("__Host-b") for name in remembered(client)) is ("shared" not in ticks)


def test_a_card_of_two_employers_knows_it_when_one_is_chosen(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    link(user)
    link(make_user(organisation=make_organisation(code="998", name="Southern Hospitals")))
    assert come_by(client, openid_provider, shared="on").headers["Location"] == CHOOSE
    send(client, CHOOSE, {"login": user.pk})
    assert is_in(client)
    assert remembered(client) == set()
    assert not DeviceCookie.objects.exists()


def test_on_a_network_with_shared_computers_it_is_ticked_beforehand(client: PortalClient) -> None:
    network = trust(make_organisation(code="303"))
    assert not any(ticked(client))
    network.is_shared = True
    network.save()
    trusted_networks.SHARED.forget()
    assert all(ticked(client))
    assert ticked(client)
    assert not trusted_networks.SHARED.hold("203.0.113.250")
    assert not trusted_networks.SHARED.hold("no address")


def test_the_networks_are_read_once_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("accounts.trusted_networks.time.monotonic", lambda: clock[0])
    with django_assert_num_queries(1):
        for _ in range(3):
            trusted_networks.SHARED.hold(INSIDE)
    clock[0] += trusted_networks.SHARED.READ_EVERY
    with django_assert_num_queries(1):
        trusted_networks.SHARED.hold(INSIDE)


def test_the_form_is_as_it_was_while_the_database_is_away(client: PortalClient, user: User) -> None:
    """Threat: a restart of the database takes the log-in page away, or each visitor waits until it is given up."""
    asked = []

    def is_away(*_: object) -> None:
        asked.append("")
        raise OperationalError

    trust(user.organisation)
    TrustedNetwork.objects.update(is_shared=True)
    assert all(ticked(client))
    # What was read is too old.
    trusted_networks.SHARED.forget()
    with connection.execute_wrapper(is_away):
        assert all(ticked(client))
        assert all(ticked(client))
    assert len(asked) == 1
