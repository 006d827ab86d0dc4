"""A real SMTP server for tests, which can be made to fail in the ways that mail servers do."""

from __future__ import annotations

import asyncio
import dataclasses
import email
import email.policy
import re
import socket
from email.message import EmailMessage
from typing import Any, Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

REFUSED_FOR_NOW = "451 4.3.0 Try again later"
REFUSED_FOR_GOOD = "550 5.1.1 No such mailbox"
ACCEPTED = "250 2.0.0 Accepted"
# What a relay without the extension 8BITMIME (RFC 6152) may say to a byte over 127.
NOT_SEVEN_BIT = "554 5.6.3 Conversion required but not supported"

_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it came over the wire."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    content: bytes

    @property
    def subject(self) -> str:
        """The subject, without the blank that a long one may be folded at."""
        return str(self.message["Subject"]).strip()

    @property
    def text(self) -> str:
        """The plain text."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The HTML, or "" where there is none."""
        return self._body("html")

    @property
    def links(self) -> list[str]:
        """The addresses in the plain text, in their order, each once."""
        return list(dict.fromkeys(found.rstrip(".,)") for found in _LINK.findall(self.text)))

    def _body(self, kind: Literal["plain", "html"]) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return cast("str", part.get_content()).replace("\r\n", "\n") if part is not None else ""


class MailServer:
    """Listens on a port of its own and keeps what it accepts in `mails`.

    How it fails is switched while it runs: `answer_to_recipient` and `answer_to_data` (an SMTP reply to give instead
    of accepting), `seconds_before_answer`, `drops_connections`; `stop()` is a server that is down, `start()` brings it
    back on the same port. It offers no 8BITMIME and refuses what needs it, so that every test holds mails to 7 bits;
    `takes_8_bit` is a server that does not mind.
    """

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = _free_port(self.host)
        self.mails: list[Mail] = []
        self.answer_to_recipient = ""
        self.answer_to_data = ""
        self.seconds_before_answer = 0.0
        self.drops_connections = False
        self.takes_8_bit = False
        self._controller: Controller | None = None

    def start(self) -> None:
        """Listen, if it does not."""
        if self._controller is None:
            self._controller = Controller(self, hostname=self.host, port=self.port, ready_timeout=10)
            self._controller.start()

    def stop(self) -> None:
        """Stop listening: connections are refused."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def mend(self) -> None:
        """Work again, whatever was switched."""
        self.answer_to_recipient = self.answer_to_data = ""
        self.seconds_before_answer = 0.0
        self.drops_connections = self.takes_8_bit = False
        self.start()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name.
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet, and say what is offered."""
        session.host_name = hostname
        offers = ("8BITMIME", "SMTPUTF8")
        return [line for line in responses if self.takes_8_bit or not line.endswith(offers)]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name.
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer a recipient."""
        await asyncio.sleep(self.seconds_before_answer)
        if self.answer_to_recipient:
            return self.answer_to_recipient
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer a whole mail."""
        if self.drops_connections:
            transport: Any = server.transport
            transport.abort()
            return REFUSED_FOR_NOW
        if self.answer_to_data:
            return self.answer_to_data
        content = cast("bytes", envelope.content)
        if not (self.takes_8_bit or content.isascii()):
            return NOT_SEVEN_BIT
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.mails.append(Mail(envelope.mail_from or "", list(envelope.rcpt_tos), message, content))
        return ACCEPTED


class Inbox:
    """What has been delivered, read as its owners would."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    @property
    def mails(self) -> list[Mail]:
        """Every mail, oldest first."""
        return list(self._server.mails)

    def to(self, address: str) -> list[Mail]:
        """Return the mails to `address`, oldest first."""
        return [mail for mail in self._server.mails if address in mail.recipients]

    def newest(self, address: str) -> Mail:
        """Return the newest mail to `address`. Raises AssertionError where there is none."""
        mails = self.to(address)
        assert mails, f"no mail for {address}; there are mails for {[m.recipients for m in self._server.mails]}"
        return mails[-1]

    def only(self) -> Mail:
        """Return the one mail there is. Raises AssertionError where there are none or several."""
        assert len(self._server.mails) == 1, [(m.recipients, m.subject) for m in self._server.mails]
        return self._server.mails[0]

    def clear(self) -> None:
        """Throw all mails away."""
        self._server.mails.clear()


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
