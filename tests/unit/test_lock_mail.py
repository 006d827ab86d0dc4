"""The owner is told of a lock, at most once a day, and a stranger learns nothing by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import lock_mail, lockout, log_in, outbox
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.smtp import Inbox
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

Deliver = Callable[[], None]


@pytest.fixture(autouse=True)
def no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_in, "password_matches", lambda *_: False)
    monkeypatch.setattr(log_in, "_hash_of_no_person", lambda: "")


def lock(user: User | str, browser: str = "") -> None:
    for _ in range(lockout.LIMIT):
        log_in.check_password(
            username=user if isinstance(user, str) else user.username, password="a guess", browser=browser
        )


def test_the_owner_is_told_once_a_day(deliver_mail: Deliver, inbox: Inbox, travel: Travel) -> None:
    user = make_user()
    for number in range(5):
        lock(user, browser="b" * 64 if number == 3 else "")
        travel(minutes=16)
        deliver_mail()
    mail = inbox.only()
    assert mail.recipients == [user.email]
    assert mail.subject == "Your ESR username was locked"
    assert "The lock ends by itself after 15 minutes." in mail.text
    assert f"Username: {user.username}" in mail.text
    assert "Care Identity" not in mail.text
    inbox.clear()
    travel(hours=24)
    link(user)
    user.wrong_passwords_before = lockout.MOST_IN_A_ROW
    user.save()
    lock(user)
    deliver_mail()
    mail = inbox.only()
    assert "There were 100 wrong ones in a row by now." in mail.text
    assert "ends by itself" not in mail.text + mail.html
    assert "Logging in with your Care Identity unlocks it too." in mail.text


def test_every_name_leaves_the_same_row_which_goes_when_it_is_decided(deliver_mail: Deliver, inbox: Inbox) -> None:
    """Threat: the request, or what is left of it, is longer for a real name."""
    lock(make_user())
    lock("999NOBODY01")
    lock(make_user(is_active=False))
    lock(make_user(password=None))
    rows = list(OutboxMessage.objects.all())
    assert [row.kind for row in rows] == [Kind.DECIDE_LOCK_MAIL] * 4
    assert all(set(row.about) == {"event"} for row in rows)
    deliver_mail()
    assert [row.kind for row in OutboxMessage.objects.all()] == [Kind.LOCKED]
    assert len(inbox.mails) == 1, "who may not log in with a password is not told of a lock"


def test_what_no_worker_has_decided_goes_with_the_day(travel: Travel) -> None:
    lock("999NOBODY01")
    travel(hours=23)
    assert outbox.delete_done() == 0
    travel(hours=2)
    assert outbox.delete_done() == 1
    assert not OutboxMessage.objects.exists()


def test_decided_twice_it_tells_once(travel: Travel) -> None:
    """A worker that was killed lets another decide again."""
    user = make_user()
    lock(user)
    row = OutboxMessage.objects.get()
    travel(minutes=30)
    lock_mail.decide(event_id=row.about["event"])
    lock_mail.decide(event_id=row.about["event"])
    mail = OutboxMessage.objects.get(kind=Kind.LOCKED)
    assert mail.about == {"users": [user.pk], "event": row.about["event"]}
    assert mail.created_at == user.security_events.get(event="locked").at, "it says when the lock was"
    lock_mail.decide(event_id=0)


def test_slow_guesses_that_never_locked_are_told_when_they_are_used_up(travel: Travel) -> None:
    user = make_user(wrong_passwords_before=95)
    for _ in range(5):
        log_in.check_password(username=user.username, password="a guess")
    assert not OutboxMessage.objects.exists()
    travel(hours=24)
    lockout.delete_forgotten()
    assert OutboxMessage.objects.get().kind == Kind.DECIDE_LOCK_MAIL
