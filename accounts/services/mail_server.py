"""The mail server: one connection for a burst of mails, and what its failures mean."""

from __future__ import annotations

import contextlib
import errno
import smtplib
import traceback
from email import charset
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import get_connection

if TYPE_CHECKING:
    from types import TracebackType

    from django.core.mail import EmailMessage

_OUR_CODE = str(settings.BASE_DIR / "accounts")

# Django's own choice is 8-bit bodies whether or not the mail server offers 8BITMIME (RFC 6152). One that does not
# refuses the mail, or lets the next one on the way rewrite it. Quoted-printable also keeps lines short (RFC 2045, 6.7).
_SEVEN_BIT = charset.Charset("utf-8")
_SEVEN_BIT.body_encoding = charset.QP


class Unreachable(Exception):
    """The mail server does not answer, or refuses our log-in: no mail can go at present. The cause says why."""


class Connection:
    """Opens with the first mail, serves for the next ones, and is closed after a failure or at the end of the block."""

    def __init__(self) -> None:
        self._backend = get_connection()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def send(self, email: EmailMessage) -> None:
        """Hand over one mail, in 7 bits whatever its text; on return the mail server has taken it.

        Raises Unreachable, or what smtplib raises when this one mail is refused or the connection breaks.
        """
        try:
            self._backend.open()
        except OSError as error:  # smtplib's errors are OSErrors too.
            self._close()
            raise Unreachable from error
        email.encoding = _SEVEN_BIT
        try:
            self._backend.send_messages([email])
        except Exception:
            # The state of the connection is unknown: the next mail gets a new one.
            self._close()
            raise

    def _close(self) -> None:
        # A failed QUIT says nothing about the mails that were taken before it.
        with contextlib.suppress(OSError):
            self._backend.close()


def describe(error: BaseException) -> str:
    """Return an error as its kind and code, for logs and the admin: "SMTPRecipientsRefused 550".

    Never its text: mail servers repeat addresses in their answers, and Python repeats values.
    """
    if isinstance(error, Unreachable) and error.__cause__ is not None:
        return f"Unreachable: {describe(error.__cause__)}"
    return " ".join([type(error).__name__, *map(str, _smtp_codes(error)), *_detail(error)])


def is_refused_for_good(error: BaseException) -> bool:
    """Return whether the mail server will not take this mail tomorrow either (SMTP 5xx for recipient or content)."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        return False
    codes = _smtp_codes(error)
    return bool(codes) and all(code >= 500 for code in codes)


def _smtp_codes(error: BaseException) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return sorted({code for code, _ in error.recipients.values()})
    if isinstance(error, smtplib.SMTPResponseException):
        return [error.smtp_code]
    return []


def _detail(error: BaseException) -> list[str]:
    """Return what else is safe to say: the name of the system's error, or where in our code another one arose."""
    if isinstance(error, smtplib.SMTPException):
        return []
    if isinstance(error, OSError):
        return [errno.errorcode[error.errno]] if error.errno and error.errno in errno.errorcode else []
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{Path(f.filename).stem}.{f.name}:{f.lineno}" for f in frames if f.filename.startswith(_OUR_CODE)]
    return ["at", ours[-1]] if ours else []
