"""Erasing a leaver: nothing of them is left in any table, and nothing brings them back unseen."""

from __future__ import annotations

import datetime
import io
import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import (
    ErasedPerson,
    OutageUnlock,
    OutboxMessage,
    PeopleUpload,
    RecoveryRequest,
    SecurityEvent,
    User,
)
from accounts.models.erased_person import Why
from accounts.models.security_event import Event
from accounts.personal_data import TABLES, AtErasure
from accounts.services import erasing, events, mail, outbox, recovery
from accounts.services.mail_server import Connection
from people.services import people_import, usernames
from tests.support import erasing as support
from tests.support.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db

# Of these `make_canary` makes no row: never about a person who has left, or with no row ever.
WITHOUT_A_ROW = {
    *("account.EmailAddress", "account.EmailConfirmation", "accounts.User_groups", "accounts.User_user_permissions"),
    *("accounts.ErasedPerson", "accounts.PeopleUploadPiece", "accounts.FiledEvent"),
    "django_otp_webauthn.WebAuthnAttestation",
}


def erase(user: User) -> bool:
    return erasing.erase(user_id=user.pk, why=Why.AGE)


def imported(content: bytes) -> people_import.Result:
    return people_import.run(file=io.BytesIO(content))


def test_the_canary_has_a_row_in_each_table_that_is_about_people() -> None:
    """Without one the test below could not fail."""
    support.make_canary()
    about = {label for label, table in TABLES.items() if table.is_about_people}
    empty = {label for label in about if not apps.get_model(label)._base_manager.exists()}
    assert empty == WITHOUT_A_ROW
    assert {where.partition(": ")[2] for where in support.found(*support.CANARIES)} == set(support.CANARIES)


@pytest.mark.both_databases
def test_of_an_erased_person_nothing_is_found_in_any_table_of_the_database() -> None:
    user = support.make_canary()
    assert erase(user)
    assert support.found(*support.CANARIES) == set()


def test_all_that_is_looked_for_has_its_function_and_nothing_else() -> None:
    assert set(erasing.LOOKED_FOR) == {
        label for label, table in TABLES.items() if table.at_erasure is AtErasure.LOOKED_FOR
    }


def test_what_is_about_others_stays() -> None:
    user = support.make_canary()
    agent = PeopleUpload.objects.get().uploaded_by
    erase(user)
    assert PeopleUpload.objects.get().guarded == [{"person": agent.pk, "username": agent.username}]
    assert OutageUnlock.objects.get().people == [agent.pk]
    assert [row.about["users"] for row in OutboxMessage.objects.filter(kind="recovery")] == [[agent.pk]]
    assert User.objects.filter(pk=agent.pk).exists()


def test_requests_of_a_shared_mailbox_stay() -> None:
    user = support.make_canary()
    make_user(email=user.email)
    erase(user)
    assert RecoveryRequest.objects.count() == 1


def test_events_stay_with_a_number_that_leads_to_nobody_and_the_erasure_is_one() -> None:
    user = support.make_canary()
    kept = list(SecurityEvent.objects.filter(user=user).order_by("pk").values())
    erase(user)
    *others, last = SecurityEvent.objects.filter(user_id=user.pk).order_by("pk").values()
    assert others == kept
    assert (last["event"], last["reason"], last["note"]) == (Event.PERSON_ERASED, "age", None)
    assert not User.objects.filter(pk=user.pk).exists()


def test_an_erased_person_can_never_log_in_and_gets_no_mail() -> None:
    user = make_user(username="999GONE01")
    message = outbox.add(kind="welcome", about={"users": [user.pk]})  # type: ignore[arg-type]
    erase(user)
    assert authenticate(username="999GONE01", password="violet harbour tandem 7") is None
    assert not OutboxMessage.objects.filter(pk=message.pk).exists()
    with Connection() as connection:
        mail.send(
            message=OutboxMessage.objects.create(kind="welcome", about={"users": [user.pk]}), connection=connection
        )
    assert OutboxMessage.objects.get(kind="welcome").last_error == outbox.NOT_NEEDED
    recovery.ask(email=user.email, date_of_birth=user.date_of_birth)
    recovery.decide(request_id=RecoveryRequest.objects.latest("pk").pk)
    assert RecoveryRequest.objects.latest("pk").outcome == "no_match"


def test_erased_twice_is_erased_once() -> None:
    user = make_user()
    assert erase(user)
    assert not erase(user)
    assert SecurityEvent.objects.filter(event=Event.PERSON_ERASED).count() == 1


