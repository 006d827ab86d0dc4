"""What /metrics says of the database: read in a thread of its own, which a scrape waits for no longer than a moment.

Where the database is away, hangs or is too busy, the scrape answers all the same, with what the processes count.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import Error as DatabaseError
from django.db import connection, transaction
from prometheus_client.core import GaugeMetricFamily

from accounts.services import standing_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger("esr_portal.metrics")

# Prometheus gives a scrape ten seconds where it is told nothing else. One may wait for another that began before it.
SECONDS = 3.0
# PostgreSQL ends one of the queries after this; the others go on.
LONGEST_QUERY = 1.0

UP, LEFT_OUT = "esr_database_up", "esr_database_figures_left_out"


def _outbox() -> GaugeMetricFamily:
    family = GaugeMetricFamily("esr_outbox_rows", "Work not done yet, by kind and state.", labels=["work", "state"])
    for labels, number in standing_figures.outbox().items():
        family.add_metric(labels, number)
    return family


def _oldest_mail() -> GaugeMetricFamily:
    age = standing_figures.oldest_mail_age()
    return GaugeMetricFamily("esr_oldest_mail_seconds", "How long the mail waits that waits longest.", value=age)


def _worker_ages() -> GaugeMetricFamily:
    family = GaugeMetricFamily("esr_worker_age_seconds", "Since when no worker was seen at this part.", labels=["part"])
    for part, age in standing_figures.worker_ages().items():
        family.add_metric([part], age)
    return family


def _workers() -> GaugeMetricFamily:
    return GaugeMetricFamily("esr_workers", "Workers seen at work of late.", value=standing_figures.workers())


def _decided() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "esr_recoveries_decided_lately", "Recovery decisions of the last 15 minutes, by outcome.", labels=["outcome"]
    )
    for outcome, number in standing_figures.decided_lately().items():
        family.add_metric([outcome], number)
    return family


def _sessions() -> GaugeMetricFamily:
    return GaugeMetricFamily("esr_sessions", "Sessions that last.", value=standing_figures.sessions())


READ: tuple[Callable[[], GaugeMetricFamily], ...] = (
    _outbox,
    _oldest_mail,
    _worker_ages,
    _workers,
    _decided,
    _sessions,
)


class DatabaseFigures:
    """A collector for prometheus_client, one for each process."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what could be read in time, and whether the database answered at all."""
        found = self._within_time()
        yield GaugeMetricFamily(UP, "Whether the database answered this scrape.", value=int(bool(found)))
        yield GaugeMetricFamily(LEFT_OUT, "Figures that could not be read.", value=len(READ) - len(found))
        yield from found

    def _within_time(self) -> list[GaugeMetricFamily]:
        if not self._one_at_a_time.acquire(timeout=SECONDS):
            return []
        found: list[GaugeMetricFamily] = []
        try:
            # It ends with the process: where the database hangs, stopping must not wait for it.
            thread = threading.Thread(target=self._read, args=(found,), name="figures", daemon=True)
            thread.start()
        except RuntimeError:
            self._one_at_a_time.release()
            raise
        thread.join(SECONDS)
        # A copy: where it was not done in time, the thread may go on adding.
        return list(found)

    def _read(self, found: list[GaugeMetricFamily]) -> None:
        try:
            # Once: where nobody answers, each figure would wait for that anew.
            connection.ensure_connection()
            for read in READ:
                try:
                    with limited():
                        found.append(read())
                except DatabaseError as error:
                    logger.warning(
                        "a figure was left out", extra={"figure": read.__name__, "why": type(error).__name__}
                    )
        except DatabaseError as error:
            logger.warning("figures were left out", extra={"why": type(error).__name__})
        finally:
            try:
                connection.close()
            finally:
                self._one_at_a_time.release()


@contextmanager
def limited() -> Iterator[None]:
    """Let no query of the block take longer than LONGEST_QUERY. Raises django.db.Error where the database is away.

    For the block's transaction alone: behind a pooler another client has the connection after it.
    """
    if connection.vendor != "postgresql":
        # A transaction of SQLite's would keep writers out (transaction_mode), and nothing there ends a query.
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{LONGEST_QUERY:.3f}s"])
        yield
