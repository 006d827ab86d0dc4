"""What a log-in and a recovery take among two million people: `python -m bench.large [PEOPLE]`, on PostgreSQL.

The same requests in this process, first among a few thousand people and then among all.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import in_process, portal, search

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = 2_000_000
RECOVERIES = 60


def main() -> None:
    """Print what each takes, before and after the people were added."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with portal.database():
        logging.disable(logging.WARNING)
        from django.db import connection

        few = measure(0)
        with without_limits():
            search.make(count)
        many = measure(1)
        connection.close()
    print(f"  {'milliseconds of clock time':30}{portal.PEOPLE:>12,}{portal.PEOPLE + count:>12,}{'÷':>8}")
    for name, took in few.items():
        print(f"  {name:30}{took:12.2f}{many[name]:12.2f}{many[name] / took:8.2f}")


@contextmanager
def without_limits() -> Iterator[None]:
    """Make a connection that waits as long as it takes; the next one of this thread waits as long as a page does."""
    from django.db import connection
    from django.db.backends.signals import connection_created

    from esr_portal.connections import limit_waiting

    connection.close()
    connection_created.disconnect(dispatch_uid="esr_portal.limit_waiting")
    yield
    connection_created.connect(limit_waiting, dispatch_uid="esr_portal.limit_waiting")
    connection.close()


def measure(round_: int) -> dict[str, float]:
    """Return how long a whole log-in, a refused one, and deciding a recovery take: milliseconds, the middle one."""
    costs = in_process.measure(clock=time.perf_counter)
    return {
        "log-in": costs.log_in,
        "wrong password": costs.of["wrong password"],
        "deciding a recovery": statistics.median(_decide(round_ * RECOVERIES + n) for n in range(RECOVERIES)),
    }


def _decide(number: int) -> float:
    from accounts.models import RecoveryRequest
    from accounts.services import recovery
    from accounts.services.recovery import deciding

    # Of people who have not just logged in.
    recovery.ask(email=f"bench{portal.PEOPLE - 1 - number}@bench.example", date_of_birth=portal.DATE_OF_BIRTH)
    request = RecoveryRequest.objects.latest("pk")
    began = time.perf_counter()
    deciding.decide(request_id=request.pk)
    took = time.perf_counter() - began
    if RecoveryRequest.objects.get(pk=request.pk).decided_at is None:
        sys.exit("The recovery was not decided.")
    return took * 1000


if __name__ == "__main__":
    main()