def test_nothing_is_erased_where_it_breaks_half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: a killed process leaves half a person, of whom nobody knows."""
    user = support.make_canary()
    before = support.found(*support.CANARIES)

    def broken(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(events, "record", broken)
    with pytest.raises(RuntimeError):
        erase(user)
    assert support.found(*support.CANARIES) == before


def test_an_old_file_brings_nobody_back_and_says_so() -> None:
    erase(support.make_canary())
    result = imported(support.file_of(support.line()))
    assert (result.added, len(result.erased)) == (0, 1)
    assert "was erased on" in str(result.erased[0])
    assert support.GIVEN_NAME not in str(result.erased[0])
    assert support.found(support.EMAIL) == set()


def test_a_line_about_an_erased_person_holds_up_no_other_line() -> None:
    """An HR system that keeps its leavers sends them each night."""
    erase(support.make_canary())
    made = make_organisation()
    other = f"{made.code},10000007,Al,New,al.new@nhs.net,1990-01-01,staff"
    assert imported(support.file_of(support.line(), other)).added == 1


@pytest.mark.parametrize(("days", "added"), [(-1, 0), (0, 1), (1, 1)])
def test_a_person_who_has_come_back_begins_anew(days: int, added: int) -> None:
    old = support.make_canary()
    erase(old)
    first_day = timezone.localdate() + datetime.timedelta(days=days)
    content = support.file_of(support.line(starts_on=first_day.isoformat()), columns=",starts_on")
    assert imported(content).added == added
    if added:
        new = User.objects.get(employee_number=support.NUMBER)
        assert new.username != support.USERNAME
        assert new.pk != old.pk
        assert imported(content).unchanged == 1


def test_the_username_of_an_erased_person_is_nobodys_again() -> None:
    user = make_user(username="999QVEXWORTHY01")
    erase(user)
    made = usernames.next_free(organisation=user.organisation, given_name="Q", family_name="Vexworthy")
    assert made == "999QVEXWORTHY02"
    line = "999,10000009,Q,Vexworthy,q@nhs.net,1990-01-01,staff,999QVEXWORTHY01"
    with pytest.raises(people_import.Faulty, match="erased person"):
        imported(support.file_of(line, columns=",username"))


def test_both_hold_while_the_secret_key_is_replaced(settings: Any) -> None:
    user = support.make_canary()
    erase(user)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key for tests alone, long enough for any check of it 0123456789"
    assert imported(support.file_of(support.line())).added == 0
    made = usernames.next_free(organisation=user.organisation, given_name="Q", family_name="Vexworthy")
    assert made != support.USERNAME


def test_that_they_were_erased_is_forgotten_with_the_last_event_of_them() -> None:
    erase(make_user())
    erase(make_user())
    long_ago = timezone.now() - events.kept_for(event=Event.PERSON_ERASED) - datetime.timedelta(days=1)
    ErasedPerson.objects.filter(pk=ErasedPerson.objects.first().pk).update(erased_at=long_ago)  # type: ignore[union-attr]
    assert erasing.delete_old() == 1
    assert ErasedPerson.objects.count() == 1


def after_restore(tmp_path: Any, *lines: str) -> str:
    file, said = tmp_path / "erased.log", io.StringIO()
    file.write_text("\n".join(lines))
    call_command("after_restore", erased=file, stdout=said)
    return said.getvalue()


def test_who_was_erased_since_a_back_up_is_erased_again(tmp_path: Any) -> None:
    user, other = support.make_canary(), make_user()
    now = timezone.now().isoformat()
    log = json.dumps({"at": now, "logger": "esr_portal.security", "event": "person_erased", "user": user.pk})
    shipped = json.dumps({"id": 7, "time": now, "event": "person_erased", "user": 999_999})
    login = json.dumps({"at": now, "event": "logged_in", "user": other.pk})
    said = after_restore(tmp_path, f"Nov 27 portal[12]: {log}", shipped, login, "")
    assert "1 erased again" in said
    assert support.found(*support.CANARIES) == set()
    assert User.objects.filter(pk=other.pk).exists()
    assert ErasedPerson.objects.get().why == Why.RESTORED


def test_a_number_that_another_person_was_given_since_is_not_meant(tmp_path: Any) -> None:
    """Threat: after a restore the numbers of lost records are given again, and the wrong person is erased."""
    before = timezone.now() - datetime.timedelta(days=1)
    user = make_user()
    said = after_restore(tmp_path, json.dumps({"at": before.isoformat(), "event": "person_erased", "user": user.pk}))
    assert "0 erased again" in said
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize(
    "line",
    [
        "person_erased 7",
        '{"event": "person_erased"}',
        '{"event": "person_erased", "user": 7',
        '{"event": "person_erased", "user": 7, "at": "2030-01-01T00:00:00"}',
        '{"event": "person_erased", "user": 99999999999999999999999, "at": "2030-01-01T00:00:00+00:00"}',
    ],
)
def test_a_line_that_cannot_be_read_stops_it_before_anything_is_done(tmp_path: Any, line: str) -> None:
    """Threat: a line that was cut off passes for one that says nothing, and its person is back."""
    user = make_user()
    good = json.dumps({"at": timezone.now().isoformat(), "event": "person_erased", "user": user.pk})
    with pytest.raises(CommandError, match="Line 2"):
        after_restore(tmp_path, good, line)
    assert User.objects.filter(pk=user.pk).exists()
