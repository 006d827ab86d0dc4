"""Threat: two people's cards in two tabs of one browser, and the employer that is chosen in one is the other's."""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY

from accounts.models import User
from tests.security.test_two_tabs import OUT_OF_DATE, named
from tests.support.at_care_identity import AGAIN, CHOOSE, REFUSED, come_by
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient
from tests.support.tabs import BY_NAME, JOURNEYS, Journey, Tab, happened_to

pytestmark = pytest.mark.django_db

UNAS, OLAS = "555000000101", "555000000102"


def two_logins(uid: str) -> tuple[User, User]:
    """Return the logins at two employers of a person with one card."""
    other = make_organisation(code="998", name="Southern Hospitals")
    return link(make_user(), uid), link(make_user(organisation=other), uid)


def choosing(tab: Tab, provider: OpenIDProvider, uid: str) -> Tab:
    """Come by Care Identity with a card in a tab, up to the page that asks for the employer."""
    provider.claims = provider.userinfo = {"sub": uid}
    assert come_by(tab.browser, provider)["Location"] == CHOOSE
    tab.open(CHOOSE)
    return tab


def test_the_employer_is_chosen_for_the_card_of_that_tab(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    una, ola = two_logins(UNAS), two_logins(OLAS)
    one = choosing(Tab(client), openid_provider, UNAS)
    two = choosing(Tab(client), openid_provider, OLAS)
    for login in (una[1], ola[1]):
        answer = one.send({"login": str(login.pk)})
        assert (answer.status_code, OUT_OF_DATE in answer.text) == (409, True)
    assert SESSION_KEY not in client.session
    assert two.send({"login": str(ola[1].pk)}).status_code == 302
    assert client.get("/my-esr/").context["person"] == ola[1]


@pytest.mark.parametrize("said", [{}, {"about": ""}, {"about": "\0"}, {"about": "x" * 100_000}])
def test_a_choice_that_does_not_say_whose_it_is_opens_nothing(
    client: PortalClient, openid_provider: OpenIDProvider, said: dict[str, str]
) -> None:
    una = two_logins(UNAS)
    tab = choosing(Tab(client), openid_provider, UNAS)
    assert client.post(CHOOSE, {**said, "login": str(una[0].pk)}).status_code == 409
    assert SESSION_KEY not in client.session
    assert tab.send({"login": str(una[0].pk)}).status_code == 302


@pytest.mark.parametrize("journey", JOURNEYS, ids=named)
def test_a_choice_after_another_journey_has_begun_opens_nothing(
    client: PortalClient, openid_provider: OpenIDProvider, journey: Journey
) -> None:
    una = two_logins(UNAS)
    one, two = choosing(Tab(client), openid_provider, UNAS), Tab(client)
    ola = journey.begin(two)
    in_before = client.session.get(SESSION_KEY)
    answer = one.send({"login": str(una[0].pk)})
    assert (answer.status_code, OUT_OF_DATE in answer.text) == (409, True)
    assert client.session.get(SESSION_KEY) == in_before
    assert happened_to(una[0]) == []
    assert two.send(journey.typed(two, ola)).status_code == 302


@pytest.mark.parametrize("journey", JOURNEYS, ids=named)
def test_a_form_sent_while_an_employer_is_chosen_in_another_tab_does_nothing(
    client: PortalClient, openid_provider: OpenIDProvider, journey: Journey
) -> None:
    ola = two_logins(OLAS)
    one, two = Tab(client), Tab(client)
    una = journey.begin(one)
    typed, before = journey.typed(one, una), happened_to(una)
    choosing(two, openid_provider, OLAS)
    answer = one.send(typed)
    assert (answer.status_code, OUT_OF_DATE in answer.text) == (409, True)
    assert happened_to(una) == before
    assert two.send({"login": str(ola[0].pk)}).status_code == 302
    assert client.get("/my-esr/").context["person"] == ola[0]


def test_the_card_is_shown_again_for_the_person_of_that_tab(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    """Threat: a person with two employers proves who they are in one tab, and it counts for the login of another."""
    one = Tab(client)
    BY_NAME["change"].begin(one)
    BY_NAME["change"].begin(Tab(client))
    answer = client.post(AGAIN, {**one.fields(), "next": "/internet-access/"})
    assert (answer.status_code, OUT_OF_DATE in answer.text) == (409, True)
    assert openid_provider.requests == []


def test_the_chosen_page_sent_again_after_back_opens_nothing_else(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    una = two_logins(UNAS)
    tab = choosing(Tab(client), openid_provider, UNAS)
    tab.send({"login": str(una[0].pk)})
    assert tab.send({"login": str(una[1].pk)}).status_code == 409
    assert client.get("/my-esr/").context["person"] == una[0]
    client.post("/log-out/")
    assert client.get(CHOOSE)["Location"] == REFUSED


def test_a_choice_that_the_version_before_left_begins_anew(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    """Threat: an upgrade in between, and a choice without a number fails, or opens a login."""
    una = two_logins(UNAS)
    tab = choosing(Tab(client), openid_provider, UNAS)
    session = client.session
    del session["half_finished"]["care_identity_choice"]["value"]["number"]
    session.save()
    assert tab.send({"login": str(una[0].pk)}).status_code in {302, 409}
    assert SESSION_KEY not in client.session
    assert client.get(CHOOSE)["Location"] == REFUSED
