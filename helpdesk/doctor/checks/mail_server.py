"""Whether the mail server can be reached, with TLS, and takes our log-in; and a mail, where one is asked for."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from accounts.services import mail_server
from helpdesk.doctor.findings import Check, failure, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

_REACH = "Look at EMAIL_URL, and let this machine reach the mail server. Mails wait until then, and none is lost."
_LOG_IN = "Look at the user and the password in EMAIL_URL. Mails wait until then, and none is lost."
_TLS = "Look at the mail server's certificate, and at smtp+tls:// or smtps:// in EMAIL_URL."


def check() -> Iterator[Finding]:
    """Yield what comes of connecting, as the worker does before the first mail."""
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        words = mail_server.describe(error)
        mend = _LOG_IN if "Authentication" in words else _TLS if "SSL" in words or "NotSupported" in words else _REACH
        yield failure(f"The mail server cannot be used: {words}.", mend)
        return
    finally:
        # After a failure in the middle too. A server that says no good-bye has nothing to do with it.
        with contextlib.suppress(OSError):
            connection.close()
    way = "with TLS" if settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL else "without TLS"
    user = ", and takes our log-in" if settings.EMAIL_HOST_USER else ""
    yield good(f"The mail server answers, {way}{user}.")


def sending_to(address: str) -> Check:
    """Return the check that sends a mail to `address`, which is neither kept nor shown."""
    return Check("test mail", functools.partial(_send, address))


def _send(address: str) -> Iterator[Finding]:
    text = "This is a test by the operators of the ESR Portal. There is nothing to do.\n"
    email = EmailMessage("Test of the ESR Portal", text, settings.DEFAULT_FROM_EMAIL, [address])
    try:
        with mail_server.Connection() as connection:
            connection.send(email)
    except (mail_server.Unreachable, OSError) as error:
        yield failure(
            f"The mail server did not take the test mail: {mail_server.describe(error)}.",
            "Let it relay for this machine or this user, and take mail from the address in FROM_EMAIL.",
        )
    else:
        yield good("The mail server took the test mail. Look whether it has arrived, and not among the spam.")
