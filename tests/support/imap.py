"""Mailboxes on IMAP servers for tests: a small server that can be made to fail, and Debian's Dovecot."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import datetime
import re
import socket
import threading
from typing import TYPE_CHECKING, Protocol

from accounts.imap import Mailbox
from tests.support import notices

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pytest_django import Settings

USER, PASSWORD = "bounces", 'a "secret" of the box'


def on_wire(mail: bytes) -> bytes:
    """Return a mail with the line ends that it has in IMAP."""
    return mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class MailboxServer(Protocol):
    """What a test asks of a server."""

    @property
    def mailbox(self) -> Mailbox:
        """The mailbox, as BOUNCE_MAILBOX names it."""

    def deliver(self, mail: bytes, *, at: datetime.date | None = None) -> None:
        """Put a mail into the mailbox."""

    def left(self) -> list[bytes]:
        """Return the mails that are in it, in their order."""

    def read(self) -> int:
        """Return how many of those are marked as read."""

    def mark_as_deleted(self) -> None:
        """Mark all that is there as another program does that empties no bin."""


@dataclasses.dataclass
class _Mail:
    content: bytes
    at: datetime.date | None
    flags: set[str] = dataclasses.field(default_factory=set)


class SmallServer:
    """Listens on a port of its own, and speaks as much of IMAP as reading and deleting takes.

    `instead` are answers that a test gives in place of its own: by the name of a command, or "GREETING", a function of
    the tag and the arguments, whose pieces are sent until the other side has gone.
    """

    def __init__(self, *, context: ssl.SSLContext | None = None, authority: Path | None = None) -> None:
        self.authority = authority
        self.mails: dict[int, _Mail] = {}
        self._validity = 1
        self.instead: dict[str, Callable[[str, str], Iterable[bytes]]] = {}
        self.heard: list[str] = []
        self._next_uid = 1
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def mailbox(self) -> Mailbox:
        """The mailbox, as BOUNCE_MAILBOX names it."""
        port = self._listening.getsockname()[1]
        over_tls = self._context is not None
        return Mailbox(host="127.0.0.1", port=port, user=USER, password=PASSWORD, folder="INBOX", over_tls=over_tls)

    def deliver(self, mail: bytes, *, at: datetime.date | None = None) -> None:
        """Put a mail into the mailbox."""
        self.mails[self._next_uid] = _Mail(on_wire(mail), at)
        self._next_uid += 1

    def left(self) -> list[bytes]:
        """Return the mails that are in it, in their order."""
        return [mail.content for mail in self.mails.values()]

    def read(self) -> int:
        """Return how many of those are marked as read."""
        return sum("\\Seen" in mail.flags for mail in self.mails.values())

    def mark_as_deleted(self) -> None:
        """Mark all that is there as another program does that empties no bin."""
        for mail in self.mails.values():
            mail.flags.add("\\Deleted")

    def begin_anew(self) -> None:
        """Be another mailbox, whose numbers begin anew."""
        self.mails.clear()
        self._validity, self._next_uid = self._validity + 1, 1

    def close(self) -> None:
        """Stop listening."""
        self._listening.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), plain:
            connection = self._context.wrap_socket(plain, server_side=True) if self._context else plain
            with connection, connection.makefile("rb") as lines:
                self._say(connection, "GREETING", "", "")
                while line := lines.readline().decode().rstrip("\r\n"):
                    tag, name, arguments = re.fullmatch(r"(\S+) ((?:UID )?\S+) ?(.*)", line).groups()  # type: ignore[union-attr]
                    self.heard.append(f"{name} {arguments}".strip())
                    if name == "AUTHENTICATE":
                        connection.sendall(b"+ \r\n")
                        arguments = base64.b64decode(lines.readline()).decode()
                    self._say(connection, name, tag, arguments)

    def _say(self, connection: socket.socket, name: str, tag: str, arguments: str) -> None:
        if name in self.instead:
            for piece in self.instead[name](tag, arguments):
                connection.sendall(piece)
            return
        if name == "GREETING":
            connection.sendall(b"* OK ready\r\n")
            return
        untagged, end = self._answer(name, arguments)
        connection.sendall(b"".join([*untagged, f"{tag} {end}\r\n".encode()]))

    def _answer(self, name: str, arguments: str) -> tuple[list[bytes], str]:
        known: dict[str, Callable[[str], list[bytes] | None]] = {
            "AUTHENTICATE": lambda secret: [] if secret == f"\0{USER}\0{PASSWORD}" else None,
            "CAPABILITY": lambda _: [b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n"],
            "LOGOUT": lambda _: [b"* BYE\r\n"],
            "SELECT": self._select,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "UID STORE": self._store,
            "UID EXPUNGE": self._expunge,
            "EXPUNGE": lambda _: self._expunge(",".join(map(str, self.mails))),
        }
        answer = known[name](arguments)
        return (answer, "OK done") if answer is not None else ([], "NO jo.smith@nhs.net is refused")

    def _select(self, folder: str) -> list[bytes] | None:
        told = (
            f"{len(self.mails)} EXISTS",
            f"OK [UIDVALIDITY {self._validity}] ok",
            f"OK [UIDNEXT {self._next_uid}] ok",
        )
        return [f"* {line}\r\n".encode() for line in told] if folder == '"INBOX"' else None

    def _search(self, asked: str) -> list[bytes]:
        first, last = map(int, re.search(r"UID (\d+):(\d+)", asked).groups())  # type: ignore[union-attr]
        found = [uid for uid in self.mails if first <= uid <= last]
        if told := re.search(r'BEFORE (\S+) TO "(.+)"', asked):
            before = datetime.datetime.strptime(told[1], "%d-%b-%Y").replace(tzinfo=datetime.UTC).date()
            address = f"To: {told[2]}".encode()
            # What is delivered without a day is of today.
            ages = {uid: self.mails[uid].at or datetime.date.max for uid in found}
            found = [uid for uid in found if ages[uid] < before and address in self.mails[uid].content]
        return [f"* SEARCH {' '.join(map(str, found))}\r\n".encode()]

    def _fetch(self, asked: str) -> list[bytes]:
        uid, longest = map(int, re.search(r"^(\d+) .*<0\.(\d+)>", asked).groups())  # type: ignore[union-attr]
        if uid not in self.mails:
            return []
        if "PEEK" not in asked:
            self.mails[uid].flags.add("\\Seen")
        content = self.mails[uid].content[:longest]
        return [f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(content)}}}\r\n".encode(), content, b")\r\n"]

    def _store(self, asked: str) -> list[bytes]:
        for uid in self._numbers(asked.split(maxsplit=1)[0]):
            self.mails[uid].flags |= set(re.findall(r"\\\w+", asked))
        return []

    def _expunge(self, asked: str) -> list[bytes]:
        for uid in self._numbers(asked):
            if "\\Deleted" in self.mails[uid].flags:
                del self.mails[uid]
        return []

    def _numbers(self, words: str) -> list[int]:
        return [uid for uid in map(int, words.split(",")) if uid in self.mails]


@contextlib.contextmanager
def read_by_the_worker(settings: Settings) -> Iterator[SmallServer]:
    """Run a small server whose mailbox the worker reads; yield it."""
    running = SmallServer()
    settings.BOUNCE_EMAIL, settings.BOUNCE_MAILBOX = notices.ADDRESS, running.mailbox
    yield running
    running.close()
