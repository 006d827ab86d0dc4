"""What fails on our side is not counted as a wrong try, and a stranger learns nothing by it.

Threat: an outage locks thousands of people who typed the right password; or what is done about it tells which names are
real, or lets a guesser go on without being counted.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.hashers import CannotHash
from accounts.models import Lockout, RecoveryRequest, SecondStepRecord, SecurityEvent, User
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import caller_checks, lockout, log_in, our_faults, recovery, second_step
from accounts.services.second_step import recovery_codes
from tests.support.authenticator import PhoneApp
from tests.support.factories import DATE_OF_BIRTH, NEW_PASSWORD, PASSWORD, make_user
from tests.support.helpdesk import make_agent
from tests.support.steps import PortalClient, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import Settings

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

WRONG = "not the password"
MADE_UP = "999NOBODY01"


@contextmanager
def failing(*fragments: str) -> Iterator[None]:
    """Let each statement fail that has one of these in it, as where the database goes away."""

    def execute(run: Any, sql: str, *rest: Any) -> Any:
        if any(fragment in sql for fragment in fragments):
            raise OperationalError("the server closed the connection unexpectedly")
        return run(sql, *rest)

    with connection.execute_wrapper(execute):
        yield


def tries_of(username: str) -> tuple[int, int]:
    row = Lockout.objects.filter(username_digest=lockout.username_digest(username)).first()
    return (row.failures, row.in_a_row) if row else (0, 0)


def test_two_threads_that_settle_at_once_raise_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The morning after an outage the other thread takes the last of what is owed."""
    one = our_faults._Try("digest", "", timezone.now())
    our_faults._owed.extend([one, one, one])
    taken = []

    def take(owed: our_faults._Try) -> bool:
        taken.append(owed)
        our_faults._owed.clear()
        return True

    monkeypatch.setattr(our_faults, "_is_taken_back", take)
    our_faults.settle()
    assert len(taken) == 1
    our_faults.settle()
    assert len(taken) == 1


PEOPLE = 'FROM "accounts_user"'


@pytest.mark.parametrize("real", [True, False], ids=["real", "unknown"])
def test_no_try_counts_where_the_database_fails_before_the_password_was_looked_at(real: bool) -> None:
    username = make_user().username if real else MADE_UP
    log_in.check_password(username=username, password=WRONG)
    for _ in range(3 * lockout.LIMIT):
        with failing(PEOPLE), pytest.raises(OperationalError):
            log_in.check_password(username=username, password=PASSWORD)
    assert tries_of(username) == (1, 1)


def test_the_tenth_try_locks_nobody_where_it_is_ours_that_fails() -> None:
    user = make_user()
    for _ in range(lockout.LIMIT - 1):
        log_in.check_password(username=user.username, password=WRONG)
    with failing(PEOPLE), pytest.raises(OperationalError):
        log_in.check_password(username=user.username, password=PASSWORD)
    assert not lockout.is_locked(username=user.username)
    assert log_in.check_password(username=user.username, password=PASSWORD).user == user


def test_a_right_password_does_not_count_where_what_follows_it_fails() -> None:
    user = make_user()
    with failing('DELETE FROM "accounts_lockout"'), pytest.raises(OperationalError):
        log_in.check_password(username=user.username, password=PASSWORD)
    assert tries_of(user.username) == (0, 0)


