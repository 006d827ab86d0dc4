"""What a log-in with a passkey costs beside one with a password: `python -m bench.passkeys`.

Processor time of this process alone, both requests of a passkey, and the one that the password's form is sent with.
"""

from __future__ import annotations

import logging
import statistics
import time
from typing import TYPE_CHECKING

from bench import portal
from bench.browser import HOST

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 60


def _cost(log_in: Callable[[], int]) -> float:
    """Return the processor time (milliseconds, the middle one) of a log-in, which is answered by a redirect."""
    times = []
    for _ in range(TRIES):
        before = time.process_time()
        status = log_in()
        times.append((time.process_time() - before) * 1000)
        assert status == 302, status  # noqa: S101 - a refused log-in costs something else.
    return statistics.median(times[5:])


def main() -> None:
    """Print both."""
    with portal.database():
        from django.test import Client

        from accounts.models import User
        from tests.support.passkeys import registered

        logging.disable(logging.INFO)
        user = User.objects.get(username=portal.username(0))
        authenticator, _ = registered(User.objects.get(username=portal.username(1)))

        # One for all, without its cookies: a new one loads the portal's layers anew.
        client = Client(headers={"host": HOST}, REMOTE_ADDR="10.3.0.1")

        def browser() -> Client:
            client.cookies.clear()
            return client

        def by_password() -> int:
            sent = {"username": user.username, "password": portal.PASSWORD}
            return browser().post("/log-in/", sent, secure=True).status_code

        def by_passkey() -> int:
            own = browser()
            options = own.post("/passkeys/log-in/begin/", secure=True).json()
            spent = time.process_time()
            sent = {"credential": authenticator.use(options)}
            own_time.append((time.process_time() - spent) * 1000)
            return own.post("/passkeys/log-in/", sent, secure=True).status_code

        own_time: list[float] = []
        password, passkey = _cost(by_password), _cost(by_passkey)
        print(f"  log-in with a password     {password:6.1f} ms of processor time")
        print(f"  log-in with a passkey      {passkey - statistics.median(own_time):6.1f} ms")


if __name__ == "__main__":
    main()
