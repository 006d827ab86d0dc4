"""“This was not me”: what becomes of an account in each of its three states.

The table is that of docs/decisions/0041-this-was-not-me.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from accounts.log_in_under_way import LogInUnderWay
from accounts.models import Authenticator, Organisation, OutboxMessage, RememberedBrowser, SecurityEvent, Session, User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import (
    freezing,
    last_check,
    lockout,
    log_in,
    password_change,
    password_policy,
    recovery,
    second_step,
)
from accounts.services.freezing import LinkUnusable
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, smartcard
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.freezing import not_me_token, recover
from tests.support.helpdesk import make_agent
from tests.support.links import link_token
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

THIRD = "pebble saffron window"
UNFROZEN, FROZEN, RECOVERED = "not frozen", "frozen", "new password, second step still to come"
REFUSED = "refused"


def state(user: User) -> str:
    now = User.objects.get(pk=user.pk)
    if now.password_frozen_at is None:
        return UNFROZEN
    return FROZEN if now.password_is_frozen() else RECOVERED


def person_in(wanted: str) -> User:
    user = link(make_user())
    if wanted != UNFROZEN:
        freezing.freeze(user=user)
    if wanted == RECOVERED:
        recover(user)
    user.refresh_from_db()
    assert state(user) == wanted
    return user


def pressed_in_my_esr(user: User) -> None:
    freezing.freeze(user=user)


def pressed_in_a_mail_of_now(user: User) -> None:
    freezing.use(link=freezing.read(token=not_me_token(user)))


def new_password_by_email(user: User) -> None:
    recover(user, THIRD)


def new_password_by_smartcard(user: User) -> None:
    password_change.change_after_care_identity(user=user, proof=smartcard(), new_password=THIRD, session_key=None)


def new_password_by_the_current_one(user: User) -> None:
    current = NEW_PASSWORD if state(user) == RECOVERED else PASSWORD
    password_change.change(user=user, current_password=current, new_password=THIRD, browser="", session_key=None)


def logged_in(user: User) -> None:
    """The end of a log-in by password, passkey or Care Identity: where it came so far, the last check let it."""
    freezing.lift(user=user)


def unlocked_by_the_helpdesk(user: User) -> None:
    lockout.record_failure(username=user.username)
    lockout.unlock(user=user, by=make_agent())


TABLE: dict[Callable[[User], None], tuple[str, str, str]] = {
    #                                  not frozen   frozen     recovered
    pressed_in_my_esr: (FROZEN, FROZEN, FROZEN),
    pressed_in_a_mail_of_now: (FROZEN, REFUSED, FROZEN),
    new_password_by_email: (UNFROZEN, RECOVERED, RECOVERED),
    new_password_by_smartcard: (UNFROZEN, UNFROZEN, UNFROZEN),
    new_password_by_the_current_one: (UNFROZEN, REFUSED, RECOVERED),
    logged_in: (UNFROZEN, FROZEN, UNFROZEN),
    unlocked_by_the_helpdesk: (UNFROZEN, FROZEN, RECOVERED),
}
ROWS = [
    (event, before, after)
    for event, row in TABLE.items()
    for before, after in zip((UNFROZEN, FROZEN, RECOVERED), row, strict=True)
]


@pytest.mark.parametrize(("event", "before", "after"), ROWS, ids=lambda value: getattr(value, "__name__", value))
def test_what_becomes_of_each_state(event: Callable[[User], None], before: str, after: str, travel: Travel) -> None:
    user = person_in(before)
    travel(seconds=1)
    if after == REFUSED:
        with pytest.raises((LinkUnusable, password_change.CurrentPasswordRefused)):
            event(user)
        assert state(user) == before
        return
    event(user)
    assert state(user) == after
    lifted = SecurityEvent.objects.filter(user=user, event=Event.UNFROZEN).count()
    assert lifted == (before != UNFROZEN and after == UNFROZEN)


# Whether the password of now gets a log-in past its first page, and past the last check when it was begun before.
@pytest.mark.parametrize(
    ("wanted", "lets_in", "needs_second_step"),
    [(UNFROZEN, True, False), (FROZEN, False, True), (RECOVERED, True, True)],
)
def test_what_a_right_password_is_worth(wanted: str, lets_in: bool, needs_second_step: bool) -> None:
    user = person_in(wanted)
    password = NEW_PASSWORD if wanted == RECOVERED else PASSWORD
    assert (log_in.check_password(username=user.username, password=password).user is not None) is lets_in
    assert second_step.is_needed(user=user) is needs_second_step
    reasons = SecurityEvent.objects.filter(user=user, event=Event.LOG_IN_FAILED).values_list("reason", flat=True)
    assert list(reasons) == ([] if lets_in else ["frozen"])


def app_of(user: User) -> str:
    """Return what a session knows the app of a person by, which is set up where there is none."""
    PhoneApp.of(user)
    return str(Authenticator.objects.get(user=user).persistent_id)


@pytest.mark.parametrize("policy", [SecondStepPolicy.OPTIONAL, SecondStepPolicy.OFF])
@pytest.mark.parametrize("set_up", [True, False])
def test_the_second_step_comes_after_recovery_unless_there_can_be_none(policy: SecondStepPolicy, set_up: bool) -> None:
    user = person_in(RECOVERED)
    Organisation.objects.update(second_step=policy)
    if set_up:
        PhoneApp.of(user)
    user = User.objects.select_related("organisation").get(pk=user.pk)
    needed = set_up or policy != SecondStepPolicy.OFF
    assert second_step.is_needed(user=user) is needed
    under_way = LogInUnderWay(password_fingerprint=log_in.fingerprint(user))
    assert last_check.may_finish(user=user, under_way=under_way) is not needed
    passed = dataclasses.replace(under_way, second_step=app_of(user))
    assert last_check.may_finish(user=user, under_way=passed)


def test_log_ins_under_way_end_whichever_way_in_they_take() -> None:
    user = person_in(UNFROZEN)
    by_password = LogInUnderWay(password_fingerprint=log_in.fingerprint(user), second_step=app_of(user))
    by_smartcard = dataclasses.replace(by_password, proof=smartcard())
    assert last_check.may_finish(user=user, under_way=by_password)
    freezing.freeze(user=user)
    now = User.objects.get(pk=user.pk)
    for under_way in (by_password, by_smartcard):
        assert not last_check.may_finish(user=now, under_way=under_way)
    # One that began after it, as two requests at the same moment may have it.
    begun_since = dataclasses.replace(by_password, password_fingerprint=log_in.fingerprint(now))
    assert not last_check.may_finish(user=now, under_way=begun_since)
    assert last_check.may_finish(user=now, under_way=dataclasses.replace(begun_since, proof=smartcard()))
    assert set(SecurityEvent.objects.filter(event=Event.LOG_IN_REFUSED).values_list("reason", flat=True)) == {
        "password_frozen",
        "password_changed",
    }


def test_it_ends_sessions_and_remembered_browsers_and_tells_the_person_and_the_contact() -> None:
    user, other = make_user(), make_user()
    for number, whose in enumerate((user, user, other)):
        Session.objects.create(session_key=f"k{number}", user_id=whose.pk, expire_date="2040-01-01T00:00:00Z")
        RememberedBrowser.objects.create(user=whose, series=f"s{number}")
    freezing.freeze(user=user)
    assert list(Session.objects.values_list("user_id", flat=True)) == [other.pk]
    assert list(RememberedBrowser.objects.values_list("user_id", flat=True)) == [other.pk]
    frozen = SecurityEvent.objects.get(event=Event.FROZEN)
    assert (frozen.user_id, frozen.reason) == (user.pk, "my_esr")
    mails = OutboxMessage.objects.filter(kind__in=[Kind.FROZEN, Kind.FROZEN_FOR_CONTACT])
    assert [mail.about for mail in mails] == [{"users": [user.pk], "event": frozen.pk}] * 2


def test_a_change_that_was_begun_before_the_freeze_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: the thief's new password is being hashed while the owner stops the account, and then counts as new."""
    user = make_user()
    hash_allowed = password_policy.hash_allowed

    def frozen_meanwhile(**what: Any) -> str:
        freezing.freeze(user=user)
        return hash_allowed(**what)

    monkeypatch.setattr(password_policy, "hash_allowed", frozen_meanwhile)
    with pytest.raises(password_change.ChangedMeanwhile):
        new_password_by_the_current_one(user)
    assert state(user) == FROZEN


def test_recovery_links_of_before_end_with_the_freeze() -> None:
    """Threat: a thief with the mailbox has asked for one already."""
    user = make_user()
    token = link_token(user)
    freezing.freeze(user=user)
    with pytest.raises(recovery.LinkUnusable):
        recovery.link_for(token=token)


def test_a_person_without_a_password_who_is_frozen_needs_a_second_step_with_their_first_one() -> None:
    user = make_user(password=None)
    freezing.freeze(user=user)
    recover(user)
    assert state(user) == RECOVERED
