"""Who can read the state: its folder is 700 and its files are 600, also where they are there already."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.utils import ConnectionHandler

from esr_portal import configuration, state
from esr_portal.state import CannotBeKept
from tests.support.portal import SAFE


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Let new files be readable by all, as on most machines."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def read(folder: Path, **more: str) -> list[str]:
    """Return the faults of a production, or with DEMO=1 of a demo, that keeps its state in `folder`."""
    variables = (SAFE if more.get("DEMO") != "1" else {}) | {"STATE_DIR": str(folder)} | more
    found = configuration.read(variables, base=folder)
    return [str(fault) for fault in found.faults if not fault.is_warning]


@pytest.mark.parametrize("demo", ["0", "1"])
def test_a_new_folder_is_its_owners_alone(tmp_path: Path, demo: str) -> None:
    """Threat: another user of the machine reads sessions, secrets of the second step and dates of birth."""
    folder = tmp_path / "new" / "state"
    assert read(folder, DEMO=demo) == []
    assert mode(folder) == 0o700
    assert all(mode(file) == 0o600 for file in folder.iterdir())


@pytest.mark.parametrize("demo", ["0", "1"])
def test_what_is_there_is_narrowed(tmp_path: Path, demo: str) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    files = [folder / f"{state.DATABASE}{beside}" for beside in ("", "-wal", "-shm", "-journal")]
    files.append(folder / state.DEMO_KEY)
    for file in files:
        file.touch(mode=0o644)
    (folder / "static").mkdir()
    assert read(folder, DEMO=demo) == []
    assert mode(folder) == 0o700
    assert [oct(mode(file)) for file in files] == ["0o600"] * len(files)


def test_a_database_elsewhere_is_narrowed_and_its_folder_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / "esr.sqlite3").touch(mode=0o664)
    assert read(tmp_path / "state", DATABASE_URL=f"sqlite:///{folder / 'esr.sqlite3'}") == []
    assert (mode(folder), mode(folder / "esr.sqlite3")) == (0o755, 0o600)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("shared", ["/", "/tmp", "/var/lib"])  # noqa: S108
def test_a_folder_that_the_machine_shares_is_refused_and_left_as_it_is(
    shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat: a start as root takes /var/lib away from every other program."""
    narrowed: list[Path] = []
    # A test that fails must not do what it tests for.
    monkeypatch.setattr(Path, "chmod", lambda path, _: narrowed.append(path))
    (said,) = read(Path(shared))
    assert "STATE_DIR is a folder that this machine shares." in said
    assert "/var/lib/esr-portal" in said
    assert not narrowed


def test_what_cannot_be_narrowed_is_refused_without_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user owns it; tests may run as root, who may change everything."""
    folder = tmp_path / "hunter2"
    folder.mkdir(mode=0o755)
    (tmp_path / "esr.sqlite3").touch(mode=0o644)

    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "chmod", refuse)
    (of_the_folder,) = read(folder)
    assert "chmod 700" in of_the_folder
    (of_the_file,) = read(tmp_path / "state", DATABASE_URL=f"sqlite:///{tmp_path / 'esr.sqlite3'}")
    assert "chmod 600" in of_the_file
    assert "hunter2" not in of_the_folder
    with pytest.raises(CannotBeKept):
        state.keep_file_private(tmp_path / "esr.sqlite3")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    (said,) = read(tmp_path / "state")
    assert "STATE_DIR is a file." in said


@pytest.mark.django_db
def test_an_sqlite_file_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    """SQLite itself makes it as the umask says, and what it has beside it in the same way."""
    file = tmp_path / "made.sqlite3"
    wal = {"init_command": "PRAGMA journal_mode=WAL;"}
    handler = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": wal}}
    )
    connection = handler["default"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE people (name text)")
        made = sorted(tmp_path.iterdir())
        assert {path.name for path in made} >= {"made.sqlite3", "made.sqlite3-wal", "made.sqlite3-shm"}
        assert [oct(mode(path)) for path in made] == ["0o600"] * len(made)
    connection.close()
