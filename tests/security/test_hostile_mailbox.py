"""The mailbox of mails that came back is another machine's, and what is in it is written by strangers."""

from __future__ import annotations

import contextlib
import itertools
import logging
import ssl
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
import trustme

from accounts import bounce_reading, imap
from accounts.bounce_reading import BounceReading
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import bounces, outbox
from tests.support import notices
from tests.support.factories import make_user
from tests.support.imap import PASSWORD, SmallServer, read_by_the_worker
from tests.support.notices import of_postfix

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

EVERY_STEP = ["GREETING", "AUTHENTICATE", "CAPABILITY", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "UID EXPUNGE"]
A_MEGABYTE = 1024 * 1024


@pytest.fixture
def server(settings: Settings) -> Iterator[SmallServer]:
    """Return an IMAP server whose mailbox the worker reads."""
    with read_by_the_worker(settings) as running:
        yield running


@pytest.fixture
def row(server: SmallServer) -> OutboxMessage:
    """Return a mail that was sent, and whose notice is in the mailbox."""
    row = notices.sent()
    server.deliver(of_postfix("unknown", about=row))
    return row


@pytest.fixture
def failures(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return a function that tells how the mailbox has failed, as the log has it."""
    caplog.set_level(logging.INFO)
    return lambda: [str(vars(line)["error"]) for line in caplog.records if line.message == "mailbox fails"]


def look(reading: BounceReading | None = None) -> None:
    reading = reading or BounceReading()
    reading._due = 0.0
    reading.do_what_is_due()


def without_end(piece: bytes) -> Callable[[str, str], Iterable[bytes]]:
    return lambda *_: itertools.repeat(piece)


def slowly(*, seconds: float) -> Callable[[str, str], Iterable[bytes]]:
    def letters(*_: str) -> Iterator[bytes]:
        while True:
            time.sleep(seconds)
            yield b"x"

    return letters


@pytest.mark.parametrize("step", EVERY_STEP)
@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(b"x" * 65536, id="a line without end"),
        pytest.param(b"* 1 EXISTS\r\n" * 5000, id="lines without end"),
        pytest.param(b"* X {100000}\r\n" + b"x" * 100000 + b"\r\n", id="literals without end"),
        pytest.param(b"* 1 FETCH (BODY[] {1000000000}\r\n" + b"x" * 60000, id="a literal of a gigabyte"),
        pytest.param(b"* 1 FETCH (BODY[] {" + b"9" * 5000 + b"}\r\n", id="a literal whose size is no number"),
        pytest.param(b"+ \r\n", id="it asks without end"),
        pytest.param(b"\xff\xfe\x00\r\n", id="what is no IMAP"),
    ],
)
def test_an_answer_without_end_is_given_up(
    server: SmallServer,
    *,
    row: OutboxMessage,
    failures: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    piece: bytes,
) -> None:
    """Threat: a broken server, or one that is another's by now, fills the memory of the worker or keeps it for ever.

    One count of lines holds at every step: it is reached in full at the first alone.
    """
    if step != EVERY_STEP[0]:
        monkeypatch.setattr(imap, "MOST_LINES", 2_000)
    server.instead[step] = without_end(piece)
    tracemalloc.start()
    began = time.monotonic()
    look()
    seconds = time.monotonic() - began
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(failures()) == 1
    assert most < 40 * A_MEGABYTE
    assert seconds < imap.SECONDS_FOR_AN_ANSWER
    server.instead.clear()
    look()
    row.refresh_from_db()
    assert row.bounced_at is not None


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_server_that_does_not_answer_is_given_up(
    server: SmallServer,
    row: OutboxMessage,
    failures: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """Threat: a firewall that drops, or a server that hangs, keeps the worker for ever."""
    monkeypatch.setattr(imap, "SECONDS_FOR_AN_ANSWER", 0.2)
    server.instead[step] = slowly(seconds=30)
    began = time.monotonic()
    look()
    assert time.monotonic() - began < 10
    assert len(failures()) == 1
    assert "TimeoutError" in failures()[0]


def test_a_server_that_answers_a_letter_at_a_time_is_given_up(
    server: SmallServer, failures: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat: each letter is in time, and the line takes a day."""
    monkeypatch.setattr(imap, "SECONDS_FOR_ALL", 0.5)
    server.instead["SELECT"] = slowly(seconds=0.05)
    began = time.monotonic()
    look()
    assert time.monotonic() - began < 10
    assert failures() == ["open the folder: TimeoutError"]


def test_a_server_that_this_machine_does_not_trust_hears_no_password(
    settings: Settings, failures: Callable[[], list[str]]
) -> None:
    """Threat: another machine on the network answers in place of the mail server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    impostor = SmallServer(context=context)
    settings.BOUNCE_MAILBOX = impostor.mailbox
    look()
    impostor.close()
    assert failures() == ["connect: SSLCertVerificationError"]
    assert impostor.heard == []


def test_a_certificate_of_another_name_is_not_trusted(
    settings: Settings, failures: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat: the same, with a certificate of a name of its own."""
    context, authority = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    authority.issue_cert("another.example.nhs.uk").configure_cert(context)
    impostor = SmallServer(context=context)
    settings.BOUNCE_MAILBOX = impostor.mailbox
    with authority.cert_pem.tempfile() as file:
        monkeypatch.setenv("SSL_CERT_FILE", file)
        look()
    impostor.close()
    assert failures() == ["connect: SSLCertVerificationError"]
    assert impostor.heard == []


def test_the_log_has_nothing_of_what_the_server_says_nor_of_the_password(
    server: SmallServer, row: OutboxMessage, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: an answer repeats an address, a password or a piece of a mail, and a log that many read keeps it."""
    for step, said in itertools.product(EVERY_STEP[1:], ("{} NO jo.smith@nhs.net\r\n", "* 1 jo.smith@nhs.net {}\r\n")):
        server.instead = {step: lambda tag, _, said=said: [said.format(tag).encode()] * 3}  # type: ignore[misc]
        look()
    assert "mailbox fails" in caplog.text
    for line in caplog.records:
        shown = f"{vars(line)} {line.getMessage()}"
        assert "jo.smith" not in shown
        assert PASSWORD not in shown
        assert "password" not in shown


def test_of_very_many_mails_a_look_reads_some(server: SmallServer, row: OutboxMessage) -> None:
    """Threat: a stranger sends thousands of mails to BOUNCE_EMAIL, and the worker does nothing else any more."""
    for _ in range(3 * bounce_reading.MOST_AT_ONCE):
        server.deliver(b"To: esr-bounces@esr.example.nhs.uk\r\n\r\nBuy now.\r\n")
    look()
    assert sum(heard.startswith("UID FETCH") for heard in server.heard) == bounce_reading.MOST_AT_ONCE


def test_a_mail_of_any_size_is_read_as_far_as_a_notice_is_long(server: SmallServer, row: OutboxMessage) -> None:
    """Threat: a mail of fifty megabytes, which a mailbox may hold."""
    server.deliver(b"x" * (50 * A_MEGABYTE))
    tracemalloc.start()
    look()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Some of it is what the server of the test holds.
    assert most < 4 * A_MEGABYTE
    assert f"UID FETCH 2 (BODY.PEEK[]<0.{bounces.LONGEST}>)" in server.heard


@pytest.mark.parametrize("told", ["0", "4294967296", "9" * 5000, "-1", "x", ""])
@pytest.mark.parametrize("name", ["UIDVALIDITY", "UIDNEXT"])
def test_a_number_that_is_none_is_a_failure(
    server: SmallServer, failures: Callable[[], list[str]], name: str, told: str
) -> None:
    """Threat: the worker looks for mails up to a number without end."""
    other = "UIDNEXT" if name == "UIDVALIDITY" else "UIDVALIDITY"
    lines = f"* 1 EXISTS\r\n* OK [{other} 2] ok\r\n* OK [{name} {told}] ok\r\n"
    server.instead["SELECT"] = lambda tag, _: [f"{lines}{tag} OK done\r\n".encode()]
    look()
    assert len(failures()) == 1
    assert not any(heard.startswith("UID") for heard in server.heard)


def test_a_server_that_tells_of_four_thousand_million_mails_ends_with_its_time(
    server: SmallServer, failures: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat: the same, with a number that IMAP allows."""
    monkeypatch.setattr(imap, "SECONDS_FOR_ALL", 1.0)
    lines = "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 4294967295] ok\r\n"
    server.instead["SELECT"] = lambda tag, _: [f"{lines}{tag} OK done\r\n".encode()]
    began = time.monotonic()
    look()
    assert time.monotonic() - began < 10
    assert set(failures()) <= {"look for mails: TimeoutError"}


def test_numbers_that_were_not_asked_for_are_left_alone(server: SmallServer, row: OutboxMessage) -> None:
    """Threat: an answer names mails that were looked at before, for ever."""
    said = b"* SEARCH 1 1 99 4294967296 0 -1 x " + b"9" * 5000 + b"\r\n"
    server.instead["UID SEARCH"] = lambda tag, _: [said, f"{tag} OK done\r\n".encode()]
    look()
    assert [heard for heard in server.heard if heard.startswith("UID FETCH")] == [
        f"UID FETCH 1 (BODY.PEEK[]<0.{bounces.LONGEST}>)"
    ]


def test_a_mail_at_which_the_server_breaks_does_not_keep_the_next_ones_back(
    server: SmallServer, failures: Callable[[], list[str]], settings: Settings
) -> None:
    """Threat: one damaged mail, at which Dovecot ends the connection, and no notice is read any more."""
    server.deliver(b"damaged")
    row = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    outbox.finish(message=row)
    server.deliver(of_postfix("unknown", about=row))

    def break_at_the_first(tag: str, asked: str) -> Iterable[bytes]:
        if asked.startswith("1 "):
            return [b"* BYE the mail is damaged\r\n"]
        untagged, end = server._answer("UID FETCH", asked)
        return [*untagged, f"{tag} {end}\r\n".encode()]

    server.instead["UID FETCH"] = break_at_the_first
    reading = BounceReading()
    for _ in range(bounce_reading.MOST_TRIES + 1):
        look(reading)
    row.refresh_from_db()
    assert row.bounced_at is not None
    assert server.left() == [b"damaged"]
    assert len(failures()) == bounce_reading.MOST_TRIES


def test_a_folder_that_may_not_be_written_to_takes_each_notice_all_the_same(
    server: SmallServer, row: OutboxMessage, failures: Callable[[], list[str]]
) -> None:
    """Threat: rights that are too narrow, and the first notice keeps all others back."""
    second = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]})
    outbox.finish(message=second)
    server.deliver(of_postfix("unknown", about=second))
    server.instead["UID STORE"] = lambda tag, _: [f"{tag} NO read-only\r\n".encode()]
    reading = BounceReading()
    for _ in range(bounce_reading.MOST_TRIES + 1):
        look(reading)
    second.refresh_from_db()
    assert second.bounced_at is not None
    assert set(failures()) == {"mark as deleted: NO"}


def test_the_passwords_of_the_mailbox_are_in_no_representation(settings: Settings, server: SmallServer) -> None:
    """Threat: a page of an error or a log shows the settings."""
    assert PASSWORD not in repr(settings.BOUNCE_MAILBOX)
    with contextlib.suppress(imap.MailboxFails), imap.opened(server.mailbox, longest=1) as connection:
        assert PASSWORD not in repr(vars(connection))
