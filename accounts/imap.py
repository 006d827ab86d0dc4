"""A mailbox on an IMAP server (RFC 3501), as far as reading and deleting mails needs it: the seam to imaplib.

What the server sends is believed in nothing. imaplib reads lines and literals as long as the server says, for as long
as it takes, and lets no certificate be asked for; each is bounded here, in the methods that it documents for that.
"""

from __future__ import annotations

import contextlib
import dataclasses
import imaplib
import ssl
import time
from typing import TYPE_CHECKING, Any

from django.utils.encoding import punycode

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterator

# Seconds: for one answer, and for all that is done with one connection.
SECONDS_FOR_AN_ANSWER = 20
SECONDS_FOR_ALL = 60
# UIDs that are asked for at once: an answer with all of them has some 110,000 bytes.
MOST_UIDS = 10_000
# Of one connection, whose memory they bound: of a line or a literal (RFC 3501, 4.3) without end no more is read. A mail
# takes ten lines at most.
MOST_LINES = 20_000
MOST_BYTES = 16 * 1024 * 1024
# What is said around one mail.
_LINES_FOR_ONE, _BYTES_FOR_ONE = 200, 512 * 1024
# Old mails that are deleted at once.
_MOST_OLD = 200
# RFC 3501, 2.3.1.1: 32 bits.
_HIGHEST_UID = 2**32 - 1
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclasses.dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox on an IMAP server, and who reads it: BOUNCE_MAILBOX."""

    host: str
    port: int
    user: str
    password: str = dataclasses.field(repr=False)
    folder: str
    # False on this machine alone.
    over_tls: bool


class MailboxFails(Exception):
    """The server does not answer, refuses or answers with nonsense.

    Says at which step and how, in words of ours: the server's own may repeat what is in the mailbox.
    """


class Connection:
    """An open folder. Every method raises MailboxFails. Numbers of mails are UIDs."""

    def __init__(self, client: _Bounded, *, longest: int) -> None:
        self._client, self._longest = client, longest
        self._can_expunge_one = False
        # With another of these, every UID means another mail.
        self.validity = 0
        # Above every UID that there is.
        self.next_uid = 1

    def open(self, mailbox: Mailbox) -> None:
        """Log in and open the folder."""
        client = self._client
        secret = f"\0{mailbox.user}\0{mailbox.password}".encode()
        self._do("log in", client.authenticate, "PLAIN", lambda _: secret)
        self._can_expunge_one = b"UIDPLUS" in b" ".join(self._do("ask what it can", client.capability)).upper().split()
        self._do("open the folder", client.select, _quoted(mailbox.folder))
        self.validity = self._number_told("UIDVALIDITY")
        self.next_uid = self._number_told("UIDNEXT")

    @property
    def has_room(self) -> bool:
        """Whether one mail more can be read within the limits of this connection."""
        return self._client.has_room(self._longest)

    def uids(self, first: int, last: int, *, asked: Collection[str] = ()) -> list[int]:
        """Return those between `first` and `last`, MOST_UIDS apart at most, in their order."""
        found = _numbers(self._do("look for mails", self._client.uid, "SEARCH", "UID", f"{first}:{last}", *asked))
        return sorted(uid for uid in found if first <= uid <= last)

    def old(self, first: int, last: int, *, before: datetime.date, to: str) -> list[int]:
        """Return some of those that arrived before a day and name an address in To."""
        local, _, domain = to.rpartition("@")
        day = f"{before.day}-{_MONTHS[before.month - 1]}-{before.year}"
        asked = ("BEFORE", day, "TO", _quoted(f"{local}@{punycode(domain)}"))
        return self.uids(first, last, asked=asked)[:_MOST_OLD]

    def read(self, uid: int) -> bytes | None:
        """Return the beginning of a mail, unmarked as read; None where it is there no more."""
        parts = self._do("read a mail", self._client.uid, "FETCH", str(uid), f"(BODY.PEEK[]<0.{self._longest}>)")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)

    def delete(self, uids: Collection[int]) -> None:
        """Delete mails for good. Without UIDPLUS (RFC 4315) those go too that another program has marked as deleted."""
        those = ",".join(map(str, uids))
        self._do("mark as deleted", self._client.uid, "STORE", those, "+FLAGS.SILENT", r"(\Deleted)")
        if self._can_expunge_one:
            self._do("delete", self._client.uid, "EXPUNGE", those)
        else:
            self._do("delete", self._client.expunge)

    def _do(self, step: str, command: Any, *arguments: Any) -> list[Any]:
        """Return what the server answers to a command of imaplib's."""
        with _told_as(step):
            kind, answer = command(*arguments)
        if kind != "OK":
            raise MailboxFails(f"{step}: {kind if kind in {'NO', 'BAD'} else 'no answer'}")
        return [part for part in answer if part is not None]

    def _number_told(self, name: str) -> int:
        with _told_as("open the folder"):
            number = int(self._client.response(name)[1][-1])
        if not 0 < number <= _HIGHEST_UID:
            raise MailboxFails(f"open the folder: no {name}")
        return number


