"""Threats to Manage Internet Access: what it gives is a way in from anywhere.

An attacker who gets it takes over an account for good, so it asks for a smartcard shown just now, at work.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.utils import timezone

from accounts import proof
from accounts.browser import about
from accounts.models import CareIdentity, OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import internet_access, password_change
from tests.support import steps
from tests.support.care_identity import (
    INSIDE,
    OUTSIDE,
    UID,
    an_app,
    let_apps_in,
    link,
    log_in_by_care_identity,
    smartcard,
    trust,
)
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db

ADDRESS, WITHDRAW, CHANGE = "/internet-access/", "/internet-access/withdraw/", "/change-password/"


@pytest.fixture
def user() -> User:
    """Return a person with a smartcard and a password, at an organisation that asks for internet access."""
    organisation = make_organisation(requires_internet_access=True)
    trust(organisation)
    return link(make_user(organisation=organisation))


def send(client: PortalClient, user: User, **typed: str) -> Any:
    """Send the form as its page would have it, whether the browser has opened that page or not."""
    shown = internet_access.email_digest(user=user)
    form = {"about": about.person(user), "email_shown": shown, "is_their_email": "yes", "new_password": NEW_PASSWORD}
    return client.post(ADDRESS, {**form, **typed})


def is_untouched(user: User) -> bool:
    """Return whether nothing was given, set or written down."""
    user.refresh_from_db()
    kinds = [Event.INTERNET_ACCESS_GRANTED, Event.INTERNET_ACCESS_WITHDRAWN, Event.PASSWORD_CHANGED]
    return (
        user.internet_access_since is None
        and user.check_password(PASSWORD)
        and not SecurityEvent.objects.filter(event__in=kinds).exists()
        and not OutboxMessage.objects.exists()
    )


def test_a_stolen_password_gives_no_internet_access(client: PortalClient, user: User) -> None:
    """Threat: an attacker who knows the password makes it work from home, at a computer of the organisation."""
    log_in(client, user)
    assert send(client, user).status_code == 200
    assert is_untouched(user)


def test_an_app_gives_none(client: PortalClient, user: User) -> None:
    """Threat: a password and a code, which can be talked out of a person, stand for the card."""
    log_in_by_care_identity(client, let_apps_in(user), an_app())
    send(client, user)
    steps.send(client, CHANGE, {"new_password": NEW_PASSWORD})
    assert is_untouched(user)


def test_a_stolen_session_gives_none_elsewhere(client: PortalClient, user: User) -> None:
    """Threat: the cookie of a session that began with the card is used outside."""
    log_in_by_care_identity(client, user)
    thief = PortalClient()
    thief.cookies = SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()})
    thief.defaults["REMOTE_ADDR"] = OUTSIDE
    send(thief, user)
    assert is_untouched(user)


def test_the_network_of_another_organisation_gives_none(client: PortalClient) -> None:
    """Threat: an organisation that trusts half of the internet opens a way into the others."""
    trust(make_organisation(code="998", name="Southern Care"))
    person = link(make_user(organisation=make_organisation(requires_internet_access=True)))
    log_in_by_care_identity(client, person)
    send(client, person)
    assert is_untouched(person)


@pytest.mark.parametrize("path", [ADDRESS, WITHDRAW, CHANGE])
def test_the_next_person_at_the_pc_finds_the_card_gone_stale(
    client: PortalClient, user: User, path: str, travel: Any
) -> None:
    """Threat: a session left open on the ward, kept alive by the next person at the PC."""
    log_in_by_care_identity(client, user)
    for _ in range(2):
        travel(minutes=8)
        steps.stay_logged_in(client, user)
    client.post(path, {"about": about.person(user), "new_password": NEW_PASSWORD, "is_their_email": "yes"})
    assert is_untouched(user)


def test_a_card_that_is_no_longer_theirs_gives_none(client: PortalClient, user: User) -> None:
    """Threat: the helpdesk unlinks a wrong Care Identity, whose owner has the page open."""
    log_in_by_care_identity(client, user)
    CareIdentity.objects.filter(user=user).update(uid="555000000998")
    send(client, user)
    steps.send(client, CHANGE, {"new_password": NEW_PASSWORD})
    assert is_untouched(user)


def test_a_proof_put_into_the_session_of_another_gives_none(client: PortalClient, user: User) -> None:
    """Threat: a mistake of ours mixes two people in one browser. The proof says whose it is."""
    other = link(make_user(organisation=user.organisation), "555000000998")
    log_in(client, other)
    store = client.session
    store[proof.KEY] = smartcard(uid=UID).as_dict()
    store.save()
    send(client, other)
    steps.send(client, CHANGE, {"new_password": NEW_PASSWORD})
    assert is_untouched(other)


def test_a_form_is_for_whoever_is_logged_in(client: PortalClient, user: User) -> None:
    """Threat: Back shows the form of the person before, and sends it in the session of the next one."""
    other = link(make_user(organisation=user.organisation))
    log_in_by_care_identity(client, other)
    answer = send(client, user)
    assert (answer.status_code, "This page is out of date" in answer.text) == (409, True)
    assert is_untouched(user)
    assert is_untouched(other)


def test_neither_form_is_taken_from_elsewhere(csrf_client: PortalClient, user: User) -> None:
    """Threat: a page elsewhere sets the password of the person who looks at it."""
    log_in_by_care_identity(csrf_client, user)
    assert send(csrf_client, user).status_code == 403
    assert csrf_client.post(WITHDRAW).status_code == 403
    assert is_untouched(user)


def test_nothing_is_withdrawn_by_a_link(client: PortalClient, user: User) -> None:
    """Threat: a picture on another page with the address of the withdrawal."""
    internet_access.grant_by_helpdesk(user=user, by=make_user())
    log_in_by_care_identity(client, user)
    client.get(WITHDRAW)
    user.refresh_from_db()
    assert user.internet_access_since


@pytest.mark.parametrize(("proved", "where"), [(None, INSIDE), (smartcard(minutes_ago=30), INSIDE)])
def test_the_history_of_passwords_is_not_for_whoever_has_shown_nothing(
    user: User, proved: proof.Proof | None, where: str
) -> None:
    """Threat: passwords are tried in the box for the new one, and "used before" tells which is the current one."""
    with pytest.raises(internet_access.NotProven):
        internet_access.grant(
            user=user,
            proof=proved,
            address=where,
            confirmed_email=internet_access.email_digest(user=user),
            password=PASSWORD,
            keep_session=None,
        )
    with pytest.raises(password_change.CurrentPasswordNeeded):
        password_change.change_after_care_identity(user=user, proof=proved, new_password=PASSWORD, session_key=None)


def test_the_first_password_is_not_set_where_only_a_new_one_is(user: User) -> None:
    """Threat: the page for changing a password, which asks for no network, gives a first one from anywhere."""
    nobody_yet = link(make_user(organisation=user.organisation, password=None))
    with pytest.raises(password_change.NoPassword):
        password_change.change_after_care_identity(
            user=nobody_yet, proof=smartcard(), new_password=NEW_PASSWORD, session_key=None
        )


def test_somebody_dismissed_meanwhile_gets_none(user: User) -> None:
    """Threat: the last click of a leaver makes a way in for later."""
    User.objects.filter(pk=user.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    with pytest.raises(internet_access.ChangedMeanwhile):
        grant(user)()
    with pytest.raises(password_change.ChangedMeanwhile):
        password_change.change_after_care_identity(
            user=user, proof=smartcard(), new_password=NEW_PASSWORD, session_key=None
        )


def test_what_is_given_is_no_way_round_the_second_step(client: PortalClient, user: User) -> None:
    """Threat: a helpdesk agent's new password opens the admin without a code."""
    User.objects.filter(pk=user.pk).update(role=Role.AGENT)
    log_in_by_care_identity(client, user)
    send(client, user)
    away = PortalClient()
    away.defaults["REMOTE_ADDR"] = OUTSIDE
    assert "/second-step/" in log_in(away, user, NEW_PASSWORD)["Location"]


def test_nothing_that_is_typed_or_proved_is_written_down(
    client: PortalClient, user: User, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: a reader of the log or the outbox learns a password, an address or a Care Identity."""
    log_in_by_care_identity(client, user)
    send(client, user)
    message = OutboxMessage.objects.get(kind=Kind.INTERNET_ACCESS_GRANTED)
    written = caplog.text + str(message.about) + str(list(SecurityEvent.objects.values()))
    for secret in (NEW_PASSWORD, user.email, UID):
        assert secret not in written


def grant(user: User, password: str = NEW_PASSWORD) -> Callable[[], Any]:
    """Return a call that gives `user` internet access, with all that it asks for."""
    return lambda: internet_access.grant(
        user=user,
        proof=smartcard(),
        address=INSIDE,
        confirmed_email=internet_access.email_digest(user=user),
        password=password,
        keep_session=None,
    )