def test_a_wrong_password_stays_counted_where_what_follows_it_fails() -> None:
    """Threat: a guesser who can make the database fail after a password was compared guesses without end."""
    for username in (make_user().username, MADE_UP):
        with failing('INSERT INTO "accounts_securityevent"'), pytest.raises(OperationalError):
            log_in.check_password(username=username, password=WRONG)
        assert tries_of(username) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_taken_back_while_the_database_was_away_is_taken_back_by_a_later_try() -> None:
    user, other = make_user(), make_user()
    for _ in range(3):
        with failing(PEOPLE, 'UPDATE "accounts_lockout"'), pytest.raises(OperationalError):
            log_in.check_password(username=user.username, password=PASSWORD)
    assert tries_of(user.username) == (3, 3)
    log_in.check_password(username=other.username, password=WRONG)
    assert tries_of(user.username) == (0, 0)
    assert tries_of(other.username) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_late_takes_nothing_from_a_count_that_has_begun_since(travel: Travel) -> None:
    """Threat: one try more than ten for a guesser, for each that failed an hour ago."""
    user = make_user()
    with failing(PEOPLE, 'UPDATE "accounts_lockout"'), pytest.raises(OperationalError):
        log_in.check_password(username=user.username, password=PASSWORD)
    travel(minutes=16)
    with failing('UPDATE "accounts_lockout"'):
        log_in.check_password(username=user.username, password=WRONG)
    our_faults.settle()
    assert tries_of(user.username) == (1, 1)


def test_a_name_that_is_used_up_gets_no_try_back() -> None:
    """Threat: tries that fail together bring the count of a used-up name back below a hundred."""
    user = make_user()
    for _ in range(lockout.MOST_IN_A_ROW + 1):
        lockout.record_failure(username=user.username)
        Lockout.objects.update(failures=1, locked_at=None)
    with failing('FROM "accounts_user"'), pytest.raises(OperationalError):
        log_in.check_password(username=user.username, password=PASSWORD)
    assert tries_of(user.username)[1] == lockout.MOST_IN_A_ROW + 1


def test_no_try_counts_where_the_hash_cannot_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()

    def fail(*_: object) -> bool:
        raise CannotHash

    monkeypatch.setattr("accounts.services.log_in.password_matches", fail)
    for username in (user.username, MADE_UP):
        with pytest.raises(CannotHash):
            log_in.check_password(username=username, password=PASSWORD)
        assert tries_of(username) == (0, 0)


def test_the_page_says_that_it_is_us_in_the_same_bytes_for_a_real_and_a_made_up_name() -> None:
    answers = []
    for username in (make_user().username, MADE_UP):
        client = PortalClient()
        client.raise_request_exception = False
        client.get("/log-in/")
        with failing(PEOPLE):
            answer = send(client, "/log-in/", {"username": username, "password": PASSWORD})
        answers.append((answer.status_code, answer.content))
    assert answers[0] == answers[1]
    assert answers[0][0] == 503
    assert b"Try again in a few minutes" in answers[0][1]


@pytest.mark.parametrize("damaged", ["argon2$argon2id$v=19$m=8,t=1,p=1$c2Fsd", "pbkdf2_sha256$1$salt$aGFzaA=="])
def test_a_hash_that_cannot_be_read_is_answered_as_a_wrong_password_and_recorded_as_what_it_is(damaged: str) -> None:
    """Threat: an error page, or another answer, for a name whose row is damaged tells that the name is real."""
    user = make_user()
    User.objects.filter(pk=user.pk).update(password=damaged)
    assert log_in.check_password(username=user.username, password=PASSWORD).user is None
    log_in.check_password(username=MADE_UP, password=PASSWORD)
    reasons = SecurityEvent.objects.filter(event=Event.LOG_IN_FAILED).order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["unreadable_hash", "unknown_username"]
    assert tries_of(user.username) == tries_of(MADE_UP) == (1, 1)


def test_no_code_counts_where_the_database_fails_in_the_middle() -> None:
    user = make_user()
    app, [code, *_] = PhoneApp.of(user), recovery_codes.make(user=user)
    typed = recovery_codes.as_typed(code)
    assert typed is not None
    with failing('INSERT INTO "accounts_securityevent"'):
        with pytest.raises(OperationalError):
            second_step.check(user=user, code=app.code())
        with pytest.raises(OperationalError):
            recovery_codes.use(user=user, code=typed)
    assert not SecondStepRecord.objects.filter(wrong_in_a_row__gt=0).exists()
    assert second_step.check(user=user, code=app.code())
    assert recovery_codes.use(user=user, code=typed)


