"""What something takes of PostgreSQL and of this process: rows, bytes, log, statements, processor time."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.processes import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.attacks.postgresql import PostgreSQL

_TOTAL = re.compile(r"^Total\s+\d+\s+(\d+) \[.*?\]\s+(\d+) \[", re.MULTILINE)
_COMMITS = re.compile(r"^Transaction/COMMIT\s+(\d+)", re.MULTILINE)


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """What one action takes, as a mean. Times in milliseconds, sizes in bytes.

    `log` is what the write-ahead log says of the changes, `images` what the first change of a page after a checkpoint
    adds where there is a checkpoint before each action: the most that it can be.
    """

    statements: float
    commits: float
    rows: Mapping[str, float]
    sizes: Mapping[str, float]
    events: Mapping[str, float]
    log: float
    images: float
    web: float
    worker: float
    database: float
    in_statements: float
    mails: float


class Meter:
    """Looks at a PostgreSQL that nobody else uses, and at this process."""

    def __init__(self, postgresql: PostgreSQL) -> None:
        self._postgresql = postgresql
        self._worker = 0.0
        # Of the whole process while it works: the mail server's too.
        self._beside = 0.0

    def work(self) -> None:
        """Do what a worker does, on its account."""
        from accounts.jobs import Worker

        before, of_all = time.thread_time(), time.process_time()
        Worker().do_what_is_due()
        self._worker += time.thread_time() - before
        self._beside += time.process_time() - of_all

    def of(self, actions: Sequence[Callable[[], None]], few: Sequence[Callable[[], None]]) -> Cost:
        """Return what one of `actions` takes, filing its events too; `few` are done with a checkpoint before each."""
        from django.db import connection
        from django.utils import timezone

        from accounts.jobs import MAILING
        from accounts.models import OutboxMessage, SecurityEvent

        count, began, statements = len(actions), timezone.now(), Statements()
        # What the preparation left.
        _file()
        newest = _newest(SecurityEvent)
        _ask("CHECKPOINT")
        rows, sizes, begin = _rows(), _sizes(), _position()
        # Of all threads: passwords are hashed beside.
        database, web = self._cpu_of_postgresql(), time.process_time()
        self._worker = self._beside = 0.0
        with connection.execute_wrapper(statements):
            for action in actions:
                action()
        web = time.process_time() - web - self._beside
        self._worker += _file()
        database = self._cpu_of_postgresql() - database
        log, commits = self._log(begin, _position())
        grown = {table: size - sizes.get(table, 0) for table, size in _sizes().items()}
        written = {table: number - rows.get(table, 0) for table, number in _rows().items()}
        happened = Counter(SecurityEvent.objects.filter(pk__gt=newest).values_list("event", flat=True))
        mails = OutboxMessage.objects.filter(created_at__gte=began, kind__in=MAILING, sent_at__isnull=False).count()
        return Cost(
            statements=statements.count / count,
            commits=commits / count,
            rows={table: number / count for table, number in written.items() if number},
            sizes={table: size / count for table, size in grown.items() if size},
            events={kind: number / count for kind, number in happened.items()},
            log=log / count,
            images=self._images(few),
            web=1000 * web / count,
            worker=1000 * self._worker / count,
            database=1000 * database / count,
            in_statements=1000 * statements.seconds / count,
            mails=mails / count,
        )

    def _images(self, actions: Sequence[Callable[[], None]]) -> float:
        images = 0
        for action in actions:
            _ask("CHECKPOINT")
            begin = _position()
            action()
            images += self._waldump(begin, _position())[1]
        return images / len(actions)

    def _cpu_of_postgresql(self) -> float:
        """Return the processor time of the server, with that of its processes that have ended."""
        fields = Path(f"/proc/{self._postgresql.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        return cpu_seconds(self._postgresql.pid) + ended

    def _log(self, begin: str, end: str) -> tuple[int, int]:
        """Return how many bytes of changes the log has between two positions, and how many transactions that wrote."""
        size, _, commits = self._waldump(begin, end)
        return size, commits

    def _waldump(self, begin: str, end: str) -> tuple[int, int, int]:
        program, folder = self._postgresql.programs / "pg_waldump", self._postgresql.log_folder
        said = subprocess.run(
            [program, "--stats=record", "--start", begin, "--end", end, "--path", folder],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        total, commits = _TOTAL.search(said), _COMMITS.search(said)
        assert total, said  # noqa: S101 - nothing is measured where the program says something else.
        return int(total[1]), int(total[2]), int(commits[1]) if commits else 0


class Statements:
    """Counts what Django asks of the database, and for how long: a wrapper of a connection."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Count one."""
        self.count += 1
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - began


def _file() -> float:
    """File the events of now; return the processor time that it took."""
    from accounts.services import filing_events

    before = time.thread_time()
    filing_events.file_new()
    return time.thread_time() - before


def _newest(model: Any) -> int:
    newest = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _ask(statement: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def connection_value(statement: str) -> Any:
    """Return the one value that a statement gives."""
    return _ask(statement)[0][0]


def _position() -> str:
    return str(connection_value("SELECT pg_current_wal_flush_lsn()"))


def _rows() -> dict[str, int]:
    """Return how many rows were added to each table, changed in it or deleted from it so far."""
    _ask("SELECT pg_stat_force_next_flush()")
    return dict(_ask("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"))


def _sizes() -> dict[str, int]:
    return dict(_ask("SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"))
