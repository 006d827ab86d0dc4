"""Threats between the proof and the session: a choice to be made, a code to be typed, and what changes meanwhile."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY

from accounts import proof as proofs
from accounts.models import CareIdentity, CareIdentityLogOut, SecurityEvent, Session, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import care_identity_log_outs, lockout
from people.services import care_identity_links
from tests.support.at_care_identity import CHOOSE, REFUSED, START, bring_back, come_by, press
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import UID, link
from tests.support.factories import make_organisation, make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, about_in, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

SECOND_STEP = "/log-in/second-step/"
LEVEL_2 = {"authentication_assurance_level": 2, "acr": "AAL2_TOTP", "amr": ["TOTP"]}


@pytest.fixture(autouse=True)
def care_identity(openid_provider: OpenIDProvider) -> OpenIDProvider:
    return openid_provider


@pytest.fixture
def elsewhere(user: User) -> User:
    """Return the same person's login at another employer."""
    return link(make_user(organisation=make_organisation(code="998", name="Southern Test Hospitals")))


@pytest.fixture
def admin() -> User:
    organisation = make_organisation(care_identity_level=2)
    return link(make_user(organisation=organisation, is_staff=True, is_superuser=True))


def last_refusal() -> tuple[str, str, int | None]:
    event = SecurityEvent.objects.latest("pk")
    return event.event, event.reason, event.user_id


def is_in(client: PortalClient) -> bool:
    return SESSION_KEY in client.session and client.get("/my-esr/").status_code == 200


def to_the_choice(client: PortalClient, care_identity: OpenIDProvider) -> None:
    assert come_by(client, care_identity).headers["Location"] == CHOOSE
    client.shown[CHOOSE] = about_in(client.get(CHOOSE))
    assert not is_in(client)


def choose(client: PortalClient, user: User) -> Any:
    return send(client, CHOOSE, {"login": user.pk})


def test_nobody_is_in_until_they_have_chosen(
    client: PortalClient, care_identity: OpenIDProvider, elsewhere: User
) -> None:
    """Threat: a person who has chosen nothing has a session all the same."""
    to_the_choice(client, care_identity)
    assert not Session.objects.exclude(user_id=None, care_identity_uid="").exists()
    assert not SecurityEvent.objects.filter(event=Event.LOGGED_IN).exists()
    assert choose(client, elsewhere).headers["Location"] == "/my-esr/"
    assert client.get("/my-esr/").context["person"] == elsewhere


def test_a_choice_ends_the_session_of_who_was_in_before(
    client: PortalClient, care_identity: OpenIDProvider, elsewhere: User
) -> None:
    """Threat: two people are mixed up at a shared PC: the one who is logged in, and the one who is to choose."""
    log_in(client, make_user())
    to_the_choice(client, care_identity)
    assert not Session.objects.filter(user_id__isnull=False).exists()


def test_a_login_that_is_not_among_ones_own_cannot_be_chosen(
    client: PortalClient, care_identity: OpenIDProvider, elsewhere: User
) -> None:
    """Threat: the form is sent with the number of another person's login, an admin's say."""
    admin = make_user(is_staff=True, is_superuser=True)
    to_the_choice(client, care_identity)
    for typed in (admin.pk, link(make_user(), "555000000998").pk, "", "x", f"{elsewhere.pk}x", -1, 2**70, "\0"):
        answer = send(client, CHOOSE, {"login": typed})
        assert answer.status_code == 200
        assert "Choose where you want to log in" in answer.text
    assert not is_in(client)


def test_the_log_in_page_drops_a_choice_that_somebody_left(
    client: PortalClient, care_identity: OpenIDProvider, user: User, elsewhere: User
) -> None:
    """Threat: the next person at a shared PC finds the choice, and opens the login."""
    to_the_choice(client, care_identity)
    client.get("/log-in/")
    assert choose(client, user).headers["Location"] == REFUSED
    assert not SecurityEvent.objects.exists()
    assert not is_in(client)


def test_a_choice_ends_after_fifteen_minutes(
    client: PortalClient, care_identity: OpenIDProvider, user: User, elsewhere: User, travel: Travel
) -> None:
    """Threat: the same, where the log-in page was not opened."""
    to_the_choice(client, care_identity)
    travel(minutes=15, seconds=1)
    assert client.get(CHOOSE).headers["Location"] == REFUSED
    assert choose(client, user).headers["Location"] == REFUSED
    assert not is_in(client)


def test_a_choice_is_made_once(
    client: PortalClient, care_identity: OpenIDProvider, user: User, elsewhere: User
) -> None:
    """Threat: after log-out the page before is opened again and opens the login without the card."""
    to_the_choice(client, care_identity)
    choose(client, user)
    client.post("/log-out/")
    assert choose(client, user).headers["Location"] == REFUSED
    assert not is_in(client)


def test_the_log_in_page_drops_what_was_said_of_a_refusal(client: PortalClient, care_identity: OpenIDProvider) -> None:
    """Threat: the next person at a shared PC learns the number of the one before."""
    come_by(client, care_identity)
    assert UID in client.get(REFUSED).text
    client.get("/log-in/")
    assert UID not in client.get(REFUSED).text


def test_who_is_deactivated_meanwhile_cannot_be_chosen(
    client: PortalClient, care_identity: OpenIDProvider, user: User, elsewhere: User
) -> None:
    to_the_choice(client, care_identity)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert choose(client, user).status_code == 200
    assert not is_in(client)
    User.objects.filter(pk=elsewhere.pk).update(is_active=False)
    assert choose(client, elsewhere).headers["Location"] == REFUSED
    assert "Your ESR account is not in use" in client.get(REFUSED).text
    assert not is_in(client)


