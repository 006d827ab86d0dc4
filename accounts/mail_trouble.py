"""Why a mail did not go, in words for the operator who has just tried it, with what to look at."""

from __future__ import annotations

import smtplib
import socket
import ssl

from accounts.services import mail_server

# The first that holds is told. A certificate that is refused is an SSLError, and each of them an OSError.
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (smtplib.SMTPAuthenticationError, "it refuses the user or the password in EMAIL_URL"),
    (
        smtplib.SMTPNotSupportedError,
        "it offers no log-in or no STARTTLS: is this its port for sending mail (587, 465)?",
    ),
    (smtplib.SMTPSenderRefused, "it does not send for the address in FROM_EMAIL"),
    (smtplib.SMTPRecipientsRefused, "it refuses the address that the mail is to"),
    (smtplib.SMTPDataError, "it refuses the mail itself"),
    (
        smtplib.SMTPServerDisconnected,
        "it hung up: smtps:// is for a port that begins with TLS (465), smtp+tls:// for 587",
    ),
    (smtplib.SMTPException, "it answered what no mail server answers"),
    (ssl.SSLCertVerificationError, "its certificate is not trusted, or is for another name than the one in EMAIL_URL"),
    (ssl.SSLError, "it speaks no TLS at this port: smtps:// is for 465, smtp+tls:// for 587"),
    (socket.gaierror, "its name is not known: look at EMAIL_URL and at this machine's DNS"),
    (ConnectionRefusedError, "nothing listens there: look at the name and the port in EMAIL_URL"),
    (TimeoutError, "it does not answer: look for a firewall on the way"),
    (OSError, "it cannot be reached"),
)


def in_words(error: BaseException) -> str:
    """Return what is wrong, and the kind and code by which the log names it. Nothing that the mail server has said."""
    cause = error.__cause__ if isinstance(error, mail_server.Unreachable) and error.__cause__ else error
    words = next((words for kind, words in _WORDS if isinstance(cause, kind)), "it failed")
    return f"{words} ({mail_server.describe(cause)})"
