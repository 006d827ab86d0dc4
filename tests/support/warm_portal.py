"""The portal loaded and not yet connected to anything: importing this takes what starting a process of it takes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connection

if TYPE_CHECKING:
    from accounts.imap import Mailbox

django.setup()


def work(*, database: str, mail_server: tuple[str, int], log: str, mailbox: Mailbox | None = None) -> None:
    """Do what `manage.py work` does, on a database and with a mail server of a test; what it logs goes to `log`."""
    with Path(log).open("wb") as opened:
        os.dup2(opened.fileno(), 2)
    connection.settings_dict["NAME"] = database
    settings.EMAIL_HOST, settings.EMAIL_PORT = mail_server
    settings.BOUNCE_MAILBOX = mailbox
    execute_from_command_line(["manage.py", "work"])
