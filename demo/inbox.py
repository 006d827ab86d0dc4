"""The mails that the demo's mail server has kept."""

from __future__ import annotations

import dataclasses
import datetime
import email
import email.policy
import email.utils
import mailbox
import math
import os
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from nhsuk.wording import spoken_moment

# Set by esr_portal.run for its children when it starts our mail server.
VARIABLE = "DEMO_INBOX"
# More than a person reads; an inbox of thousands would make a slow page.
MOST_SHOWN = 100
# How the HTML part of our mails is set on the narrowest phone, with some room to spare: how many characters go into a
# line, how many pixels high a line is, and the least lines of a mail.
LINE_ON_A_PHONE = 20
LINE_HEIGHT = 27
LEAST_LINES = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    """One mail, as a mail program shows it. `html` and `text` are "" where the mail has no such part."""

    key: str
    sender: str
    to: str
    subject: str
    received: str
    html: str
    text: str

    @property
    def height_on_a_phone(self) -> int:
        """How many pixels high the HTML part is on a phone, or a little more, by the text that says the same.

        The frame that it stands in cannot be asked: it is shut off from the page around it.
        """
        lines = sum(max(1, math.ceil(len(line) / LINE_ON_A_PHONE)) for line in self.text.splitlines())
        return max(lines, LEAST_LINES) * LINE_HEIGHT


class NoSuchMail(Exception):
    """There is no mail with this key."""


def is_used() -> bool:
    """Return whether mail comes here: not where `make run` was given another mail server in EMAIL_URL."""
    return os.environ.get(VARIABLE) == "1"


def folder() -> Path:
    """Return the Maildir."""
    return settings.STATE_DIR / "inbox"


def newest() -> list[Mail]:
    """Return the mails, the newest first."""
    maildir = mailbox.Maildir(folder(), create=True)
    # A Maildir's keys begin with the second of arrival, then the microsecond.
    newest_first = sorted(maildir.keys(), key=_arrival, reverse=True)
    return [_read(maildir, key) for key in newest_first[:MOST_SHOWN]]


def find(*, key: str) -> Mail:
    """Return the mail with this key. Raises NoSuchMail."""
    maildir = mailbox.Maildir(folder(), create=True)
    if key not in maildir.keys():  # noqa: SIM118 - "in maildir" would take a path for a key.
        raise NoSuchMail
    return _read(maildir, key)


def _arrival(key: str) -> tuple[int, int, str]:
    seconds, _, rest = key.partition(".")
    microseconds = rest.partition("P")[0].lstrip("M")
    return int(seconds), int(microseconds or 0), key


def _read(maildir: mailbox.Maildir, key: str) -> Mail:
    arrived = datetime.datetime.fromtimestamp(_arrival(key)[0], timezone.get_default_timezone())
    message = email.message_from_bytes(maildir.get_bytes(key), _class=EmailMessage, policy=email.policy.default)
    return Mail(
        key=key,
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or _("(no subject)")),
        received=spoken_moment(arrived),
        html=_part(message, "html"),
        text=_part(message, "plain"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
