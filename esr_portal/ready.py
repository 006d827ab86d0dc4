"""Wait until the web server of this machine is ready: ``python -m esr_portal.ready``. Its systemd unit does."""

from __future__ import annotations

import http.client
import os
import ssl
import sys
import time
from urllib.parse import urlsplit

from django.conf import settings

from esr_portal.configuration import web_server

# Seconds until it is ready; a cold start on a small machine takes ten.
WITHIN = 60


def answer() -> str:
    """Return what the server at our port says of itself: "" where it is ready, or why it is not."""
    connection = _connection("127.0.0.1" if settings.HOST == "0.0.0.0" else settings.HOST)  # noqa: S104
    try:
        connection.request("GET", "/health/ready", headers={"Host": urlsplit(settings.BASE_URL).netloc})
        answered = connection.getresponse()
        said = answered.read().decode("utf-8", "replace").strip()
        return "" if answered.status == 200 else said
    except (OSError, http.client.HTTPException):
        return "no answer"
    finally:
        connection.close()


def _connection(host: str) -> http.client.HTTPConnection:
    if not os.environ.get(web_server.OWN_TLS):
        return http.client.HTTPConnection(host, settings.PORT, timeout=5)
    # The server's own certificate, at our own port: there is no name to compare, and nothing secret is sent.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, settings.PORT, timeout=5, context=context)


def main() -> None:
    """Wait. Ends with a message where the server is not ready after that time."""
    # After an upgrade the machine may have much to do.
    deadline = time.monotonic() + 2 * WITHIN
    while problem := answer():
        if time.monotonic() > deadline:
            sys.exit(f"The web server at port {settings.PORT} is not ready: {problem}")
        time.sleep(0.2)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    main()
