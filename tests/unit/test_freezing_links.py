"""The links of mails by which a person says that something was not them: which work, for how long, and how often."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import OutboxMessage, User
from accounts.services import freezing, internet_access, log_in, password_change
from accounts.services.freezing import LinkUnusable
from tests.support.care_identity import link, smartcard, trust
from tests.support.factories import make_user
from tests.support.freezing import mail_about, not_me_path, not_me_token, recover
from tests.support.travel import Travel
from tests.unit.test_freezing import (
    FROZEN,
    RECOVERED,
    THIRD,
    UNFROZEN,
    new_password_by_email,
    new_password_by_smartcard,
    new_password_by_the_current_one,
    pressed_in_a_mail_of_now,
    pressed_in_my_esr,
    state,
)

pytestmark = pytest.mark.django_db


def refused(token: str) -> str:
    with pytest.raises(LinkUnusable) as unusable:
        freezing.read(token=token)
    return unusable.value.reason


def test_opening_a_link_does_nothing_and_it_works_for_seven_days(travel: Travel) -> None:
    user = make_user()
    token = not_me_token(user)
    travel(days=6, hours=23)
    assert freezing.whose(link=freezing.read(token=token)) == user
    assert state(user) == UNFROZEN
    travel(hours=2)
    assert refused(token) == "expired"


def test_a_link_works_while_a_new_secret_key_takes_the_place_of_the_old(settings: Settings) -> None:
    user = make_user()
    token = not_me_token(user)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key"
    with pytest.raises(LinkUnusable):
        freezing.read(token=token)
    settings.SECRET_KEY_FALLBACKS = ["older-still", old]
    assert freezing.whose(link=freezing.read(token=token)) == user
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(LinkUnusable):
        freezing.read(token=token)


def test_a_mail_that_is_sent_again_carries_the_same_link_and_one_that_was_held_up_too_long_none(travel: Travel) -> None:
    user = make_user()
    mail = mail_about(user)
    first = not_me_path(user, mail=mail)
    travel(days=1)
    assert not_me_path(user, mail=mail) == first
    travel(days=6, minutes=1)
    assert not_me_path(user, mail=mail) == ""


def told_to_change_it_at_log_in(user: User) -> None:
    user.refresh_from_db()
    fingerprint = log_in.fingerprint(user)
    password_change.change_as_told(user=user, new_password=THIRD, password_fingerprint=fingerprint)


def given_internet_access(user: User) -> None:
    trust(user.organisation)
    internet_access.grant(
        user=user,
        proof=smartcard(),
        address="127.0.0.1",
        confirmed_email=internet_access.email_digest(user=user),
        password=THIRD,
        keep_session=None,
    )


@pytest.mark.parametrize("new_password", [new_password_by_the_current_one, told_to_change_it_at_log_in])
def test_a_thief_who_sets_a_password_by_the_current_one_ends_no_link(
    new_password: Callable[[User], None], travel: Travel
) -> None:
    """Threat: with the password alone, the thief outruns the owner's press by changing it again and again."""
    user = make_user()
    of_before = not_me_token(user)
    travel(seconds=1)
    new_password(user)
    freezing.use(link=freezing.read(token=of_before))
    assert state(user) == FROZEN


@pytest.mark.parametrize("new_password", [new_password_by_email, new_password_by_smartcard, given_internet_access])
def test_a_password_set_by_more_than_the_current_one_ends_older_links_and_its_own_mail_has_one(
    new_password: Callable[[User], None], travel: Travel
) -> None:
    """The owner is back: no older mail stops them again. Where it was the thief, the mail that says so still does."""
    user = link(make_user())
    of_before, kept = not_me_token(user), mail_about(user)
    travel(seconds=1)
    new_password(user)
    assert refused(of_before) == "password_changed"
    assert refused(not_me_token(user, mail=kept)) == "password_changed"
    about_it = OutboxMessage.objects.exclude(pk=kept.pk).latest("created_at")
    freezing.use(link=freezing.read(token=not_me_token(user, mail=about_it)))
    assert state(user) == FROZEN


def test_no_link_of_before_the_freeze_works_after_it(travel: Travel) -> None:
    """A person who has just got back in is not stopped again by an older mail; one without a password neither."""
    for user in (make_user(), make_user(password=None)):
        mails = [mail_about(user), mail_about(user)]
        tokens = [not_me_token(user, mail=mail) for mail in mails]
        link_of_first = freezing.read(token=tokens[0])
        freezing.use(link=link_of_first)
        assert [refused(token) for token in tokens] == ["frozen", "frozen"]
        with pytest.raises(LinkUnusable):
            freezing.use(link=link_of_first)
        assert not_me_path(user) == ""
        # As the rule alone that says so of a password that stayed the same.
        User.objects.filter(pk=user.pk).update(password_frozen_at=None)
        assert [refused(token) for token in tokens] == ["frozen", "frozen"]
        travel(seconds=1)
        assert freezing.read(token=not_me_token(user))


def test_at_most_three_a_day_are_used_by_mail_and_my_esr_goes_on(travel: Travel) -> None:
    """Threat: a thief of the mailbox, who recovers the account as well, stops it again and again."""
    user = make_user()
    for number in range(freezing.BY_MAIL_A_DAY):
        pressed_in_a_mail_of_now(user)
        recover(user, f"pebble saffron window {'abc'[number]} lantern")
        travel(seconds=1)
    with pytest.raises(LinkUnusable, match="too_many"):
        pressed_in_a_mail_of_now(user)
    assert state(user) == RECOVERED
    pressed_in_my_esr(user)
    assert state(user) == FROZEN
    recover(user, THIRD)
    travel(days=1)
    pressed_in_a_mail_of_now(user)


def test_a_token_that_is_not_ours_or_of_another_person_is_none() -> None:
    user, other = make_user(), make_user()
    token = not_me_token(user)
    for wrong in (
        token[:-1],
        token.swapcase(),
        "A" * 60,
        "_" * 60,
        token[:20],
        "",
        f"{token[:-1]}{'BA'[token[-1] == 'B']}",
    ):
        assert refused(wrong) == "unknown"
    link_of_theirs = freezing.read(token=token)
    for changed in (
        dataclasses.replace(link_of_theirs, user_id=other.pk),
        dataclasses.replace(link_of_theirs, user_id=2**47),
        dataclasses.replace(link_of_theirs, made_at=link_of_theirs.made_at + 1),
        dataclasses.replace(link_of_theirs, message_id=str(uuid.uuid4())),
    ):
        with pytest.raises(LinkUnusable, match="unknown"):
            freezing.use(link=changed)
    assert (state(user), state(other)) == (UNFROZEN, UNFROZEN)


def test_an_account_that_is_not_in_force_has_no_link() -> None:
    user = make_user()
    token = not_me_token(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not_me_path(user) == ""
    assert refused(token) == "not_in_force"