@contextlib.contextmanager
def opened(mailbox: Mailbox, *, longest: int) -> Iterator[Connection]:
    """Yield the open folder of a mailbox, of whose mails `longest` bytes each are read. Raises MailboxFails."""
    with _told_as("connect"):
        client = _connect(mailbox)
    try:
        connection = Connection(client, longest=longest)
        connection.open(mailbox)
        yield connection
    finally:
        # No CLOSE: it deletes what other programs have marked. What was done is done, whatever the answer is.
        with contextlib.suppress(Exception):
            client.logout()
        with contextlib.suppress(Exception):
            client.shutdown()


def _connect(mailbox: Mailbox) -> _Bounded:
    if mailbox.over_tls:
        # imaplib's own context asks for no certificate.
        context = ssl.create_default_context()
        return _BoundedTLS(mailbox.host, mailbox.port, ssl_context=context, timeout=SECONDS_FOR_AN_ANSWER)
    return _Bounded(mailbox.host, mailbox.port, timeout=SECONDS_FOR_AN_ANSWER)


class _Bounded(imaplib.IMAP4):
    """Reads from the server within a time, a number of bytes and a number of lines."""

    def open(self, *arguments: Any, **options: Any) -> None:
        """Connect. imaplib calls it before anything is read."""
        self._ends_at = time.monotonic() + SECONDS_FOR_ALL
        self._bytes_left, self._lines_left = MOST_BYTES, MOST_LINES
        self._received = bytearray()
        super().open(*arguments, **options)

    def has_room(self, size: int) -> bool:
        """Return whether a mail of `size` and what is said around it are within the limits."""
        is_time = time.monotonic() < self._ends_at
        return is_time and self._bytes_left > size + _BYTES_FOR_ONE and self._lines_left > _LINES_FOR_ONE

    def read(self, size: int) -> bytes:
        """Return a literal."""
        while len(self._received) < size:
            self._receive()
        return self._cut(size)

    def readline(self) -> bytes:
        """Return a line."""
        self._lines_left -= 1
        if self._lines_left < 0:
            raise self.abort("too many lines")
        looked_at = 0
        while (end := self._received.find(b"\n", looked_at)) < 0:
            looked_at = len(self._received)
            self._receive()
        return self._cut(end + 1)

    def _cut(self, size: int) -> bytes:
        piece = bytes(self._received[:size])
        del self._received[:size]
        return piece

    def _receive(self) -> None:
        seconds = self._ends_at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        self.sock.settimeout(min(seconds, SECONDS_FOR_AN_ANSWER))
        piece = self.sock.recv(64 * 1024)
        self._bytes_left -= len(piece)
        if not piece or self._bytes_left < 0:
            raise self.abort("too many bytes" if piece else "closed")
        self._received += piece


class _BoundedTLS(_Bounded, imaplib.IMAP4_SSL):
    """The same, over TLS."""


@contextlib.contextmanager
def _told_as(step: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # imaplib fails in many ways on an answer that is none. Only the kind: the text may repeat the answer.
        raise MailboxFails(f"{step}: {type(error).__qualname__}") from error


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _numbers(answer: list[Any]) -> set[int]:
    """Return the numbers of a SEARCH, of which a server may send several lines."""
    words = b" ".join(part for part in answer if isinstance(part, bytes)).split()
    return {int(word) for word in words if word.isdigit() and len(word) <= len(str(_HIGHEST_UID))}
