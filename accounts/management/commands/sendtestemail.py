"""Send a test mail as every mail of the portal is sent, or say what keeps it from going."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError

from accounts import mail_trouble
from accounts.services import mail_server

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Replaces Django's, which shows a traceback, and takes another way than the mails of the portal."""

    help = "Send a test mail to an address, through EMAIL_URL and from FROM_EMAIL, or say what keeps it from going."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the address."""
        parser.add_argument("address", help="an address whose mailbox you can read")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        """Send it. Raises CommandError, with what to look at, where the mail server does not take it."""
        where = f"{settings.EMAIL_HOST}, port {settings.EMAIL_PORT}"
        email = EmailMessage(
            subject="Test of the ESR Portal",
            body=f"This mail came from the ESR Portal at {settings.BASE_URL}. Nothing is to be done.\n",
            to=[address],
        )
        try:
            with mail_server.Connection() as connection:
                connection.send(email)
        except (mail_server.Unreachable, smtplib.SMTPException, OSError) as error:
            raise CommandError(f"Not sent. The mail server ({where}): {mail_trouble.in_words(error)}.") from error
        self.stdout.write(
            f"The mail server ({where}) has taken a mail from {settings.DEFAULT_FROM_EMAIL}. Look whether it arrives, "
            "and where it is put."
        )
