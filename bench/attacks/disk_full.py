"""Disks are full while people come: PostgreSQL's, and that of nginx's temporary files."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.attacks import disk, faults, ledger, load
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks.ledger import Ledger
    from bench.attacks.postgresql import Database
    from bench.attacks.rig import Rig

TIMES = 10
# Seconds for which a disk is full.
FULL_FOR = 15.0
BEFORE_AND_AFTER = 2.0
# More than nginx holds in memory of a body, and less than it takes (deploy/nginx.conf).
LARGE_BODY = 200_000
SMALL = 8
# What a person is not to see: a fault of ours, or a portal that is gone.
UGLY = ("500", "502", "504")


def run(rig: Rig, share: float) -> Result:
    """Fill PostgreSQL's disk a share of ten times, and nginx's once."""
    return fill(rig, times=scaled(TIMES, share), full_for=FULL_FOR, ends_leases=share < 1)


def fill(
    rig: Rig, *, times: int, full_for: float, ends_leases: bool, within: float = faults.BACK_WITHIN, doctor: bool = True
) -> Result:
    """Fill the disk of the rig's database so often, for so long or until it is felt. `doctor`: whether it is asked."""
    if rig.disk is None or rig.postgresql is None:
        msg = "this rig's database has no disk of its own"
        raise RuntimeError(msg)
    result, count = Result(), 100 + 40 * times * round(full_for)
    back: list[float | None] = []
    ended = 0
    with faults.supervised(rig), load.coming(rig, "DISK", asking=count, changing=count // 2) as book:
        for number in range(times):
            time.sleep(BEFORE_AND_AFTER)
            _be_full(rig.disk, book, full_for, result)
            if number == 0:
                _is_said(rig, result, doctor=doctor)
            room = time.monotonic()
            rig.disk.make_room()
            ended += _start_again(rig.postgresql)
            back.append(book.wait_for_one_after(room, within=within))
        time.sleep(BEFORE_AND_AFTER)
        _fill_that_of_nginx(rig, book, result, within)
    known = sorted(seconds for seconds in back if seconds is not None)
    result.must(len(known) == times, f"no person was let in within {within:.0f} s after there was room")
    result.say("Times that PostgreSQL's disk was full, and PostgreSQL ended itself", f"{times}, {ended}")
    result.say("From room to the next person let in", f"most {known[-1]:.1f} s" if known else "never")
    ugly = sum(number for what, number in book.answers.items() if what.endswith(UGLY))
    result.must(ugly == 0, f"{ugly} answers were 500, 502 or 504")
    ledger.check_sessions(rig, book, result)
    settled = ledger.settle(ends_leases=ends_leases)
    result.say(
        "To the last mail", f"{settled:.0f} s ({'leases taken for over' if ends_leases else 'leases waited for'})"
    )
    ledger.check(rig, book, result)
    return result


def _be_full(full: disk.Disk, book: Ledger, seconds: float, result: Result) -> None:
    """Keep the disk full for so long, and until somebody was told to try again."""
    before, began = _told_to_try_again(book), time.monotonic()
    while time.monotonic() < began + seconds or (
        _told_to_try_again(book) == before and time.monotonic() < began + seconds + 4 * FULL_FOR
    ):
        # What PostgreSQL frees is taken too.
        full.fill()
        time.sleep(0.1)
    result.must(_told_to_try_again(book) > before, "a full disk was not felt, so that nothing was shown")


def _told_to_try_again(book: Ledger) -> int:
    return sum(number for what, number in book.answers.items() if what.endswith("503"))


def _is_said(rig: Rig, result: Result, *, doctor: bool) -> None:
    logs = "".join(program.log.read_text(encoding="utf-8") for program in [*rig.servers, *rig.workers])
    is_in_the_log = "No space left on device" in logs or "DiskFull" in logs
    result.must(is_in_the_log, "no line of the log says that the disk is full")
    if doctor:
        found = json.loads(rig.manage("doctor", "--no-network", "--json"))
        failures = {each["check"] for each in found if each["severity"] == "failure"}
        result.say("The doctor finds failures of", ", ".join(sorted(failures)) or "nothing")
        result.must(bool(failures & {"disk", "database"}), "the doctor does not find the full disk")


def _start_again(database: Database) -> bool:
    """Start PostgreSQL where it has ended itself, as an operator would; return whether it had."""
    if database.is_running:
        return False
    database.start()
    return True


def _fill_that_of_nginx(rig: Rig, book: Ledger, result: Result, within: float) -> None:
    """Leave nginx no room for bodies that it cannot hold in memory: people log in all the same."""
    rig.proxy.bodies.rmdir()
    with disk.mounted(rig.proxy.bodies, megabytes=1) as small:
        # nginx's workers write there, whoever they are.
        small.folder.chmod(0o777)
        small.fill()
        visitor = Visitor(rig)
        form = visitor.open("/recovery/")
        answer = visitor.post("/recovery/", form, email="x" * LARGE_BODY)
        visitor.close()
        result.say("What nginx answers to a body for which it has no room", answer.status)
        result.must(answer.status == 503, f"nginx answered {answer.status} where it had no room, not “try again”")
        result.must(b"<h1" in answer.body and b"nginx" not in answer.body, "that is a page of nginx's own")
        seconds = book.wait_for_one_after(time.monotonic(), within=within)
        result.must(seconds is not None, "no person was let in while nginx had no room for bodies")
    rig.proxy.bodies.mkdir(exist_ok=True)
    rig.proxy.bodies.chmod(0o777)
    visitor = Visitor(rig)
    answer = visitor.post("/recovery/", visitor.open("/recovery/"), email="x" * LARGE_BODY)
    visitor.close()
    result.must(answer.status < 500, f"with room again it is answered {answer.status}")


@contextmanager
def on_a_small_disk(rig: Rig) -> Iterator[None]:
    """Have the one database of a rig that it shares a server in on a disk of its own until the block ends.

    Raises disk.NoDisk. What PostgreSQL writes for all databases, its log of changes, stays where it is.
    """
    from django.db import connections

    from bench.attacks.postgresql import OneDatabase

    database = rig.postgresql
    if not isinstance(database, OneDatabase):
        msg = "this rig has a server of its own"
        raise TypeError(msg)
    with (
        tempfile.TemporaryDirectory(prefix="esr-portal-disk-") as temporary,
        disk.mounted(Path(temporary) / "disk", megabytes=SMALL + database.megabytes()) as small,
    ):
        Path(temporary).chmod(0o755)
        with database.moved_to(small.folder):
            rig.disk = small
            try:
                yield
            finally:
                small.make_room()
                rig.disk = None
        # The move has cut it.
        connections.close_all()


ATTACK = Attack(
    name="disk_full",
    title="6. PostgreSQL's disk full under load, and that of nginx's temporary files",
    must_hold=(
        "while nothing can be written people are told to try again (503, no other page of a fault), the log and the "
        "doctor say why; what was answered holds and nothing is there by half; a person is let in within 30 seconds of "
        "there being room, PostgreSQL being started where it has ended itself. Where nginx has no room people log in."
    ),
    estimate="ten minutes",
    run=run,
    small_disk=True,
)
