"""What is handed out of what is kept: by the operator, in full, of people with very much, and never a secret."""

from __future__ import annotations

import io
import json
import stat
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import own_data
from tests.support import erasing as canary
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent

pytestmark = pytest.mark.django_db

EVENTS = "What happened to your account"


def written(user: User, *, in_full: bool = False) -> Any:
    return json.loads("".join(own_data.written(user=user, in_full=in_full)))


def export(tmp_path: Path, username: str, **options: Any) -> tuple[Path, str]:
    file, said = tmp_path / "jo.json", io.StringIO()
    call_command("export_person", username, file=str(file), stdout=said, **options)
    return file, said.getvalue()


@pytest.mark.parametrize("in_full", [False, True])
def test_no_secret_is_in_it_and_no_other_person(in_full: bool) -> None:
    """Threat: the file opens the account, or its reader finds out which agent to call."""
    user = canary.make_canary()
    text = "".join(own_data.written(user=user, in_full=in_full)).casefold()
    secrets = [secret for secret in (*canary.SECRETS, canary.TOTP) if secret != "canary-passkey"]
    assert not [secret for secret in secrets if secret in text]
    for other in User.objects.exclude(pk=user.pk):
        assert other.username.casefold() not in text
        assert other.email not in text


def test_all_of_the_person_is_in_it_and_the_date_of_birth_in_full_alone() -> None:
    user = canary.make_canary()
    short, full = ("".join(own_data.written(user=user, in_full=in_full)).casefold() for in_full in (False, True))
    for word in (*canary.NAMES, canary.EMAIL, canary.NUMBER, canary.CARD, canary.PERSONAL):
        assert word in short
    # Who has the session, and could have calls to that number, would pass the next check of a caller.
    for word in (canary.BORN.isoformat(), canary.CALLED, "they called.", "canary reason"):
        assert word not in short
        assert word in full


def test_a_network_address_of_their_own_is_told_in_full_and_an_agents_never() -> None:
    user = make_user()
    SecurityEvent.objects.create(event=Event.LOGGED_IN, user=user, address="192.0.2.1")
    SecurityEvent.objects.create(event=Event.UNLOCKED, user=user, by=make_agent(), address="192.0.2.2")
    assert "192.0.2." not in json.dumps(written(user))
    full = json.dumps(written(user, in_full=True))
    assert "192.0.2.1" in full
    assert "192.0.2.2" not in full


@pytest.mark.both_databases
def test_very_many_events_are_written_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty chunks: no more than a few of them are in memory at once."""
    monkeypatch.setattr(own_data, "CHUNK", 200)
    user = make_user()
    SecurityEvent.objects.bulk_create(
        (SecurityEvent(event=Event.LOGGED_IN, user=user, device="Chrome") for _ in range(4_000)), batch_size=1000
    )
    tracemalloc.start()
    pieces = sum(len(piece) for piece in own_data.written(user=user, in_full=False))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert pieces > 400_000
    assert most < pieces * 4


def test_the_operator_writes_a_file_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    user = make_user(username="999EXPORT01")
    file, said = export(tmp_path, "999export01", in_full=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["Your record"][0]["date of birth"] == user.date_of_birth.isoformat()
    assert "Delete it once its person has it." in said
    event = SecurityEvent.objects.get(event=Event.DATA_HANDED_OUT)
    assert (event.user_id, event.reason) == (user.pk, "operator_in_full")
    assert OutboxMessage.objects.get(kind=Kind.DATA_HANDED_OUT).about["by_operator"] is True


def test_a_leaver_is_not_told_at_an_address_that_may_be_anothers(tmp_path: Path) -> None:
    canary.make_canary()
    export(tmp_path, canary.USERNAME)
    assert SecurityEvent.objects.filter(event=Event.DATA_HANDED_OUT).exists()
    assert not OutboxMessage.objects.filter(kind=Kind.DATA_HANDED_OUT).exists()


def test_no_file_is_written_over_and_nobody_on_record_is_said(tmp_path: Path) -> None:
    (tmp_path / "jo.json").write_text("mine")
    make_user(username="999EXPORT01")
    with pytest.raises(CommandError, match="cannot be written"):
        export(tmp_path, "999EXPORT01")
    assert (tmp_path / "jo.json").read_text() == "mine"
    assert not SecurityEvent.objects.filter(event=Event.DATA_HANDED_OUT).exists()
    with pytest.raises(CommandError, match="Nobody on record"):
        export(tmp_path, "999NOBODY01")
