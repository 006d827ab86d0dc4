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
from tests.support.portal import ROOT, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOST = "esr.example.nhs.uk"
# Debian has it where root alone looks for programs.
_FOUND = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
# With the module for files that are compressed with Brotli, where Debian puts it.
_BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
PROGRAM = _FOUND if _BROTLI.exists() else None
MISSING = "nginx is not installed: apt-get install nginx-light libnginx-mod-http-brotli-static"
# As Debian's nginx.conf, what it switches on for every server among it.
AROUND = """
load_module {module}; daemon off; user {user}; worker_processes 1;
pid {folder}/nginx.pid; error_log {folder}/main.error.log;
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

    def __init__(self, folder: Path, port: int, authority: trustme.CA, *, pid: int, plain_port: int) -> None:
        self.folder, self.port, self.plain_port, self._pid = folder, port, plain_port, pid
        self.authority = authority.cert_pem.bytes()
        self.context = ssl.create_default_context(cadata=self.authority.decode())

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
def before(
    *portal_ports: int,
    port: int,
    folder: Path,
    state: Path | None = None,
    again: int = 30,
    changed: Mapping[str, str] | None = None,
    more: str = "",
) -> Iterator[Proxy]:
    """Run nginx with deploy/nginx.conf on `port` before one instance of a portal, or two, until the block ends.

    It writes into `folder`, and has the static files of the portal whose STATE_DIR is `state`. Its page for when the
    portal is away asks again after `again` seconds. `changed` are lines that are to be others, and `more` what stands
    before all of them, where a test is about a proxy that is set up wrongly. The certificate of the authority is
    `authority.pem` in the folder.
    """
    assert PROGRAM
    authority, plain_port = trustme.CA(), free_port()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    main = _write(
        folder,
        portal_ports=portal_ports,
        authority=authority,
        own={
            **{re.escape(line): other for line, other in (changed or {}).items()},
            r"listen 80;": f"listen 127.0.0.1:{plain_port};",
            r"listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
            r"return 301 https://[^$]+": f"return 301 https://{HOST}:{port}",
            r"/var/lib/esr-portal(?=[;/])": str(state or folder),
            r"Refresh 30 ": f"Refresh {again} ",
        },
        more=more,
    )
    process = subprocess.Popen(
        [PROGRAM, "-p", str(folder), "-c", str(main), "-e", str(folder / "main.error.log")], stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield Proxy(folder, port, authority, pid=process.pid, plain_port=plain_port)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _write(
    folder: Path, *, portal_ports: Sequence[int], authority: trustme.CA, own: Mapping[str, str], more: str
) -> Path:
    """Write deploy/nginx.conf with what is `own` in it, and a certificate; return the file that includes it."""
    issued = authority.issue_cert(HOST)
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    for certificate in issued.cert_chain_pems:
        certificate.write_to_path(str(folder / "certificate.pem"), append=True)
    instances = "".join(f"    server 127.0.0.1:{each} max_fails=0;\n" for each in portal_ports)
    own = {
        **own,
        r"(    server 127\.0\.0\.1:\d+ max_fails=0;\n)+": instances,
        r"ssl_certificate \S+;": f"ssl_certificate {folder}/certificate.pem;",
        r"ssl_certificate_key \S+;": f"ssl_certificate_key {folder}/key.pem;",
        r"/var/log/nginx/": f"{folder}/",
    }
    (folder / "portal.conf").write_text(more + _with(own, ROOT / "deploy" / "nginx.conf"), encoding="utf-8")
    main = folder / "nginx.conf"
    around = AROUND.format(folder=folder, user=getpass.getuser(), module=_BROTLI)
    main.write_text(around, encoding="utf-8")
    return main


def _with(own: Mapping[str, str], file: Path) -> str:
    """Return a file with each pattern replaced, and nothing else changed."""
    text = file.read_text(encoding="utf-8")
    for pattern, replacement in own.items():
        text, count = re.subn(pattern, replacement.replace("\\", r"\\"), text)
        assert count, pattern
    return text


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
