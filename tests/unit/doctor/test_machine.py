"""What the doctor finds wrong with this machine: variables, keys, files and disk, each with the fault made."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

from esr_portal.configuration import Fault
from helpdesk.doctor.checks import care_identity_key, disk, file_modes, keys, leaked_passwords, static_files
from helpdesk.doctor.checks.settings import check as settings_check
from helpdesk.doctor.findings import Severity
from tests.unit.doctor.test_database import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]
YEAR = 365 * 24 * 3600


@pytest.fixture
def state(settings: Any, tmp_path: Path) -> Path:
    """Return a STATE_DIR as it should be."""
    tmp_path.chmod(0o700)
    settings.STATE_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    return tmp_path


def test_what_the_variables_say_is_a_failure_or_a_warning_with_its_example(settings: Any) -> None:
    settings.DEMO = False
    settings.CONFIGURATION_FAULTS = (
        Fault("E016", "EMAIL_URL is not set.", "Put an address there."),
        Fault("W001", "TRUSTED_PROXIES is not set.", "Name the proxy.", is_warning=True),
    )
    found = wrong(settings_check)
    assert (Severity.FAILURE, "EMAIL_URL is not set.") in found
    assert (Severity.WARNING, "TRUSTED_PROXIES is not set.") in found


def test_keys_that_are_left_over_are_found_and_not_shown(settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECOND_STEP_KEYS = [], ["one"]
    assert wrong(keys.check) == []
    settings.SECRET_KEY_FALLBACKS, settings.SECOND_STEP_KEYS = ["secret-of-last-year"], ["new", "old"]
    found = wrong(keys.check)
    assert [severity for severity, _ in found] == [Severity.ADVICE] * 2
    assert "secret-of-last-year" not in str(found)


def test_static_files_that_were_not_collected_or_are_of_another_version_are_found(state: Path, settings: Any) -> None:
    production = {"BACKEND": "esr_portal.static_storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": production}
    # To compress them takes five seconds, and the doctor reads the files themselves.
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["css", "js", "svg", "txt", "md"]
    assert wrong(static_files.check)[0][1].startswith("The static files have not been collected")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert wrong(static_files.check) == []
    (state / "static" / "css" / "helpdesk.css").write_text("/* of the version before */")
    assert wrong(static_files.check) == [(Severity.FAILURE, "Static files are missing or of another version: 1.")]


@pytest.fixture
def small_disk(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 10 MB, where this machine lets us have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", str(folder)], check=False)  # noqa: S607
    if made.returncode:
        pytest.skip("only root may mount a disk, and not in every container")
    settings.STATE_DIR = folder
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


def test_a_disk_that_fills_up_is_found_before_it_is_full(small_disk: Path) -> None:
    of_state = [each for each in wrong(disk.check) if "STATE_DIR" in each[1]]
    assert of_state == []
    (small_disk / "filler").write_bytes(bytes(9 * 1024 * 1024))
    ((severity, _),) = [each for each in wrong(disk.check) if "STATE_DIR" in each[1]]
    assert severity is Severity.WARNING
    (small_disk / "more").write_bytes(bytes(700 * 1024))
    ((severity, what),) = [each for each in wrong(disk.check) if "STATE_DIR" in each[1]]
    assert severity is Severity.FAILURE
    assert what.startswith("The disk of STATE_DIR is nearly full")


def test_state_that_other_users_can_read_or_change_is_found(state: Path) -> None:
    (state / "static").mkdir()
    kept = state / "esr-portal.sqlite3"
    kept.touch(0o644)
    assert wrong(file_modes.check) == []
    state.chmod(0o755)
    ((severity, what),) = wrong(file_modes.check)
    assert severity is Severity.FAILURE
    assert what.endswith("beside the static ones: 1.")
    kept.chmod(0o600)
    assert wrong(file_modes.check) == []
    state.chmod(0o777)
    assert wrong(file_modes.check)[0][1].startswith("Other users of this machine may put files")


def test_a_list_of_passwords_that_is_old_or_damaged_is_found(settings: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copy(settings.LEAKED_PASSWORDS_FILTER, tmp_path / "filter"))
    settings.LEAKED_PASSWORDS_FILTER = copy
    assert wrong(leaked_passwords.check) == []
    os.utime(copy, (time.time() - 2 * YEAR,) * 2)
    assert wrong(leaked_passwords.check)[0][0] is Severity.ADVICE
    copy.write_bytes(copy.read_bytes()[:1000])
    assert wrong(leaked_passwords.check)[0][0] is Severity.FAILURE


def test_a_key_for_care_identity_that_is_old_or_unusable_is_found(settings: Any, tmp_path: Path) -> None:
    assert wrong(care_identity_key.check) == []
    settings.CARE_IDENTITY_DISCOVERY_URL = "https://am.nhsidentity.example/.well-known/openid-configuration"
    settings.CARE_IDENTITY_CLIENT_ID = "esr"
    settings.CARE_IDENTITY_CLIENT_SECRET, settings.CARE_IDENTITY_PRIVATE_KEY_FILE = "a secret", ""
    assert wrong(care_identity_key.check)[0][0] is Severity.ADVICE
    file = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", str(file), "2048"], check=True, capture_output=True)  # noqa: S607
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(file)
    assert wrong(care_identity_key.check) == []
    os.utime(file, (time.time() - 4 * YEAR,) * 2)
    assert wrong(care_identity_key.check)[0][0] is Severity.WARNING
    file.write_text("no key")
    assert wrong(care_identity_key.check)[0][0] is Severity.FAILURE
