"""The web server alone, as a service manager starts it: without a worker, on a database that is there."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support import portal
from tests.support.portal import Running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@contextlib.contextmanager
def running(*, state: Path, variables: Mapping[str, str]) -> Iterator[Running]:
    """Run it with `variables` until the block ends; wait until it answers. `state` is to be its STATE_DIR."""
    portal.put_static_files(state)
    port, log = portal.free_port(), state / "printed.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "esr_portal.server"],
            cwd=portal.ROOT,
            env=portal.environment(state=state, port=port, variables=variables),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    started = Running(port, process, log)
    try:
        portal.wait_until(lambda: process.poll() is not None or started.is_there())
        assert process.poll() is None, started.printed
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=portal.PATIENCE)
