"""What tests of several threats can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.smtp import MailServer
from tests.support.workers import StartWorker, WorkerProcess


@pytest.fixture
def start_worker(smtp_server: MailServer, tmp_path: Path) -> Iterator[StartWorker]:
    """Return a function that starts a worker process; all are ended with the test."""
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        started.append(WorkerProcess(mail_server=smtp_server, log=tmp_path / f"worker-{len(started)}.log"))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
