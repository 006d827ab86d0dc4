"""services/recovery/links.py: links are made when their mail is sent, and used once."""

from __future__ import annotations

import base64
import datetime
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import Lockout, OutboxMessage, RecoveryLink, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.models.session import Session
from accounts.services import lockout, password_policy, recovery
from accounts.services.recovery import LinkUnusable
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import link_token
from tests.support.steps import PortalClient, log_in
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


def mint(user: User, message_id: uuid.UUID | None = None) -> str:
    return link_token(user, message_id=message_id)


def why_unusable(token: str) -> str:
    with pytest.raises(LinkUnusable) as refused:
        recovery.link_for(token=token)
    return refused.value.reason


def use(token: str, password: str = NEW_PASSWORD) -> User:
    return recovery.use(link_id=recovery.link_for(token=token).pk, password=password)


def test_a_token_has_256_bits_and_the_database_does_not_know_it() -> None:
    token = mint(make_user())
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    row = RecoveryLink.objects.values().get()
    assert all(token not in str(value) for value in row.values())


def test_the_same_mail_sent_again_carries_the_same_link_for_another_hour(travel: Travel) -> None:
    user, message_id = make_user(), uuid.uuid4()
    token = mint(user, message_id)
    travel(minutes=50)
    assert mint(user, message_id) == token
    travel(minutes=50)
    assert recovery.link_for(token=token).user == user


def test_different_mails_and_different_people_have_different_links() -> None:
    one, other, message_id = make_user(), make_user(), uuid.uuid4()
    assert len({mint(one, message_id), mint(other, message_id), mint(one)}) == 3


def test_links_depend_on_the_secret_key(settings: Settings) -> None:
    user, message_id = make_user(), uuid.uuid4()
    token = mint(user, message_id)
    settings.SECRET_KEY = "another key for tests alone, 0123456789 abcdefghijkl"
    assert mint(user, message_id) != token


def test_a_link_works_for_sixty_minutes(travel: Travel) -> None:
    token = mint(make_user())
    travel(minutes=59, seconds=50)
    recovery.link_for(token=token)
    travel(seconds=20)
    assert why_unusable(token) == "expired"


def test_the_newest_link_kills_the_older_ones_of_that_person_alone() -> None:
    user, other = make_user(), make_user()
    older, others, newest = mint(user), mint(other), mint(user)
    assert why_unusable(older) == "unknown"
    recovery.link_for(token=newest)
    recovery.link_for(token=others)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "%00", "\0", "☃", "\ud800", "x" * 100_000])
def test_a_mistyped_link_does_not_work(token: str) -> None:
    mint(make_user())
    assert why_unusable(token) == "unknown"


def change_password(user: User) -> None:
    password_policy.set_password(user=user, password="harbour velvet biscuit")


def change_email(user: User) -> None:
    User.objects.filter(pk=user.pk).update(email="elsewhere@nhs.net")


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def end(user: User) -> None:
    User.objects.filter(pk=user.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))


def make_care_identity_only(user: User) -> None:
    User.objects.filter(pk=user.pk).update(care_identity_only=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_password, "password_changed"),
        (change_email, "email_changed"),
        (deactivate, "no_link"),
        (end, "no_link"),
        (make_care_identity_only, "no_link"),
    ],
)
def test_a_link_dies_when_its_person_changes(change: Callable[[User], None], reason: str) -> None:
    user = make_user()
    link = recovery.link_for(token=mint(user))
    change(user)
    password = User.objects.get(pk=user.pk).password
    with pytest.raises(LinkUnusable) as refused:
        recovery.use(link_id=link.pk, password=NEW_PASSWORD)
    assert refused.value.reason == reason
    assert User.objects.get(pk=user.pk).password == password


def test_sending_an_old_mail_again_does_not_bring_a_dead_link_back_to_life() -> None:
    """Threat: a worker killed after sending repeats a mail whose link was used, or whose person has changed since."""
    used_by, changed, message_id = make_user(), make_user(), uuid.uuid4()
    used, dead = mint(used_by, message_id), mint(changed, message_id)
    use(used)
    change_password(changed)
    for user, reason in ((used_by, "used"), (changed, "password_changed")):
        with pytest.raises(LinkUnusable) as refused:
            mint(user, message_id)
        assert refused.value.reason == reason
    assert why_unusable(used) == "used"
    assert why_unusable(dead) == "password_changed"


def test_using_a_link_sets_the_password_and_tells_the_person() -> None:
    user = make_user(must_change_password=True)
    used_by = use(mint(user))
    user.refresh_from_db()
    assert used_by == user
    assert user.check_password(NEW_PASSWORD)
    assert not user.must_change_password
    assert user.password_changed_at is not None
    event = SecurityEvent.objects.get(event=Event.PASSWORD_CHANGED)
    assert OutboxMessage.objects.get(kind=Kind.PASSWORD_CHANGED).about == {"users": [user.pk], "event": event.pk}
    happened = list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", flat=True))
    assert happened == [Event.RECOVERY_LINK_USED, Event.PASSWORD_CHANGED]


def test_somebody_who_never_had_a_password_gets_one() -> None:
    user = make_user(password=None)
    use(mint(user))
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_using_a_link_unlocks_every_browser() -> None:
    user = make_user()
    for browser in ("", "known"):
        for _ in range(lockout.LIMIT):
            lockout.record_failure(username=user.username, browser=browser)
    use(mint(user))
    assert not Lockout.objects.exists()
    assert SecurityEvent.objects.filter(event=Event.UNLOCKED, user=user, by=None).count() == 1


def test_using_a_link_ends_every_session_of_that_person_alone(client: PortalClient, other_client: PortalClient) -> None:
    user, other = make_user(), make_user()
    log_in(client, user)
    log_in(other_client, other)
    use(mint(user))
    assert list(Session.objects.exclude(user_id=None).values_list("user_id", flat=True)) == [other.pk]


def test_a_link_works_once() -> None:
    token = mint(make_user())
    use(token)
    assert why_unusable(token) == "used"


@pytest.mark.parametrize("password", ["short", "password1234", PASSWORD])
def test_a_password_that_breaks_the_rules_changes_nothing_and_leaves_the_link_usable(password: str) -> None:
    user = make_user()
    token = mint(user)
    before = User.objects.values().get(pk=user.pk)
    with pytest.raises(password_policy.PasswordRefused):
        use(token, password)
    assert User.objects.values().get(pk=user.pk) == before
    assert not OutboxMessage.objects.exists()
    use(token)


def test_the_link_of_a_new_admin_is_built_from_the_configured_origin() -> None:
    user = make_user(password=None, is_staff=True)
    address = recovery.new_link_for_admin(user=user)
    origin, _, token = address.rstrip("/").rpartition("/recovery/link/")
    assert origin == "https://esr.example.nhs.uk"
    assert recovery.link_for(token=token).user == user


def test_links_that_ended_long_ago_are_deleted(travel: Travel) -> None:
    token = mint(make_user())
    travel(days=30)
    assert recovery.delete_expired_links() == 0
    travel(hours=2)
    assert recovery.delete_expired_links() == 1
    assert why_unusable(token) == "unknown"
