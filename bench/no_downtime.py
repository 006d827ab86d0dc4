"""Whether anybody notices a reload or an upgrade: `python -m bench.no_downtime`, which needs nginx and PostgreSQL.

Runs nginx with deploy/nginx.conf before two instances, as the runbook does (docs/operations.md), and lets people log in
and send forms without a pause, over TLS. Meanwhile each instance is told to load the portal anew (SIGHUP), and then
each is stopped and started again, one after the other. An answer that is missing or broken off, and any 5xx, is a
failed request. The goal is none. "ESR is busy" is counted by itself: one instance alone may be too little for a while.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import platform
import socket
import ssl
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from accounts import try_again
from bench import portal
from bench.browser import HOST, Answer, Browser, Unexpected
from bench.instances import Instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.nginx import Proxy

# People at a time: below what sends people away as busy.
LOGGING_IN = 2
SENDING_FORMS = 6
INSTANCES = 2


@dataclasses.dataclass(slots=True)
class Seen:
    """What people got while something was done to the portal."""

    requests: int = 0
    forms: int = 0
    busy: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)
    slowest: float = 0.0
    seconds: float = 0.0


class OverTls(Browser):
    """A browser behind nginx, which notes what it gets in `seen`."""

    def __init__(self, proxy: Proxy, seen: Seen) -> None:
        super().__init__(proxy.port, "127.0.0.1")
        context = ssl.create_default_context(cadata=proxy.authority.decode())
        self._socket: socket.socket = context.wrap_socket(self._socket, server_hostname=HOST)
        self._seen = seen

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
        began = time.perf_counter()
        self._seen.requests += 1
        self._seen.forms += method == "POST"
        try:
            head, received = super()._exchange(method, path, headers, body)
            answer = Answer(head, b"")
            if is_busy(answer):
                self._seen.busy += 1
            elif answer.status >= 500:
                self._seen.failed.append(f"{method} {path}: {head[:12].decode()}")
        except (OSError, Unexpected) as error:
            self._seen.failed.append(f"{method} {path}: {type(error).__name__} {error}")
            raise
        finally:
            self._seen.slowest = max(self._seen.slowest, time.perf_counter() - began)
        return head, received


def is_busy(answer: Answer) -> bool:
    """Return whether the portal says that it is busy (accounts/try_again.py); where it is away it says another time."""
    return answer.status == 503 and 0 < answer.retry_after <= try_again.LONGEST


def main() -> None:
    """Measure both ways and print what was seen. Ends with 1 where a request failed."""
    arguments = argparse.ArgumentParser(prog="python -m bench.no_downtime")
    arguments.add_argument("--times", type=int, default=3, help="how often each way is done (3)")
    times: int = arguments.parse_args().times
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL, nginx")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}\n")
    with portal.database():
        seen = measure(times=times, people=(LOGGING_IN, SENDING_FORMS), touched=INSTANCES)
    for way, what in seen.items():
        print(f"{way}, {times} times: {what.requests} requests in {what.seconds:.0f} s, {what.forms} of them forms")
        print(f"  failed: {len(what.failed)} (goal 0), busy: {what.busy}; the slowest answer took {what.slowest:.2f} s")
        for line in what.failed[:20]:
            print(f"    {line}")
    if any(what.failed for what in seen.values()):
        sys.exit(1)


def measure(*, times: int, people: tuple[int, int], touched: int) -> dict[str, Seen]:
    """Return what `people` saw, some who log in and some who send forms, on the database of the environment.

    Each way is done to the first `touched` instances, one after the other.
    """
    from tests.support import nginx

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="esr-portal-no-downtime-")))
        environment = {**os.environ, "GRANIAN_WORKERS": "1"}
        instances = [
            Instance(portal.free_port(), environment=environment, log=folder / f"server-{which}.log")
            for which in range(INSTANCES)
        ]
        for instance in instances:
            stack.callback(instance.stop)
            instance.start()
        ports = [instance.port for instance in instances]
        state = Path(os.environ["STATE_DIR"])
        proxy = stack.enter_context(nginx.before(*ports, port=portal.free_port(), folder=folder, state=state))

        def reload() -> None:
            for instance in instances[:touched]:
                instance.reload()

        def restart() -> None:
            for instance in instances[:touched]:
                instance.restart()

        return {
            "each instance loaded anew (HUP)": _seen_while(reload, proxy, times=times, people=people),
            "each instance started again, one after the other": _seen_while(restart, proxy, times=times, people=people),
        }


def _seen_while(do: Callable[[], None], proxy: Proxy, *, times: int, people: tuple[int, int]) -> Seen:
    over, numbers, seen = threading.Event(), itertools.count(), Seen()
    visits = [_log_in] * people[0] + [_send_forms] * people[1]
    threads = [threading.Thread(target=_go_on, args=(visit, proxy, seen, numbers, over)) for visit in visits]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    try:
        for _ in range(times):
            do()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    seen.seconds = time.perf_counter() - began
    return seen


def _go_on(
    visit: Callable[[OverTls, int], None], proxy: Proxy, seen: Seen, numbers: Iterator[int], over: threading.Event
) -> None:
    """Visit again and again until it is over. What fails is noted, and the next visit begins anew."""
    while not over.is_set():
        browser = None
        try:
            browser = OverTls(proxy, seen)
            visit(browser, next(numbers))
        except (OSError, Unexpected) as error:
            seen.failed.append(f"{type(error).__name__} {error}")
        finally:
            if browser is not None:
                browser.close()


def _log_in(browser: OverTls, number: int) -> None:
    browser.log_in(portal.username(number), portal.PASSWORD)


def _send_forms(browser: OverTls, number: int) -> None:
    """Look at the front page, and send forms in which a box is empty: they cost little, and nginx sends none twice."""
    browser.open("/")
    form = browser.open("/log-in/")
    for _ in range(10):
        answer = browser.post("/log-in/", form, username="", password="")
        if answer.status != 200 and not is_busy(answer):
            msg = f"an empty form answered {answer.status}"
            raise Unexpected(msg)


if __name__ == "__main__":
    main()
