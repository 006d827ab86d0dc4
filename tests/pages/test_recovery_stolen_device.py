"""A tick behind the mailed link: a device with passkeys may have been stolen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import second_step
from accounts.services.second_step import recovery_codes
from tests.support import passkeys
from tests.support.care_identity import let_apps_in, link
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient, log_in, send

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

TICK = "may have been stolen: stop my passkeys"


def recover(client: PortalClient, user: User, **ticked: str) -> None:
    """Set a new password by a mailed link, with recovery codes at home."""
    recovery_codes.make(user=user)
    page = open_link(client, user)
    assert TICK in client.get(page).text
    assert send(client, page, {"new_password": NEW_PASSWORD, **ticked}).status_code == 302


def test_it_is_asked_of_people_with_passkeys_alone(client: PortalClient, user: User) -> None:
    assert TICK not in client.get(open_link(client, user)).text


def test_it_is_not_asked_where_the_passkeys_are_the_only_second_step(client: PortalClient, settings: Settings) -> None:
    """Threat: a thief of the mailbox ticks it, and the owner is locked out with their passkey in their hand."""
    user = make_user()
    authenticator, _ = passkeys.registered(user)
    page = open_link(client, user)
    assert TICK not in client.get(page).text
    assert send(client, page, {"new_password": NEW_PASSWORD, "stop_passkeys": "on"}).status_code == 302
    assert passkeys.log_in_with(PortalClient(), authenticator)["Location"] == "/my-esr/"
    # A Care Identity is a way where the portal is connected to it, and where it counts as both steps.
    link(user)
    assert TICK not in client.get(open_link(client, user)).text
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"
    assert TICK in client.get(open_link(client, user)).text
    let_apps_in(user)
    assert TICK not in client.get(open_link(client, user)).text
    user.refresh_from_db()
    recovery_codes.make(user=user)
    assert TICK in client.get(open_link(client, user)).text


def test_without_the_tick_a_recovery_leaves_passkeys_as_they_are(
    client: PortalClient, other_client: PortalClient, user: User
) -> None:
    authenticator, _ = passkeys.registered(user)
    recover(client, user)
    assert passkeys.log_in_with(other_client, authenticator)["Location"] == "/my-esr/"
    assert not OutboxMessage.objects.filter(kind=Kind.SECOND_STEP_REMOVED).exists()


def test_with_it_they_open_nothing_any_more_and_the_person_is_told(
    client: PortalClient, other_client: PortalClient, user: User
) -> None:
    authenticator, _ = passkeys.registered(user)
    recover(client, user, stop_passkeys="on")
    passkeys.log_in_with(other_client, authenticator)
    assert not other_client.session.get("_auth_user_id")
    (told,) = OutboxMessage.objects.filter(kind=Kind.SECOND_STEP_REMOVED)
    assert (told.about["users"], told.about["what"]) == ([user.pk], "stopped_passkeys")


def test_what_they_protected_they_protect_still(client: PortalClient, user: User) -> None:
    """Threat: a thief of the mailbox recovers the password, and ticks away the second step that keeps them out."""
    passkeys.registered(user)
    recover(client, user, stop_passkeys="on")
    assert second_step.is_set_up(user=user)
    assert log_in(client, user, NEW_PASSWORD)["Location"] == "/log-in/second-step/"
