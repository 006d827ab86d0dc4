"""Pages that nothing keeps open longer than they last say until when they do (WCAG 2.2.1)."""

from __future__ import annotations

import datetime

import pytest

from tests.support.at_care_identity import CHOOSE, come_by
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_operator
from tests.support.links import open_link
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

BEGUN = datetime.datetime(2026, 11, 26, 10, 30, 20, tzinfo=datetime.UTC)
FINISH = "You have until 10:45am to finish logging in. After that, log in again."


@pytest.fixture(autouse=True)
def in_the_morning(travel: Travel) -> None:
    travel.to(BEGUN)


def test_a_code_to_be_given_or_set_up_and_a_password_to_be_changed(client: PortalClient, travel: Travel) -> None:
    with_app, without = make_operator(), make_operator()
    PhoneApp.of(with_app)
    for person in (with_app, without, make_user(must_change_password=True)):
        client.cookies.clear()
        travel.to(BEGUN)
        page = log_in(client, person)["Location"]
        travel(minutes=3)
        assert FINISH in client.get(page).text, page


def test_an_employer_to_be_chosen(client: PortalClient, openid_provider: OpenIDProvider, travel: Travel) -> None:
    link(make_user())
    link(make_user(organisation=make_organisation(code="998", name="Southern Hospitals")))
    assert come_by(client, openid_provider).headers["Location"] == CHOOSE
    travel(minutes=3)
    assert FINISH in client.get(CHOOSE).text


def test_an_opened_link(client: PortalClient, travel: Travel) -> None:
    page = open_link(client, make_user())
    travel(minutes=3)
    said = "You can set it until 11:30am. After that, ask for a new link."
    assert said in client.get(page).text
    log_in(client, make_user())
    travel.to(BEGUN)
    assert said in client.get(open_link(client, make_user())).text
