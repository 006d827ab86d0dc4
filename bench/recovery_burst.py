"""How long a real recovery mail waits behind a burst of made-up requests: `python -m bench.recovery_burst [REQUESTS]`.

On PostgreSQL, with one worker and a mail server on this machine. The burst comes from one network, the real request
after it from another. "In the order of arrival" is the same with the spacing of a network's requests set to nothing.
"""

from __future__ import annotations

import datetime
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from bench import portal

REQUESTS = 2000
ATTACKER, PERSON = "203.0.113.7", "198.51.100.7"


def main() -> None:
    """Measure both orders and print what came out."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    with portal.database():
        from accounts.services.recovery import queueing

        logging.disable(logging.WARNING)
        for name, spacing in (("in the order of arrival", datetime.timedelta(0)), ("fair", queueing.SPACING)):
            with mock.patch.object(queueing, "SPACING", spacing):
                asked, waited, worked = _measure(count)
            print(f"{name}: {count} made-up requests taken in {asked:.1f} s; real mail sent after {waited:.2f} s, ")
            print(f"  all decided after {worked:.1f} s ({count / worked:.0f} a second)", flush=True)


def _measure(count: int) -> tuple[float, float, float]:
    """Return how many seconds the burst took to be stored, the real mail to be sent, and all to be done."""
    from accounts.jobs import Worker
    from accounts.models import User

    began = time.perf_counter()
    for number in range(count):
        _ask(ATTACKER, f"nobody{number}@bench.example")
    asked = time.perf_counter() - began
    _ask(PERSON, User.objects.filter(username__startswith="999BENCH").order_by("?")[0].email)
    with _mail_server() as first_mail:
        began = time.perf_counter()
        arrived: list[float] = []

        def wait() -> None:
            first_mail.wait()
            arrived.append(time.perf_counter() - began)

        waiting = threading.Thread(target=wait)
        waiting.start()
        Worker().do_what_is_due()
        worked = time.perf_counter() - began
        waiting.join(timeout=10)
    return asked, arrived[0], worked


def _ask(address: str, email: str) -> None:
    from accounts.services import events, recovery

    with events.coming_from(events.Origin(address=address)):
        recovery.ask(email=email, date_of_birth=portal.DATE_OF_BIRTH)


@contextmanager
def _mail_server() -> Iterator[threading.Event]:
    """Run a mail server that the portal sends through; yield what is set when the first mail has come."""
    from django.conf import settings

    from tests.support.smtp import MailServer

    first_mail = threading.Event()

    class Server(MailServer):
        async def handle_DATA(self, *args: object) -> str:  # noqa: N802 - aiosmtpd's name.
            answer = await super().handle_DATA(*args)  # type: ignore[arg-type]
            first_mail.set()
            return answer

    server = Server()
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        yield first_mail
    finally:
        server.stop()


if __name__ == "__main__":
    main()