def test_no_code_counts_once_a_clock_that_was_ahead_is_right_again(travel: Travel) -> None:
    """No code can be right until the time comes at which the last one was used: it cannot be used twice."""
    user = make_user()
    app = PhoneApp.of(user)
    travel(minutes=30)
    assert second_step.check(user=user, code=app.code())
    travel.back()
    for _ in range(5):
        with pytest.raises(second_step.CannotBeChecked):
            second_step.check(user=user, code=app.code())
    assert not SecondStepRecord.objects.filter(wrong_in_a_row__gt=0).exists()
    travel(minutes=31)
    assert second_step.check(user=user, code=app.code())


def test_a_code_that_is_right_by_the_clock_of_the_database_does_not_count(travel: Travel) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no clock of its own")
    user = make_user()
    app = PhoneApp.of(user)
    code = app.code()
    travel(minutes=10)
    with pytest.raises(second_step.CannotBeChecked):
        second_step.check(user=user, code=code)
    assert not SecondStepRecord.objects.filter(wrong_in_a_row__gt=0).exists()
    with pytest.raises(second_step.WrongCode):
        second_step.check(user=user, code="000000" if code != "000000" else "000001")
    assert SecondStepRecord.objects.get().wrong_in_a_row == 1


def test_a_date_that_was_sent_before_the_key_was_changed_is_still_right(settings: Settings) -> None:
    """Threat: a change of SECRET_KEY tells people that their date of birth is wrong, and slows their next tries."""
    user = make_user()
    recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key of at least fifty characters, made up for this"
    request = RecoveryRequest.objects.get()
    recovery.decide(request_id=request.pk)
    request.refresh_from_db()
    assert request.outcome == Outcome.MAILED


def test_a_callers_code_that_was_right_before_the_key_was_changed_does_not_count(settings: Settings) -> None:
    person, agent = make_user(), make_agent()
    check = caller_checks.begin(person=person, agent=agent)
    code = caller_checks.shown_to(person=person)[0].code
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key of at least fifty characters, made up for this"
    with pytest.raises(caller_checks.Over):
        caller_checks.pass_with_code(person=person, agent=agent, typed=code)
    check.refresh_from_db()
    assert check.wrong_tries == 0
    assert not SecurityEvent.objects.filter(event=Event.CALLER_CHECK_FAILED).exists()
    assert caller_checks.pass_with_code(person=person, agent=agent, typed=caller_checks.shown_to(person=person)[0].code)


def test_no_date_counts_and_no_try_of_a_caller_where_the_database_fails_in_the_middle() -> None:
    person, agent = make_user(), make_agent()
    recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    check = caller_checks.begin(person=person, agent=agent)
    with failing('INSERT INTO "accounts_securityevent"'):
        with pytest.raises(OperationalError):
            recovery.decide(request_id=RecoveryRequest.objects.get().pk)
        with pytest.raises(OperationalError):
            caller_checks.pass_with_code(person=person, agent=agent, typed="000 000")
    check.refresh_from_db()
    assert check.wrong_tries == 0
    assert RecoveryRequest.objects.get().outcome == Outcome.UNDECIDED


def test_a_link_is_not_used_up_where_the_list_of_common_passwords_cannot_be_read(
    settings: Settings, tmp_path: Path
) -> None:
    """The person can use it once the list is there again, and no password goes unread meanwhile."""
    user = make_user()
    made = recovery.mint_link(message_id=uuid.uuid4(), user=user)
    link = recovery.link_for(token=made.address.rstrip("/").rpartition("/")[2])
    kept, settings.COMMON_PASSWORDS_FILE = settings.COMMON_PASSWORDS_FILE, str(tmp_path / "missing.txt")
    with pytest.raises(ImproperlyConfigured):
        recovery.use(link_id=link.pk, password=NEW_PASSWORD)
    settings.COMMON_PASSWORDS_FILE = kept
    assert recovery.use(link_id=link.pk, password=NEW_PASSWORD) == user