def test_whose_care_identity_is_unlinked_meanwhile_cannot_be_chosen(
    client: PortalClient, care_identity: OpenIDProvider, user: User, elsewhere: User
) -> None:
    """Threat: the helpdesk takes a stolen card's number away while the thief looks at the choice."""
    to_the_choice(client, care_identity)
    for login in (user, elsewhere):
        care_identity_links.unlink(user=login, by=None)
    assert choose(client, user).headers["Location"] == REFUSED
    assert last_refusal() == (Event.CARE_IDENTITY_REFUSED, "not_linked", None)
    assert not is_in(client)


def test_unlinking_ends_the_session(client: PortalClient, care_identity: OpenIDProvider, user: User) -> None:
    come_by(client, care_identity)
    assert is_in(client)
    care_identity_links.unlink(user=user, by=None)
    assert not is_in(client)


def test_level_2_is_not_both_steps_of_an_admin(
    client: PortalClient, care_identity: OpenIDProvider, admin: User
) -> None:
    """Threat: an app's code at Care Identity opens the admin."""
    app = PhoneApp.of(admin)
    care_identity.claims = LEVEL_2
    assert come_by(client, care_identity).headers["Location"] == SECOND_STEP
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302
    assert send(client, SECOND_STEP, {"code": app.code()}).headers["Location"] == "/my-esr/"
    assert client.get("/admin/").status_code == 200


def test_an_admin_needs_no_code_after_level_3(client: PortalClient, care_identity: OpenIDProvider, admin: User) -> None:
    PhoneApp.of(admin)
    assert come_by(client, care_identity, next="/admin/").headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_who_becomes_admin_in_a_session_of_level_2_gets_no_admin(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: rights given during a session are used with the one step that it began with."""
    user.organisation.care_identity_level = 2
    user.organisation.save()
    care_identity.claims = LEVEL_2
    come_by(client, care_identity)
    assert is_in(client)
    User.objects.filter(pk=user.pk).update(role=Role.NATIONAL_ADMIN)
    assert client.get("/admin/").status_code != 200


@pytest.mark.parametrize("change", ["unlinked", "linked anew", "deactivated", "ended there"])
def test_what_changes_before_the_code_is_typed_is_seen(
    client: PortalClient, care_identity: OpenIDProvider, admin: User, change: str
) -> None:
    """Threat: a person who has lost the right to log in meanwhile gets in by the code that is still asked for."""
    app = PhoneApp.of(admin)
    care_identity.claims = LEVEL_2
    come_by(client, care_identity)
    if change == "unlinked":
        CareIdentity.objects.all().delete()
    elif change == "linked anew":
        CareIdentity.objects.update(uid="555000000998")
    elif change == "deactivated":
        User.objects.filter(pk=admin.pk).update(is_active=False)
    else:
        care_identity_log_outs.end(uid="", session="there-1", at=datetime.datetime.now(datetime.UTC))
        assert CareIdentityLogOut.objects.exists()
    send(client, SECOND_STEP, {"code": app.code()})
    assert not is_in(client)
    assert not SecurityEvent.objects.filter(event=Event.LOGGED_IN).exists()


def test_a_card_that_opens_nothing_here_lifts_no_lock(
    client: PortalClient, care_identity: OpenIDProvider, admin: User
) -> None:
    """Threat: Care Identity is used to begin guessing passwords anew, without ever getting in by it."""
    PhoneApp.of(admin)
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=admin.username, browser="")
    care_identity.claims = LEVEL_2
    come_by(client, care_identity)
    assert lockout.is_locked(username=admin.username, browser="")
    care_identity.claims = {}
    come_by(PortalClient(), care_identity)
    assert not lockout.is_locked(username=admin.username, browser="")


def test_a_password_log_in_keeps_nothing_of_a_card(
    client: PortalClient, care_identity: OpenIDProvider, admin: User
) -> None:
    """Threat: the card of the person before counts as the second step of the next person."""
    come_by(client, care_identity)
    assert client.get("/admin/").status_code == 200
    PhoneApp.of(admin)
    log_in(client, admin)
    assert proofs.KEY not in client.session
    assert client.get("/admin/").status_code == 302
    assert not is_in(client)


def test_a_password_that_must_be_changed_must_be_after_a_card_too(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: the flag is lost by coming another way, and the password that the helpdesk distrusts works on."""
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    come_by(client, care_identity)
    assert is_in(client)
    client.post("/log-out/")
    assert log_in(client, user).headers["Location"] == "/log-in/change-password/"
    assert not is_in(client)


def test_who_shows_another_card_again_is_that_cards_person(
    client: PortalClient, care_identity: OpenIDProvider, user: User
) -> None:
    """Threat: the proof of one person is put into the session of another."""
    somebody = make_user()
    log_in(client, somebody)
    begun = press(client, path="/care-identity/again/", next="/internet-access/")
    bring_back(client, care_identity.visit(begun))
    assert client.get("/my-esr/").context["person"] == user
    assert Session.objects.get(user_id__isnull=False).user_id == user.pk


def test_a_choice_is_not_offered_where_care_identity_is_no_longer(
    client: PortalClient, care_identity: OpenIDProvider, user: User, elsewhere: User, settings: Any
) -> None:
    """Threat: the operator switches it off because it is not to be trusted, and what it said before still opens."""
    to_the_choice(client, care_identity)
    settings.CARE_IDENTITY_DISCOVERY_URL = ""
    assert choose(client, user).status_code == 404
    assert client.post(START).status_code == 404
    assert not is_in(client)
