"""The proxy of deploy/nginx.conf itself, in front of a portal on a port: with a certificate that is made up."""

from __future__ import annotations

import contextlib
import getpass
import http.client
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

from bench.processes import family
from tests.support.portal import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOST = "esr.example.nhs.uk"
# Debian has it where root alone looks for programs.
PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
MISSING = "nginx is not installed: apt-get install nginx-light"
# As Debian's nginx.conf, what it switches on for every server among it.
AROUND = """
daemon off; user {user}; pid {folder}/nginx.pid; error_log {folder}/main.error.log; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types; default_type application/octet-stream;
    sendfile on; gzip on; access_log {folder}/main.log;
    client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/portal.conf;
}}
"""


class Proxy:
    """A running nginx: where its logs and the bodies that it writes down are, and what it answers."""

    def __init__(self, folder: Path, port: int, authority: trustme.CA, *, pid: int) -> None:
        self.folder, self.port, self._pid = folder, port, pid
        self.context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())

    @property
    def bodies(self) -> Path:
        """Where it keeps bodies that it does not hold in memory."""
        return self.folder / "bodies"

    @property
    def logs(self) -> str:
        """All that it has logged."""
        return "".join(log.read_text(encoding="utf-8") for log in sorted(self.folder.glob("*.log")))

    def open_files(self) -> list[str]:
        """Return the names of the files that its processes have open, removed ones too."""
        found = []
        for pid in family(self._pid):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    found.append(str(link.readlink()))
        return found

    def connect(self) -> ssl.SSLSocket:
        """Return a connection by which requests are sent byte by byte."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        return self.context.wrap_socket(plain, server_hostname=HOST)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        """Send a request; return the answer and its text."""
        connection = http.client.HTTPSConnection(HOST, self.port, context=self.context, timeout=60)
        connection.sock = self.connect()
        with contextlib.closing(connection):
            # What does not read to the end answers and hangs up.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
                connection.request(method, path, body, {"Host": f"{HOST}:{self.port}", **(headers or {})})
            answer = connection.getresponse()
            return answer, answer.read().decode("utf-8", "replace")


@contextlib.contextmanager
def before(*portal_ports: int, port: int, folder: Path) -> Iterator[Proxy]:
    """Run nginx with deploy/nginx.conf on `port` before the instances of a portal until the block ends.

    It writes into `folder`.
    """
    assert PROGRAM
    authority = trustme.CA()
    issued = authority.issue_cert(HOST)
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    for certificate in issued.cert_chain_pems:
        certificate.write_to_path(str(folder / "certificate.pem"), append=True)
    (folder / "portal.conf").write_text(_configuration(portal_ports, port, folder), encoding="utf-8")
    main = folder / "nginx.conf"
    main.write_text(AROUND.format(folder=folder, user=getpass.getuser()), encoding="utf-8")
    process = subprocess.Popen(
        [PROGRAM, "-p", str(folder), "-c", str(main), "-e", str(folder / "main.error.log")], stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield Proxy(folder, port, authority, pid=process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _configuration(portal_ports: Sequence[int], port: int, folder: Path) -> str:
    """Return deploy/nginx.conf with these ports and folders in the place of its own, and nothing else changed."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for pattern, own in (
        (r"server 127\.0\.0\.1:8000;", " ".join(f"server 127.0.0.1:{each};" for each in portal_ports)),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        (r"ssl_certificate \S+;", f"ssl_certificate {folder}/certificate.pem;"),
        (r"ssl_certificate_key \S+;", f"ssl_certificate_key {folder}/key.pem;"),
        (r"/var/log/nginx/", f"{folder}/"),
    ):
        text, count = re.subn(pattern, own, text)
        assert count, pattern
    return text


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
