"""Threat: two people, or two employers of one person, in two tabs of one browser, and a form acts on the wrong one.

Each pair of journeys is begun in two tabs, one after the other; then the first tab's form is sent, and the second's.
"""

from __future__ import annotations

import itertools

import pytest
from django.contrib.auth import SESSION_KEY

from accounts.models import User
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.steps import PortalClient
from tests.support.tabs import BY_NAME, JOURNEYS, Journey, Tab, happened_to

pytestmark = pytest.mark.django_db

OUT_OF_DATE = "This page is out of date"
PAIRS = list(itertools.product(JOURNEYS, JOURNEYS))
NONSENSE = {
    "nothing": "about=",
    "a blank": "about=+",
    "another digest": f"about={'0' * 64}",
    "a capital": f"about={'A' * 64}",
    "NUL": "about=%00",
    "half a surrogate": "about=%ED%A0%80",
    "no UTF-8": "about=%FF%FE",
    "an emoji": "about=%F0%9F%98%80",
    "a megabyte": f"about={'x' * 1_000_000}",
    "twice": "about=1&about=2",
}


def named(value: object) -> str:
    return value.name if isinstance(value, Journey) else str(value)


def logged_in_person(client: PortalClient) -> int:
    return int(client.session.get(SESSION_KEY, 0))


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=named)
def test_the_form_of_one_tab_never_acts_on_the_person_of_the_other(
    client: PortalClient, first: Journey, second: Journey
) -> None:
    one, two = Tab(client), Tab(client)
    una = first.begin(one)
    typed_by_una = first.typed(one, una)
    ola = second.begin(two)
    before_una, before_ola, in_before = happened_to(una), happened_to(ola), logged_in_person(client)

    answer = one.send(typed_by_una)
    assert happened_to(ola) == before_ola
    assert logged_in_person(client) == in_before
    if first.name == second.name == "recovery":
        assert answer.status_code == 302
        assert "password_changed" in happened_to(una)
    else:
        assert (answer.status_code, OUT_OF_DATE in answer.text) == (409, True)
        assert happened_to(una) == before_una

    # The second tab has lost nothing by it.
    assert two.send(second.typed(two, ola)).status_code == 302
    assert len(happened_to(ola)) > len(before_ola)


@pytest.mark.parametrize("journey", JOURNEYS, ids=named)
def test_back_and_resubmit_does_nothing_twice(client: PortalClient, journey: Journey) -> None:
    tab = Tab(client)
    user = journey.begin(tab)
    typed = journey.typed(tab, user)
    assert tab.send(typed).status_code == 302
    done = happened_to(user)
    answer = tab.send(typed)
    assert answer.status_code in {200, 302, 409, 410}
    # What was the current password is a wrong one by now.
    assert [event for event in happened_to(user) if event != "password_change_failed"] == done


@pytest.mark.parametrize("journey", JOURNEYS, ids=named)
def test_a_form_that_does_not_say_what_it_is_about_is_a_stale_one(client: PortalClient, journey: Journey) -> None:
    tab = Tab(client)
    user = journey.begin(tab)
    before = happened_to(user)
    answer = client.post(tab.path, journey.typed(tab, user))
    assert (answer.status_code, OUT_OF_DATE in answer.text) == (409, True)
    assert happened_to(user) == before
    # The page itself still works.
    assert tab.send(journey.typed(tab, user)).status_code == 302


@pytest.mark.parametrize("journey", [BY_NAME["recovery"], BY_NAME["must change"], BY_NAME["change"]], ids=named)
def test_nonsense_is_a_stale_form_too(client: PortalClient, journey: Journey) -> None:
    """Threat: an attacker looks for a value that makes the server fail, or pass."""
    tab = Tab(client)
    user = journey.begin(tab)
    before = happened_to(user)
    for kind, nonsense in NONSENSE.items():
        answer = client.post(tab.path, f"{nonsense}&new_password=x", "application/x-www-form-urlencoded")
        assert (answer.status_code, OUT_OF_DATE in answer.text) == (409, True), kind
        assert happened_to(user) == before, kind
        address = f"/recovery/new-password/?{nonsense}" if len(nonsense) < 1000 else "/"
        assert client.get(address).status_code in {200, 410}, kind


def test_what_a_form_is_about_is_worth_nothing_in_another_browser(
    client: PortalClient, other_client: PortalClient
) -> None:
    """Threat: an attacker sends the hidden field of the person's page from a browser of their own."""
    theirs, mine = Tab(client), Tab(other_client)
    victim = BY_NAME["recovery"].begin(theirs)
    BY_NAME["recovery"].begin(mine)
    answer = other_client.post(mine.path, {**theirs.fields(), "new_password": NEW_PASSWORD})
    assert answer.status_code == 409
    victim.refresh_from_db()
    assert victim.check_password(PASSWORD)


def test_the_field_tells_no_name_and_no_number(client: PortalClient) -> None:
    """Threat: a page or an address, kept by the browser's history, tells a row's number or a link's."""
    tab = Tab(client)
    user = BY_NAME["recovery"].begin(tab)
    link = user.recovery_links.get()
    assert str(link.pk) not in tab.page.decode()
    assert link.token_digest not in tab.page.decode()
    assert len(tab.fields()["about"]) == 64


@pytest.mark.parametrize("path", ["/change-password/", "/internet-access/", "/internet-access/withdraw/"])
def test_the_page_says_whose_session_it_is_now(client: PortalClient, path: str) -> None:
    one = Tab(client)
    BY_NAME["change"].begin(one)
    ola = BY_NAME["change"].begin(Tab(client))
    answer = client.post(path, {**one.fields(), "new_password": NEW_PASSWORD})
    assert answer.status_code == 409
    assert f"You are now logged in as <strong>{ola.username}</strong>" in answer.text
    assert 'href="/my-esr/"' in answer.text


def test_the_tab_left_open_by_one_person_does_not_keep_another_logged_in(client: PortalClient) -> None:
    """Threat: the warning in the tab of the person before is answered, and keeps the session of the next one."""
    one = Tab(client)
    BY_NAME["change"].begin(one)
    BY_NAME["change"].begin(Tab(client))
    answer = client.post("/session/keep/", one.fields())
    assert (answer.status_code, answer.json()) == (403, {"logged_in": False})
    assert client.post("/session/keep/").status_code == 403


def test_log_out_ends_the_session_of_the_person_who_is_in(client: PortalClient) -> None:
    """Refusing would leave a session in a browser that a person has just asked to have none."""
    one = Tab(client)
    BY_NAME["change"].begin(one)
    BY_NAME["change"].begin(Tab(client))
    assert client.post("/log-out/", one.fields())["Location"] == "/log-out/"
    assert not logged_in_person(client)


def test_two_log_ins_of_one_person_are_two(client: PortalClient) -> None:
    """Threat: a code made from the secret of the first log-in is compared with that of the second."""
    user = make_user(is_staff=True)
    tabs = Tab(client), Tab(client)
    secrets = []
    for tab in tabs:
        client.post("/log-in/", {"username": user.username, "password": PASSWORD})
        tab.open("/second-step/set-up/app/")
        secrets.append(BY_NAME["set-up"].typed(tab, user))
    answer = tabs[0].send(secrets[0])
    assert (answer.status_code, "You are now logging in as" in answer.text) == (409, True)
    assert tabs[1].send(secrets[1])["Location"] == "/second-step/set-up/codes/"
    assert User.objects.get(pk=user.pk).totpdevice_set.count() == 1
