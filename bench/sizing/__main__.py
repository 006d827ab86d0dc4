"""What each action takes, and what a year of 1.9 million people takes: `python -m bench.sizing [--times 200]`.

Runs a PostgreSQL of its own with production's settings (fsync, synchronous commits, whole pages after a checkpoint),
and writes docs/scaling.md between two marks. Some minutes. What is assumed of people is in bench/sizing/reckoning.py.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bench import load, portal, processes
from bench.sizing import actions, page, reckoning
from bench.sizing.meter import Cost, Meter, connection_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.attacks.care_identity import CareIdentity
    from bench.attacks.postgresql import PostgreSQL
    from bench.browser import Browser
    from tests.support.smtp import MailServer

TIMES = 200
# With a checkpoint before each, and imports.
FEW, IMPORTS = 10, 3
# Caches and templates.
WARM_UP = 5
# Through the web server.
BROWSERS, SECONDS = 4, 15.0


def main() -> None:
    """Measure, and write the document."""
    arguments = argparse.ArgumentParser(prog="python -m bench.sizing", description=__doc__)
    arguments.add_argument("--times", type=int, default=TIMES, help=f"how often each action is done ({TIMES})")
    arguments.add_argument("--print", action="store_true", help="print the block, and write no document")
    said = arguments.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="esr-portal-sizing-")))
        # As root, PostgreSQL is run by another user, who has to reach its own.
        folder.chmod(0o711)
        from bench.attacks import postgresql
        from bench.attacks.care_identity import care_identity

        database = stack.enter_context(postgresql.running(folder / "postgresql"))
        os.environ["TEST_DATABASE_URL"] = database.address
        # Sets the variables of a production portal.
        import tests.environment  # noqa: F401

        provider = stack.enter_context(care_identity())
        os.environ |= {"TRUSTED_PROXIES": "127.0.0.1", "DJANGO_SETTINGS_MODULE": "bench.attacks.settings"}
        os.environ |= provider.variables
        mails = _mail_server(stack)
        before = os.getloadavg()[0]
        costs = _measure(database, mails, provider, times=said.times)
        server = _in_the_server()
        version = str(connection_value("SHOW server_version")).split()[0]
        _close()
    one = costs["log_in"].web
    measured = page.Measured(costs, server=server, version=version, times=said.times, load=before)
    found = [reckoning.needs(costs, server=server / one, factor=factor) for factor in page.FACTORS]
    block = page.block(measured, found)
    if said.print or not page.write(block):
        print(block)


def _mail_server(stack: ExitStack) -> MailServer:
    from tests.support.smtp import MailServer

    mails = MailServer()
    mails.start()
    stack.callback(mails.stop)
    os.environ["EMAIL_URL"] = f"smtp://{mails.host}:{mails.port}"
    return mails


def _measure(database: PostgreSQL, mails: MailServer, provider: CareIdentity, *, times: int) -> dict[str, Cost]:
    import logging

    portal._fill()  # noqa: SLF001 - the database is this process's own already.
    logging.disable(logging.ERROR)
    meter = Meter(database)
    prepared = actions.Actions(meter, mails, provider)
    first, costs = 1, {}
    for name, heading in actions.HEADINGS.items():
        began = time.perf_counter()
        prepare: Callable[[int], Callable[[], None]] = getattr(prepared, "import_" if name == "import" else name)
        count, few = (IMPORTS, 1) if name == "import" else (times, FEW)
        warm_up = 1 if name == "import" else WARM_UP
        done = [prepare(first + number) for number in range(warm_up + count + few)]
        first += len(done)
        meter.work()
        for do in done[:warm_up]:
            do()
        costs[name] = meter.of(done[warm_up : warm_up + count], done[warm_up + count :])
        print(f"{heading}: {count} times, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return costs


def _in_the_server() -> float:
    """Return the processor time of the web server for a log-in with a password, in milliseconds."""

    def visit(browser: Browser, number: int) -> None:
        browser.log_in(portal.username(portal.PEOPLE - 1 - number % 1000), portal.PASSWORD)

    os.environ["DJANGO_SETTINGS_MODULE"] = "esr_portal.settings"
    with portal.server() as server:
        load.run(port=server.port, browsers=BROWSERS, seconds=SECONDS / 5, visit=visit)
        before = processes.cpu_seconds(server.pid)
        done = load.run(port=server.port, browsers=BROWSERS, seconds=SECONDS, visit=visit).done
        return 1000 * (processes.cpu_seconds(server.pid) - before) / done


def _close() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    main()
