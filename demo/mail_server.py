"""A mail server that keeps what it gets: ``python -m demo.mail_server FD FOLDER``.

FD is a listening socket that the caller has opened; FOLDER is the Maildir that demo/inbox.py reads.
"""

from __future__ import annotations

import asyncio
import mailbox
import signal
import socket
import sys
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session


class Keeper:
    """Puts every mail into the Maildir, whatever its address."""

    def __init__(self, folder: Path) -> None:
        self._maildir = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Keep one mail; only then say that it has arrived."""
        self._maildir.add(cast("bytes", envelope.content))
        return "250 Message accepted for delivery"


async def serve(listening: socket.socket, folder: Path) -> None:
    """Take mail until asked to stop."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    keeper = Keeper(folder)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # The name it greets with; without a name it asks the network, which may take seconds.
    server = await loop.create_server(lambda: SMTP(keeper, hostname="localhost"), sock=listening)
    async with server:
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    fd, folder = sys.argv[1:]
    asyncio.run(serve(socket.socket(fileno=int(fd)), Path(folder)))


if __name__ == "__main__":
    main()
