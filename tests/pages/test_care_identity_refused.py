"""Why a person did not get in with Care Identity, and what they can do. One page for each kind of reason."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup

from accounts.models import User
from accounts.models.organisation import SecondStepPolicy
from care_identity.services.refusals import Page
from tests.support.at_care_identity import REFUSED, bring_back, come_by, press
from tests.support.care_identity import UID, link
from tests.support.factories import make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.openid_server import Answer
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

AGAIN = "Try again with my Care Identity"
PASSWORD = "log in with your username and password"
# What leads to each page, its heading, and what it says and leads to.
PAGES: dict[Page, tuple[str, list[str]]] = {
    Page.CANCELLED: ("You did not finish logging in with Care Identity", [AGAIN, PASSWORD, "smartcard", "/help/"]),
    Page.START_AGAIN: ("Log in again", [AGAIN, PASSWORD, "Nothing is wrong with your account"]),
    Page.NOT_BELIEVED: ("We could not check who you are", [AGAIN, PASSWORD, "/help/", "Nothing is wrong"]),
    Page.LEVEL_TOO_LOW: ("Use your smartcard to log in", [AGAIN, PASSWORD, "mailto:esr@org999.nhs.example"]),
    Page.IDENTITY_NOT_CHECKED: (
        "Your identity has not been checked closely enough",
        ["Registration Authority", "/help/", "/log-in/", "/recovery/"],
    ),
    Page.NOT_LINKED: ("Your Care Identity is not linked to ESR", [UID, "/help/", "/log-in/", "/recovery/"]),
    Page.NOT_IN_FORCE: (
        "Your ESR account is not in use",
        ["mailto:esr@org999.nhs.example", "mailto:esr@org998.nhs.example", "Name and ESR number"],
    ),
    Page.UNAVAILABLE: ("Care Identity is not answering", [AGAIN, PASSWORD, "/recovery/", "Wait a minute"]),
}


def lead_to(page: Page, client: PortalClient, provider: OpenIDProvider, **fields: str) -> Any:
    """Bring about a refusal of this kind, of a log-in that began with `fields`; return the portal's answer."""
    if page is Page.START_AGAIN:
        return bring_back(client, {"state": "of nobody"})
    if page in {Page.CANCELLED, Page.UNAVAILABLE}:
        error = "access_denied" if page is Page.CANCELLED else "server_error"
        return bring_back(client, {"state": provider.visit(press(client, **fields))["state"], "error": error})
    if page is Page.NOT_BELIEVED:
        provider.claims = {"aud": "somebody-else"}
    elif page is Page.IDENTITY_NOT_CHECKED:
        provider.claims = {"id_assurance_level": 2}
    elif page is Page.LEVEL_TOO_LOW:
        link(make_user())
        provider.claims = {"authentication_assurance_level": 2, "acr": "AAL2_TOTP"}
    elif page is Page.NOT_IN_FORCE:
        for code in ("999", "998"):
            link(make_user(organisation=make_organisation(code=code, name=f"Organisation {code}"), is_active=False))
    return come_by(client, provider, **fields)


def test_each_kind_of_reason_has_its_page() -> None:
    assert set(PAGES) == set(Page)


@pytest.mark.parametrize("page", Page)
def test_it_says_what_happened_and_what_to_do(
    client: PortalClient, openid_provider: OpenIDProvider, page: Page
) -> None:
    heading, says = PAGES[page]
    answer = lead_to(page, client, openid_provider)
    assert (answer.status_code, answer.headers["Location"]) == (302, REFUSED)
    answer = client.get(REFUSED)
    assert answer.status_code == 200
    shown = BeautifulSoup(answer.content, "html.parser")
    assert [h1.get_text(strip=True) for h1 in shown.select("h1")] == [heading]
    assert shown.title
    assert shown.title.get_text() == f"{heading} – ESR Portal"
    main = shown.select_one("main")
    assert main
    for words in says:
        assert words in " ".join(str(main).split()), words
    assert main.select('a[href="/help/why-cannot-i-get-in/"]')
    # No link leads to the top of help, where a person would have to look for the search.
    assert not main.select('a[href="/help/"]')
    # Somewhere to go from here.
    assert main.select("a[href], form")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", Page)
def test_it_can_be_read_again(client: PortalClient, openid_provider: OpenIDProvider, page: Page) -> None:
    lead_to(page, client, openid_provider)
    assert client.get(REFUSED).text.count(PAGES[page][0]) == client.get(REFUSED).text.count(PAGES[page][0]) > 0
    assert client.head(REFUSED).status_code == 200


