"""Clocks of the rig's programs that can be set while they run: of one instance, or of everything with PostgreSQL."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import portal
from bench.week.clock import FileClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks.postgresql import PostgreSQL
    from bench.attacks.rig import Program, Rig


@contextmanager
def of_one_instance(rig: Rig) -> Iterator[FileClock]:
    """Start one instance again with a clock of its own; it has the machine's once the block ends."""
    clock, server = FileClock(rig.folder / "clock-of-one"), rig.servers[-1]
    before = dict(server.variables)
    _start_again(rig, [server], clock)
    try:
        yield clock
    finally:
        server.stop()
        server.variables = before
        server.start()
        is_ready(rig, portal.READY_WITHIN)


@contextmanager
def of_the_whole_machine(rig: Rig) -> Iterator[FileClock]:
    """Start everything again with one clock: servers, workers and PostgreSQL. For a rig that ends with the attack."""
    from django.db import connections

    database: PostgreSQL = rig.postgresql  # type: ignore[assignment] # one of its own
    # Where PostgreSQL's user can read it.
    clock = FileClock(rig.folder.parent / "clock-of-all")
    everything = [*rig.servers, *rig.workers]
    for program in everything:
        program.stop()
    connections.close_all()
    database.stop()
    with clock.for_children():
        database.start()
    _start_again(rig, everything, clock)
    yield clock


def _start_again(rig: Rig, programs: list[Program], clock: FileClock) -> None:
    for program in programs:
        program.stop()
        program.variables = {**program.variables, **clock.variables()}
        program.start()
    if not is_ready(rig, portal.READY_WITHIN):
        sys.exit("what was started with another clock is not ready")


def is_ready(rig: Rig, within: float) -> bool:
    """Wait until each instance is ready; return whether that was so in time."""
    until = time.monotonic() + within
    while not all(server.answers() for server in rig.servers):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
