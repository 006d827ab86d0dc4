"""Coming back from Care Identity."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import CareIdentity, SecurityEvent, Session, User
from accounts.models.security_event import Event
from accounts.services import lockout
from tests.support.at_care_identity import AGAIN, CALLBACK, CHOOSE, REFUSED, bring_back, come_by, press
from tests.support.care_identity import UID, link
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, send

pytestmark = pytest.mark.django_db

LEVEL_2 = {"authentication_assurance_level": 2, "acr": "AAL2_TOTP", "amr": ["TOTP"]}


def test_people_land_in_my_esr(client: PortalClient, openid_provider: OpenIDProvider, user: User) -> None:
    answer = come_by(client, openid_provider)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/my-esr/")
    assert client.get("/my-esr/").context["person"] == user
    assert [*SecurityEvent.objects.values_list("event", "user", "reason")] == [
        (Event.LOGGED_IN, user.pk, "care_identity")
    ]
    assert [*Session.objects.values_list("user_id", "care_identity_uid", "care_identity_session")] == [
        (user.pk, UID, "there-1")
    ]


def test_people_land_on_the_page_they_wanted(client: PortalClient, openid_provider: OpenIDProvider, user: User) -> None:
    assert come_by(client, openid_provider, next="/internet-access/").headers["Location"] == "/internet-access/"


def test_it_works_for_people_without_a_password(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    user = link(make_user(password=None))
    come_by(client, openid_provider)
    assert client.get("/my-esr/").context["person"] == user


def test_it_lifts_a_lock(client: PortalClient, openid_provider: OpenIDProvider, user: User) -> None:
    for _ in range(lockout.LIMIT):
        client.post("/log-in/", {"username": user.username, "password": "not the right one"})
    assert lockout.is_locked(username=user.username, browser="")
    come_by(client, openid_provider)
    assert not lockout.is_locked(username=user.username, browser="")
    assert SecurityEvent.objects.filter(event=Event.UNLOCKED, user=user).count() == 1
    assert PortalClient().post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302


def test_who_has_several_logins_is_asked_which(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    link(make_user(organisation=make_organisation(code="998", name="Southern Test Hospitals")))
    assert come_by(client, openid_provider).headers["Location"] == CHOOSE


@pytest.mark.parametrize(
    "other", [{"is_active": False}, {"starts_on": "2200-01-01"}, {"ends_on": "2001-01-01"}], ids=str
)
def test_a_login_that_is_not_in_force_is_not_asked_about(
    client: PortalClient, openid_provider: OpenIDProvider, user: User, other: dict[str, Any]
) -> None:
    link(make_user(organisation=make_organisation(code="998"), **other))
    come_by(client, openid_provider)
    assert client.get("/my-esr/").context["person"] == user


def test_who_shows_it_again_keeps_the_login_they_were_in(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    elsewhere = link(make_user(organisation=make_organisation(code="998")))
    come_by(client, openid_provider)
    send(client, CHOOSE, {"login": elsewhere.pk})
    assert come_by(client, openid_provider, path=AGAIN, next="/internet-access/").headers["Location"] == (
        "/internet-access/"
    )
    assert client.get("/my-esr/").context["person"] == elsewhere


def refused(client: PortalClient, answer: Any) -> str:
    """Return the page about a refusal."""
    assert (answer.status_code, answer.headers["Location"]) == (302, REFUSED)
    return client.get(REFUSED).text


def test_who_is_not_linked_is_told_their_number(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    # The same person by email: that opens nothing.
    make_user(email="somebody@nhs.net")
    openid_provider.claims = {"email": "somebody@nhs.net", "email_verified": True}
    page = refused(client, come_by(client, openid_provider))
    assert "Your Care Identity is not linked to ESR" in page
    assert UID in page
    event = SecurityEvent.objects.get()
    assert (event.event, event.user_id, event.reason) == (Event.CARE_IDENTITY_REFUSED, None, "not_linked")
    assert UID not in str(SecurityEvent.objects.values())
    assert not CareIdentity.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "facts", [{"is_active": False}, {"starts_on": "2200-01-01"}, {"ends_on": "2001-01-01"}], ids=str
)
def test_who_has_left_is_told_whom_to_ask(
    client: PortalClient, openid_provider: OpenIDProvider, facts: dict[str, Any]
) -> None:
    user = link(make_user(**facts))
    page = refused(client, come_by(client, openid_provider))
    assert "Your ESR account is not in use" in page
    assert user.organisation.support_email in page
    event = SecurityEvent.objects.get()
    assert (event.user_id, event.reason) == (user.pk, "not_in_force")


def test_a_level_below_the_organisations_is_too_low(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    openid_provider.claims = LEVEL_2
    page = refused(client, come_by(client, openid_provider))
    assert "Use your smartcard to log in" in page
    assert user.organisation.support_email in page
    event = SecurityEvent.objects.get()
    assert (event.user_id, event.reason) == (user.pk, "level_below_organisations")


def test_level_2_opens_the_logins_for_which_it_is_enough(
    client: PortalClient, openid_provider: OpenIDProvider, user: User
) -> None:
    easier = link(make_user(organisation=make_organisation(code="998", care_identity_level=2)))
    openid_provider.claims = LEVEL_2
    come_by(client, openid_provider)
    assert client.get("/my-esr/").context["person"] == easier


@pytest.mark.parametrize(
    ("error", "title"),
    [
        ("access_denied", "You did not finish logging in with Care Identity"),
        ("login_required", "You did not finish logging in with Care Identity"),
        ("server_error", "Care Identity is not answering"),
        ("<script>", "Care Identity is not answering"),
    ],
)
def test_what_care_identity_says_instead_of_an_answer(
    client: PortalClient, openid_provider: OpenIDProvider, error: str, title: str
) -> None:
    state = openid_provider.visit(press(client))["state"]
    page = refused(client, bring_back(client, {"state": state, "error": error, "error_description": "made-up words"}))
    assert title in page
    assert "made-up words" not in page
    assert openid_provider.count("/token") == 0


def test_it_takes_few_queries(
    client: PortalClient, openid_provider: OpenIDProvider, user: User, django_assert_num_queries: Any
) -> None:
    """The same number for every person; 8 of them are savepoints."""
    brought = openid_provider.visit(press(client))
    with django_assert_num_queries(24):
        bring_back(client, brought)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_an_answer_comes_by_get_alone(client: PortalClient, openid_provider: OpenIDProvider, method: str) -> None:
    assert getattr(client, method)(CALLBACK).status_code == 405
