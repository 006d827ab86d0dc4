"""A mailed link that is opened in a browser in which a person is logged in."""

from __future__ import annotations

import pytest

from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from tests.pages.test_recovery_start import page
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import LOG_OUT_FIRST, link_path, open_link
from tests.support.steps import PortalClient, about_in, come_in, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def is_in(client: PortalClient, user: User) -> bool:
    """Return whether the browser is logged in as `user`."""
    answer = client.get("/my-esr/")
    return answer.status_code == 200 and answer.context["person"] == user


def go_on(address: str) -> str:
    """Return where the form of the page at `address` leads."""
    return address.replace("/recovery/new-password/", LOG_OUT_FIRST)


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_logs_no_person_out_and_its_page_asks_first(client: PortalClient, method: str) -> None:
    """Threat: an attacker mails a person the address of a link of their own, or has a page open it: the person is out.

    What the person has open in another tab goes on.
    """
    user, other = make_user(), make_user()
    come_in(client, user)
    link = link_path(other)
    answer = getattr(client, method)(link)
    assert link.split("/")[3] not in answer["Location"]
    assert answer["Referrer-Policy"] == "no-referrer"
    getattr(client, method)(answer["Location"])
    assert is_in(client, user)
    assert not SecurityEvent.objects.filter(event=Event.LOGGED_OUT).exists()

    asked = page(client.get(answer["Location"]))
    words = asked.select_one("main").get_text(" ", strip=True)  # type: ignore[union-attr]
    assert user.username in words
    assert other.username in words
    assert asked.select_one("main a[href='/my-esr/']")
    assert not asked.select("[type=password]")
    changed = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert send(client, "/change-password/", changed).status_code == 302


def test_the_person_goes_on_and_sets_the_password(client: PortalClient) -> None:
    user, other = make_user(), make_user()
    come_in(client, user)
    address = open_link(client, other)
    assert not is_in(client, user)
    assert SecurityEvent.objects.filter(event=Event.LOGGED_OUT, user=user).count() == 1
    assert not Session.objects.filter(user_id=user.pk).exists()
    assert send(client, address, {"new_password": NEW_PASSWORD}).status_code == 302
    log_in(client, other, NEW_PASSWORD)


def test_it_asks_before_the_persons_own_link_too_and_going_on_twice_is_going_on_once(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    address = client.get(link_path(user))["Location"]
    shown = about_in(client.get(address))
    first, again = (client.post(go_on(address), shown) for _ in range(2))
    assert first["Location"] == again["Location"] == address
    assert send(client, address, {"new_password": NEW_PASSWORD}).status_code == 302


def test_a_password_typed_before_the_log_in_of_another_is_not_set_without_asking(client: PortalClient) -> None:
    """Threat: a form in an old tab logs out the person who has logged in since."""
    user, other = make_user(), make_user()
    address = client.get(link_path(other))["Location"]
    old_tab = about_in(client.get(address))
    log_in(client, user)
    client.get(link_path(make_user()))
    assert client.post(address, {**old_tab, "new_password": NEW_PASSWORD}).status_code == 409
    other_link = client.get(link_path(other))["Location"]
    old_tab = about_in(client.get(other_link))
    asked = client.post(other_link, {"about": other_link.partition("about=")[2], "new_password": NEW_PASSWORD})
    assert f'action="{LOG_OUT_FIRST}?' in asked.text
    assert is_in(client, user)
    other.refresh_from_db()
    assert other.check_password(PASSWORD)


def test_a_page_that_names_another_person_logs_no_person_out(client: PortalClient) -> None:
    """Threat: two tabs. The page asked the person before, and the next one would be logged out."""
    una, ola, other = make_user(), make_user(), make_user()
    log_in(client, una)
    address = client.get(link_path(other))["Location"]
    of_una = about_in(client.get(address))
    log_in(client, ola)
    client.get(link_path(other))
    for said in (of_una, {}, {"about": "x" * 1000}, {"about": address.partition("about=")[2]}):
        answer = client.post(go_on(address), said)
        assert (answer.status_code, f"logged in as <strong>{ola.username}</strong>" in answer.text) == (409, True)
    assert is_in(client, ola)


@pytest.mark.parametrize("named", ["", "?about=", "?about=x", "?about=%00%ED%A0%80", f"?about={'0' * 64}"])
def test_no_person_is_logged_out_for_a_link_that_is_not_open(client: PortalClient, named: str) -> None:
    user = make_user()
    come_in(client, user)
    shown = about_in(client.get("/change-password/"))
    assert client.post(f"{LOG_OUT_FIRST}{named}", shown).status_code == 409
    assert is_in(client, user)
    assert PortalClient().post(f"{LOG_OUT_FIRST}{named}").status_code == 410


def test_no_person_is_logged_out_for_a_link_that_has_ended(client: PortalClient, travel: Travel) -> None:
    user, other = make_user(), make_user()
    address = link_path(other)
    travel(minutes=50)
    come_in(client, user)
    asked = client.get(address)["Location"]
    shown = about_in(client.get(asked))
    travel(minutes=10, seconds=1)
    assert client.post(go_on(asked), shown).status_code == 410
    assert is_in(client, user)


def test_logging_out_takes_the_opened_links_with_it(client: PortalClient) -> None:
    """Threat: the next person at the same PC finds a link open (OWASP ASVS 7.2.4)."""
    come_in(client, make_user())
    address = client.get(link_path(make_user()))["Location"]
    client.post("/log-out/")
    assert client.get(address).status_code == 410
