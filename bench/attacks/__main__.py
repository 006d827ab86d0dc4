"""Attack the portal on this machine: `python -m bench.attacks [NAME …] [--share 0.01]`, or `make attack`.

It starts all that it attacks, talks to nothing but this machine, and ends. What came out is written to docs/attacks.md.
The exit code is 1 where something that must hold does not. The whole takes hours on a quiet machine; `--share` scales
the numbers, and the table says so. Each attack has a process and a portal of its own.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.attacks.disk import Disk, NoDisk, mounted
from bench.attacks.listing import ATTACKS
from tests.support.portal import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks.postgresql import PostgreSQL

# Megabytes: PostgreSQL's own tables and its log of changes take 60.
SMALL_DISK = 300


def main() -> int:
    """Run the attacks that are named, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ATTACKS)}; all where none is named")
    parser.add_argument("--share", type=float, default=1.0, help="of the numbers and times, more than 0 and at most 1")
    parser.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    unknown = set(said.names) - set(ATTACKS)
    if unknown or not 0 < said.share <= 1:
        parser.error(f"no attack is called {', '.join(sorted(unknown))}" if unknown else "the share is 0 to 1")
    # Asked to end it ends what it has started too: by itself a process would leave it running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if said.in_this_process:
        return _attack(said.names[0], said.share)
    failed = [name for name in said.names or ATTACKS if _in_a_process(name, said.share)]
    print(f"\nDid not hold: {', '.join(failed)}" if failed else "\nAll held.")
    return 1 if failed else 0


def _in_a_process(name: str, share: float) -> int:
    attack = ATTACKS[name]
    print(f"\n{attack.title} ({attack.estimate} for the whole; a share of {share:g})", flush=True)
    command = [sys.executable, "-m", "bench.attacks", name, "--share", str(share), "--in-this-process"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            raise


def _attack(name: str, share: float) -> int:
    """Start a portal, attack it, and write what came of it; return the exit code."""
    from bench.attacks import postgresql

    attack = ATTACKS[name]
    with tempfile.TemporaryDirectory(prefix="esr-portal-attack-") as temporary:
        folder = Path(temporary)
        # Below a folder of the rig's: as root, PostgreSQL is run by another user, who has to reach its own.
        folder.chmod(0o711)
        with _place(folder, small=attack.small_disk) as place, postgresql.running(place.folder / "data") as database:
            os.environ["TEST_DATABASE_URL"] = database.address
            # Sets the variables of a production portal.
            import tests.environment  # noqa: F401

            os.environ |= {
                "TRUSTED_PROXIES": "127.0.0.1",
                "DJANGO_SETTINGS_MODULE": "bench.attacks.settings",
                "ATTACKS_CHEAP_HASH": "1" if attack.cheap_hash else "",
            }
            return _run(attack_name=name, share=share, folder=folder, database=database, place=place)


@contextmanager
def _place(folder: Path, *, small: bool) -> Iterator[Disk]:
    """Have a place for PostgreSQL's data: a folder, or a small disk."""
    place = folder / "postgresql"
    if not small:
        place.mkdir()
        yield Disk(place)
        return
    try:
        with mounted(place, megabytes=SMALL_DISK) as disk:
            yield disk
    except NoDisk as problem:
        sys.exit(f"Not run: it takes a disk that can be filled, and only root may mount one ({problem}).")


def _run(*, attack_name: str, share: float, folder: Path, database: PostgreSQL, place: Disk) -> int:
    import logging

    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    from bench.attacks import rig, table
    from bench.attacks.care_identity import care_identity

    logging.disable(logging.WARNING)
    call_command("migrate", interactive=False, verbosity=0)
    attack = ATTACKS[attack_name]
    state = folder / "state"
    state.mkdir()
    with ExitStack() as stack:
        provider = stack.enter_context(care_identity()) if attack.care_identity else None
        running = stack.enter_context(
            rig.started(
                database=database.address,
                folder=state,
                cheap_hash=attack.cheap_hash,
                planting=attack.planting,
                witnessed=attack.witnessed,
                postgresql=database,
                care_identity=provider,
            )
        )
        running.disk = place if attack.small_disk else None
        began = time.monotonic()
        result = attack.run(running, share)
        seconds = time.monotonic() - began
    connections.close_all()
    table.write(attack, result, share=share, seconds=seconds)
    return 1 if result.broken else 0


if __name__ == "__main__":
    sys.exit(main())
