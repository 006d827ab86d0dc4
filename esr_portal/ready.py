"""Wait until the web server of this machine is ready: ``python -m esr_portal.ready``. Its systemd unit does."""

from __future__ import annotations

import http.client
import os
import sys
import time
from urllib.parse import urlsplit

from django.conf import settings

# Seconds until it is ready; a cold start on a small machine takes ten.
WITHIN = 60


def answer() -> str:
    """Return what the server at our port says of itself: "" where it is ready, or why it is not."""
    host = settings.HOST
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, settings.PORT, timeout=5)  # noqa: S104
    try:
        connection.request("GET", "/health/ready", headers={"Host": urlsplit(settings.BASE_URL).netloc})
        answered = connection.getresponse()
        said = answered.read().decode("utf-8", "replace").strip()
        return "" if answered.status == 200 else said
    except (OSError, http.client.HTTPException):
        return "no answer"
    finally:
        connection.close()


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
