"""Debian's Dovecot with one mailbox, on a port of this machine: a real IMAP server."""

from __future__ import annotations

import contextlib
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from accounts.imap import Mailbox
from tests.support.imap import PASSWORD, USER, on_wire
from tests.support.portal import free_port

if TYPE_CHECKING:
    import datetime

MISSING = "Dovecot 2.3 is not installed: apt-get install dovecot-imapd"
# Every process runs as the user of the tests where that is not root.
_OF_NO_ROOT = """
default_internal_user = {name}
default_internal_group = {group}
default_login_user = {name}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
"""
_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mails
first_valid_uid = 1
first_valid_gid = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
{rights}
"""


class Dovecot:
    """A running Dovecot."""

    def __init__(self, *, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port

    @property
    def mailbox(self) -> Mailbox:
        """The mailbox, as BOUNCE_MAILBOX names it."""
        return Mailbox(host="localhost", port=self._port, user=USER, password=PASSWORD, folder="INBOX", over_tls=True)

    @property
    def authority(self) -> Path:
        """The certificate of who has signed its certificate."""
        return self._folder / "authority.pem"

    def deliver(self, mail: bytes, *, at: datetime.date | None = None) -> None:
        """Put a mail into the mailbox."""
        day = at.strftime('"%d-%b-%Y 12:00:00 +0000"') if at else ""
        with self.client() as client:
            client.append("INBOX", "", day, on_wire(mail))

    def left(self) -> list[bytes]:
        """Return the mails that are in it, in their order."""
        with self.client() as client:
            client.select(readonly=True)
            found = client.search(None, "ALL")[1][0].split()
            return [client.fetch(each.decode(), "(BODY.PEEK[])")[1][0][1] for each in found]  # type: ignore[index,misc]

    def read(self) -> int:
        """Return how many of those are marked as read."""
        with self.client() as client:
            client.select(readonly=True)
            return len(client.search(None, "SEEN")[1][0].split())

    def mark_as_deleted(self) -> None:
        """Mark all that is there as another program does that empties no bin."""
        with self.client() as client:
            client.select()
            client.store("1:*", "+FLAGS", r"(\Deleted)")

    @contextlib.contextmanager
    def client(self) -> Iterator[imaplib.IMAP4_SSL]:
        """Yield another program that is logged in."""
        with imaplib.IMAP4_SSL("127.0.0.1", self._port) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield client


def is_installed() -> bool:
    """Return whether there is a Dovecot whose configuration is written as this one: 2.4 writes it otherwise."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        return False
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return version.startswith("2.3.") and Path("/usr/lib/dovecot/imap").exists()


@contextlib.contextmanager
def running() -> Iterator[Dovecot]:
    """Yield a Dovecot with an empty mailbox; skip the test where there is none."""
    if not is_installed():
        pytest.skip(MISSING)
    # Short and open to the user of the mailbox, as pytest's own folder is not.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    port = free_port()
    _configure(folder, port)
    dovecot = [shutil.which("dovecot", path="/usr/sbin:/usr/bin") or "", "-F", "-c", str(folder / "dovecot.conf")]
    process = subprocess.Popen(dovecot)
    server = Dovecot(folder=folder, port=port)
    try:
        _wait_for(server, folder)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder)


def _configure(folder: Path, port: int) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    owner, rights = pwd.getpwuid(os.getuid()), ""
    if owner.pw_uid == 0:
        # It reads no mails as root.
        owner = pwd.getpwnam("nobody")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(0o755)
        (folder / "users").chmod(0o644)
    else:
        group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
        rights = _OF_NO_ROOT.format(name=owner.pw_name, group=group)
    text = _CONFIGURATION.format(folder=folder, port=port, uid=owner.pw_uid, gid=owner.pw_gid, rights=rights)
    (folder / "dovecot.conf").write_text(text, encoding="utf-8")


def _wait_for(server: Dovecot, folder: Path) -> None:
    give_up_at = time.monotonic() + 30
    while True:
        try:
            with server.client():
                return
        except (OSError, imaplib.IMAP4.error):
            log = folder / "log"
            assert time.monotonic() < give_up_at, log.read_text(encoding="utf-8") if log.exists() else "no log"
            time.sleep(0.1)
