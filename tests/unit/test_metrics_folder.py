"""What the processes of a web server count is kept in files that no full disk can end them by."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from esr_portal import metrics_folder

ROOT = Path(__file__).resolve().parents[2]
# Counts in a process of its own, as a worker of the web server does: each page, ten statuses of it, each event.
COUNTING = """
from esr_portal import metrics_folder
metrics_folder.take_room()
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "esr_portal.settings"
import django
django.setup()
from django.urls import get_resolver
from accounts import figures
from accounts.models.security_event import Event
from esr_portal import request_figures
from tests.support import addresses
for address in addresses._addresses(get_resolver().url_patterns, "/"):
    name = f"admin:{address.name}"
    for method in ("GET", "POST", "other"):
        for status in range(10):
            request_figures._count(name, method, str(200 + status), 0.2)
for event in Event:
    figures.count_event(event.value, reason="passkey")
figures.HASH_QUEUE.inc(3)
"""


def count(folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, metrics_folder.VARIABLE: str(folder)}
    return subprocess.run(
        [sys.executable, "-c", COUNTING], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


def test_the_room_is_enough_for_every_series_and_is_taken_on_the_disk(tmp_path: Path) -> None:
    """Threat: a full disk ends each process of the web server at its next count (SIGBUS)."""
    folder = metrics_folder.of_server(state=tmp_path, port=8000)
    metrics_folder.make_empty(folder)
    ended = count(folder)
    assert ended.returncode == 0, ended.stderr
    for kind, size in metrics_folder.ROOM.items():
        (file,) = folder.glob(f"{kind}_*.db")
        assert file.stat().st_size == size, "no file has grown"
        assert file.stat().st_blocks * 512 >= size, "no part of it is a hole"
        assert int.from_bytes(file.read_bytes()[:4], sys.byteorder) < size * 0.8
    assert sorted(file.name.rpartition("_")[0] for file in folder.iterdir()) == sorted(metrics_folder.ROOM)


def test_a_process_that_finds_no_room_counts_for_itself_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: the portal does not start, because what watches over it has no room."""
    monkeypatch.setenv(metrics_folder.VARIABLE, str(tmp_path))
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, largest[1]))
    try:
        metrics_folder.take_room()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, largest)
    assert metrics_folder.VARIABLE not in os.environ
    assert not [*tmp_path.iterdir()]
    assert "what this process counts is not seen" in caplog.text


def test_a_server_that_starts_begins_with_nothing(tmp_path: Path) -> None:
    folder = metrics_folder.of_server(state=tmp_path, port=8000)
    metrics_folder.make_empty(folder)
    (folder / "counter_1.db").touch()
    metrics_folder.make_empty(folder)
    assert not [*folder.iterdir()]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert metrics_folder.of_server(state=tmp_path, port=8001) != folder, "two servers can share a state folder"


def test_of_a_process_that_is_gone_its_counts_stay_and_its_queue_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Beyond every number that Linux gives a process (proc(5), pid_max).
    gone = 2**22 + 1
    # A unit with ProtectProc=invisible does not see its own processes in /proc once they may not be traced.
    monkeypatch.setattr(Path, "exists", lambda _: False)
    names = [f"{kind}_{number}.db" for kind in metrics_folder.ROOM for number in (os.getpid(), gone)]
    for name in names:
        (tmp_path / name).touch()
    metrics_folder.forget_the_dead(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == set(names) - {f"gauge_livesum_{gone}.db"}
