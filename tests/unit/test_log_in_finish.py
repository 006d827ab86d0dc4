"""The last look before a log-in becomes a session: by password, and by Care Identity."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.log_in_under_way import LogInUnderWay
from accounts.models import CareIdentity, Organisation, SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.proof import Proof
from accounts.services import last_check, lockout, log_in
from tests.support.factories import make_user

pytestmark = pytest.mark.django_db

UID = "555000000101"


@pytest.fixture
def user() -> User:
    user = make_user()
    CareIdentity.objects.create(user=user, uid=UID)
    return user


def proof(**facts: Any) -> Proof:
    return Proof(
        **{
            "uid": UID,
            "level": 3,
            "methods": ("N3_SMARTCARD",),
            "authenticated_at": int(timezone.now().timestamp()),
            **facts,
        }
    )


def may_finish(user: User, by: Proof | None) -> bool:
    under_way = LogInUnderWay(password_fingerprint=log_in.fingerprint(user), proof=by)
    return last_check.may_finish(user=User.objects.get(pk=user.pk), under_way=under_way)


def refusals() -> list[str]:
    return list(SecurityEvent.objects.filter(event=Event.LOG_IN_REFUSED).values_list("reason", flat=True))


def lock(user: User) -> None:
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)


def test_whoever_care_identity_knows_may_finish(user: User) -> None:
    assert may_finish(user, proof())
    assert refusals() == []


def test_an_admin_at_level_three_needs_no_code_and_at_level_two_does(user: User) -> None:
    User.objects.filter(pk=user.pk).update(role=Role.AGENT)
    assert may_finish(user, proof())
    assert not may_finish(user, proof(level=2))
    assert not may_finish(user, None)
    assert refusals() == ["second_step", "second_step"]


def test_a_password_that_must_be_changed_holds_up_the_password_alone(user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    assert may_finish(user, proof())
    assert not may_finish(user, None)
    assert refusals() == ["must_change_password"]


def test_a_password_that_has_become_dormant_meanwhile_holds_up_the_password_alone(user: User) -> None:
    """The second step is shown on a page that may have been open at midnight, when the daily work was done."""
    User.objects.filter(pk=user.pk).update(dormant_since=timezone.now())
    assert may_finish(user, proof())
    assert not may_finish(user, None)
    assert refusals() == ["dormant"]


def test_a_lock_holds_up_the_password_alone(user: User) -> None:
    lock(user)
    assert may_finish(user, proof())
    assert not may_finish(user, None)
    assert refusals() == ["locked"]


def test_somebody_kept_out_is_kept_out_with_care_identity_too(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not may_finish(user, proof())
    assert refusals() == ["not_in_force"]


def test_a_care_identity_that_was_taken_off_the_record_meanwhile_lets_nobody_in(user: User) -> None:
    CareIdentity.objects.all().delete()
    assert not may_finish(user, proof())
    assert refusals() == ["care_identity_not_linked"]


def test_a_level_that_the_organisation_takes_no_longer_lets_nobody_in(user: User) -> None:
    Organisation.objects.update(care_identity_level=2)
    assert may_finish(user, proof(level=2))
    Organisation.objects.update(care_identity_level=3)
    assert not may_finish(user, proof(level=2))
    assert refusals() == ["level_below_organisations"]


def test_a_care_identity_of_somebody_else_lets_nobody_in(user: User) -> None:
    CareIdentity.objects.create(user=make_user(), uid="555000000999")
    assert not may_finish(user, proof(uid="555000000999"))


def test_care_identity_lifts_a_lock_and_a_password_does_not(user: User) -> None:
    lock(user)
    log_in.finish(user=user)
    assert lockout.is_locked(username=user.username)
    log_in.finish(user=user, proof=proof())
    assert not lockout.is_locked(username=user.username)
    assert SecurityEvent.objects.filter(event=Event.UNLOCKED, user=user).count() == 1


def test_the_event_says_that_care_identity_was_the_way_in(user: User) -> None:
    assert log_in.finish(user=user, proof=proof()).reason == "care_identity"
    assert log_in.finish(user=user).reason == ""