def test_a_proven_person_is_told_which_day_their_account_ended_or_begins(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    ended, begins = datetime.date(2026, 3, 3), datetime.date(2126, 4, 4)
    dates: list[dict[str, Any]] = [{"ends_on": ended}, {"starts_on": begins}, {"is_active": False, "ends_on": ended}]
    for code, facts in zip(("997", "998", "999"), dates, strict=True):
        link(make_user(organisation=make_organisation(code=code, name=f"Organisation {code}"), **facts))
    come_by(client, openid_provider)
    main = BeautifulSoup(client.get(REFUSED).content, "html5lib").select_one("main")
    assert main
    said = [" ".join(heading.find_next("p").get_text().split()) for heading in main.select("h2")]  # type: ignore[union-attr]
    payslip = "If you need a payslip or your P60, ask for it at the address below."
    assert said == [
        f"Your account has ended: your last day was 3 March 2026. {payslip}",
        "Your account starts on 4 April 2126. You can log in from that day.",
        "Your account is not active. To find out why, ask at the address below.",
    ]
    assert [heading.get_text() for heading in main.select("h2")] == [f"Organisation {n}" for n in (997, 998, 999)]
    for number in (997, 998, 999):
        address = str(main.select_one(f'a[href^="mailto:esr@org{number}.nhs.example?"]')["href"])  # type: ignore[index]
        assert "body=Name%3A%0D%0AESR%20number%3A" in address


def test_a_joiner_is_told_what_is_still_missing_and_whose_it_is(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    organisation = make_organisation(second_step=SecondStepPolicy.REQUIRED)
    link(make_user(organisation=organisation, starts_on=datetime.date(2126, 4, 4), password=None))
    come_by(client, openid_provider)
    shown = client.get(REFUSED).text
    assert "What is still missing, and whose it is:" in shown
    assert "You have no password yet. You set one yourself, from your first day." in shown
    assert "You need a second step" in shown


def test_a_person_who_has_left_is_told_of_nothing_missing(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    link(make_user(ends_on=datetime.date(2026, 3, 3), password=None))
    come_by(client, openid_provider)
    assert "still missing" not in client.get(REFUSED).text


def test_a_refusal_that_the_version_before_has_remembered_is_shown_too(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    lead_to(Page.NOT_IN_FORCE, client, openid_provider)
    session = client.session
    for name in ("reasons", "missing"):
        del session["half_finished"]["care_identity_refusal"]["value"][name]
    session.save()
    shown = client.get(REFUSED).text
    assert "Your account is not active" in shown
    assert "Organisation 998" in shown


def test_try_again_begins_anew(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    user: User = link(make_user())
    lead_to(Page.NOT_BELIEVED, client, openid_provider)
    shown = BeautifulSoup(client.get(REFUSED).content, "html.parser")
    form = shown.select_one("main form")
    assert form
    assert (form["method"], form["action"]) == ("post", "/care-identity/log-in/")
    openid_provider.claims = {}
    come_by(client, openid_provider, path=str(form["action"]))
    assert client.get("/my-esr/").context["person"] == user


OF_THE_NEXT_TRY = [Page.CANCELLED, Page.UNAVAILABLE, Page.NOT_BELIEVED, Page.LEVEL_TOO_LOW]


@pytest.mark.parametrize("page", OF_THE_NEXT_TRY)
@pytest.mark.parametrize("shared", [{}, {"shared": "on"}], ids=["own", "shared"])
def test_the_next_try_ends_where_the_first_would_have_and_knows_whether_others_use_the_computer(
    client: PortalClient, openid_provider: OpenIDProvider, page: Page, shared: dict[str, str]
) -> None:
    """Threat: a computer that was said to be shared counts as the person's own after a passcode was wrong."""
    lead_to(page, client, openid_provider, next="/internet-access/", **shared)
    hidden = BeautifulSoup(client.get(REFUSED).content, "html.parser").select("main form input[type=hidden]")
    said = {str(field["name"]): str(field["value"]) for field in hidden}
    assert said["next"] == "/internet-access/"
    assert said.get("shared") == shared.get("shared")


def test_the_last_refusal_is_the_one_that_is_told(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    come_by(client, openid_provider)
    assert UID in client.get(REFUSED).text
    openid_provider.answers["/token"] = Answer(status=500)
    come_by(client, openid_provider)
    assert "Care Identity is not answering" in client.get(REFUSED).text
    bring_back(client, {})
    page = client.get(REFUSED).text
    assert "Log in again" in page
    assert UID not in page


def test_without_a_refusal_it_says_how_to_begin(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    page = client.get(REFUSED)
    assert page.status_code == 200
    assert "Log in again" in page.text
