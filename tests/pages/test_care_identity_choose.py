"""Which login to open, for people whose Care Identity opens several."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from tests.support.at_care_identity import CHOOSE, REFUSED, come_by
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def logins() -> tuple[User, User]:
    north = link(make_user())
    return north, link(make_user(organisation=make_organisation(code="998", name="Ærø & <Southern> Hospitals")))


@pytest.fixture
def choosing(client: PortalClient, openid_provider: OpenIDProvider, logins: tuple[User, User]) -> PortalClient:
    """Return a browser in which a person is to choose."""
    assert come_by(client, openid_provider, next="/help/").headers["Location"] == CHOOSE
    return client


def page(client: PortalClient) -> BeautifulSoup:
    answer = client.get(CHOOSE)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def test_it_asks_one_question_with_the_logins_as_answers(choosing: PortalClient, logins: tuple[User, User]) -> None:
    shown = page(choosing)
    assert [h1.get_text(strip=True) for h1 in shown.select("h1")] == ["Choose an employer"]
    labels = [label.get_text(strip=True) for label in shown.select(".nhsuk-radios__label")]
    # By the names of the organisations, as the database sorts them.
    assert sorted(labels) == sorted(f"{user.organisation.name}, as {user.username}" for user in logins)
    assert not shown.select("input[checked]")
    assert shown.select_one("fieldset legend")


def test_each_can_be_chosen(choosing: PortalClient, logins: tuple[User, User]) -> None:
    answer = send(choosing, CHOOSE, {"login": logins[1].pk})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/help/")
    assert choosing.get("/my-esr/").context["person"] == logins[1]
    events = [*SecurityEvent.objects.values_list("event", "user", "reason")]
    assert events == [(Event.LOGGED_IN, logins[1].pk, "care_identity")]


def test_who_chooses_nothing_is_told_so_and_where(choosing: PortalClient) -> None:
    answer = send(choosing, CHOOSE)
    shown = BeautifulSoup(answer.content, "html.parser")
    assert shown.title
    assert shown.title.get_text().startswith("Error: ")
    (entry,) = shown.select(".nhsuk-error-summary a")
    assert entry.get_text(strip=True) == "Choose where you want to log in"
    assert shown.select_one(str(entry["href"]))
    assert shown.select_one(".nhsuk-error-message")
    # Nothing is lost by it.
    assert choosing.get(CHOOSE).status_code == 200


def test_who_has_nothing_to_choose_is_told_to_begin_again(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    answer = client.get(CHOOSE, follow=True)
    assert answer.redirect_chain == [(REFUSED, 302)]
    assert "Log in again" in answer.text
