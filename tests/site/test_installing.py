"""What installs the portal: from which Python, index or folder, and how each failure of an installer is told.

The failures are real: a mirror with an authority of its own, a proxy that asks who somebody is, a disk that is full.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from installing import failures, pythons, uv
from installing.commands import Outcome, run
from tests.support import mirrors
from tests.support.mirrors import ROOT, WHEEL, Mirror, Project

pytestmark = pytest.mark.own_processes

CERTIFICATE = "The certificate of a server is not signed by an authority that this machine knows."


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrors.mirror(tmp_path_factory.mktemp("mirror")) as running:
        yield running


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project into which nothing is ever installed: each test that shares it fails to."""
    return Project(tmp_path_factory.mktemp("failing") / "project")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture(scope="module")
def small_disk() -> list[str]:
    """Return a command that runs another one where /mnt is a disk of 64 kB, or one that cannot be written (`ro`)."""
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or run([*command, "mount -t tmpfs tmpfs /mnt"], silent=True).code:
        pytest.skip("this machine lets nobody mount a small disk of their own")
    return command


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_mirror_with_an_authority_of_its_own_installs_once_the_authority_is_named(
    project: Project, mirror: Mirror
) -> None:
    """It is configured for pip alone, which uv does not read; and uv.lock names another index."""
    configured = {"PIP_INDEX_URL": mirror.index(), "PIP_CERT": mirror.authority}
    outcome = project.install(**configured)
    assert outcome.returncode == 0, outcome.stderr
    assert project.installed
    # What is installed is left alone: nothing is asked of a mirror that is gone.
    assert project.install(PIP_INDEX_URL=f"https://127.0.0.1:{closed_port()}/gone").returncode == 0


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("forged", "A package is not the one that the lock file names: its digest differs. It was not installed."),
        ("empty", "A package is not where it was looked for, in the version that the lock file names."),
        ("403", "The package mirror does not let you in, or does not give this package away."),
        ("407", "The proxy asks who you are."),
        ("503", "A server could not be reached, or broke off."),
    ],
)
def test_what_a_mirror_answers_is_told(failing: Project, mirror: Mirror, kind: str, told: str) -> None:
    outcome = failing.install(UV_DEFAULT_INDEX=mirror.index(kind), SSL_CERT_FILE=mirror.authority)
    assert outcome.returncode == 1
    assert f"The Python packages could not be installed. {told}" in outcome.stderr
    assert not failing.installed


def test_an_unknown_authority_is_told(failing: Project, mirror: Mirror) -> None:
    outcome = failing.install(UV_DEFAULT_INDEX=mirror.index())
    assert f"The Python packages could not be installed. {CERTIFICATE}" in outcome.stderr
    assert "update-ca-certificates" in outcome.stderr
    assert "Python 3.11 or newer" not in outcome.stderr


def test_an_unknown_authority_is_told_where_uv_itself_is_installed(failing: Project, mirror: Mirror) -> None:
    """The pip that does it says on the terminal only that it found nothing."""
    outcome = failing.look_for_uv(UV_DEFAULT_INDEX=mirror.index())
    assert f"could not be installed. {CERTIFICATE}" in outcome.stderr


def test_an_unknown_authority_is_told_where_npm_meets_it(tmp_path: Path, mirror: Mirror) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    variables = {
        "npm_config_registry": mirror.index(),
        "npm_config_cache": str(tmp_path / "cache"),
        "npm_config_fetch_retries": "0",
        "NODE_EXTRA_CA_CERTS": "",
    }
    npm = str(Path(sys.executable).parent / "npm")
    outcome = run([npm, "ci", "--no-progress"], folder=tmp_path, environment=variables, silent=True)
    assert CERTIFICATE in str(failures.told("The static files could not be built", outcome))
    known = {**variables, "NODE_EXTRA_CA_CERTS": mirror.authority}
    outcome = run([npm, "ci", "--no-progress"], folder=tmp_path, environment=known, silent=True)
    assert "A package is not where it was looked for" in str(failures.told("The static files", outcome))


def test_a_server_that_is_not_there_is_told(failing: Project) -> None:
    outcome = failing.install(UV_DEFAULT_INDEX=f"http://127.0.0.1:{closed_port()}/simple")
    assert "A server could not be reached, or broke off." in outcome.stderr


def test_a_name_that_nobody_knows_is_told(failing: Project) -> None:
    outcome = failing.install(UV_DEFAULT_INDEX="https://mirror.invalid/simple")
    assert "The name of a server is not known" in outcome.stderr


def test_a_proxy_that_asks_who_somebody_is_is_told(failing: Project) -> None:
    with mirrors.proxy() as address:
        outcome = failing.install(UV_DEFAULT_INDEX="https://mirror.invalid/simple", HTTPS_PROXY=address)
    assert "The proxy asks who you are." in outcome.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [("size=64k", "The disk is full."), ("ro", "A file or folder may not be written by this user.")],
)
def test_a_disk_that_takes_no_more_is_told(
    failing: Project, mirror: Mirror, small_disk: list[str], options: str, told: str
) -> None:
    within = [*small_disk, f'mount -t tmpfs -o {options} tmpfs /mnt && exec "$@"', "sh"]
    outcome = failing.install(
        within=within, UV_DEFAULT_INDEX=mirror.index(), SSL_CERT_FILE=mirror.authority, UV_CACHE_DIR="/mnt/cache"
    )
    assert told in outcome.stderr


def test_a_lock_file_that_is_out_of_date_is_told_whichever_index_there_is(project: Project, mirror: Mirror) -> None:
    wanted = project.folder / "pyproject.toml"
    wanted.write_text(wanted.read_text().replace('"segno==1.6.6"', '"segno==1.6.5"'))
    outcome = project.install(UV_DEFAULT_INDEX=mirror.index(), SSL_CERT_FILE=mirror.authority)
    assert "uv.lock is not what pyproject.toml asks for" in outcome.stderr


def offline(folder: Path, *, words: str) -> str:
    """Fill a folder for an install without network, with the small wheel, and return its name."""
    for name in ("wheels", "npm"):
        (folder / name).mkdir(parents=True)
    mirrors.write_wheel(folder / "wheels" / WHEEL, words=words)
    (folder / "npm-registry").write_text("https://registry.npmjs.org/\n")
    return str(folder)


def test_without_network_packages_come_from_a_folder(project: Project, tmp_path: Path) -> None:
    """Whichever index is configured: where something is asked of it, this fails."""
    folder = offline(tmp_path / "folder", words="is_ours = True\n")
    nowhere = f"http://127.0.0.1:{closed_port()}/simple"
    outcome = project.install(OFFLINE_FOLDER=folder, UV_DEFAULT_INDEX=nowhere, PIP_INDEX_URL=nowhere)
    assert outcome.returncode == 0, outcome.stderr
    assert project.installed


def test_a_forged_package_in_the_folder_is_not_installed(failing: Project, tmp_path: Path) -> None:
    outcome = failing.install(OFFLINE_FOLDER=offline(tmp_path / "folder", words="is_ours = False\n"))
    assert "its digest differs. It was not installed." in outcome.stderr
    assert not failing.installed


def test_a_forged_uv_in_the_folder_is_not_run(failing: Project, tmp_path: Path) -> None:
    folder = offline(tmp_path / "folder", words="")
    mirrors.write_wheel(Path(folder) / "wheels" / "uv-0.13.9-py3-none-any.whl")
    outcome = failing.look_for_uv(OFFLINE_FOLDER=folder)
    assert "uv-0.13.9-py3-none-any.whl is not the one that uv.lock names" in outcome.stderr
    assert not (failing.folder / ".tools" / "uv").exists()


def test_a_folder_that_was_not_filled_is_told(failing: Project, tmp_path: Path) -> None:
    outcome = failing.install(OFFLINE_FOLDER=str(tmp_path))
    assert "there is no wheels and no npm and no npm-registry in it" in outcome.stderr


def test_a_python_that_is_too_old_is_told(failing: Project) -> None:
    found = subprocess.run([uv.find(), "python", "find", "<3.11"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("no Python older than 3.11 is installed")
    outcome = failing.bootstrap(found.stdout.strip(), "run")
    assert outcome.returncode == 1
    assert "The portal needs Python 3.11 or newer; this one is 3." in outcome.stderr


@pytest.mark.parametrize(
    ("configured", "prefix", "optimised"),
    [
        ("'--enable-optimizations' '--with-lto'", "/usr/local", True),
        ("'--prefix=/home/somebody/.pyenv/versions/3.11.7'", "/home/somebody/.pyenv/versions/3.11.7", False),
        ("'--enable-shared' '--without-ensurepip'", "/usr", True),
    ],
)
def test_a_python_that_was_built_without_optimisations_is_known(
    configured: str, prefix: str, *, optimised: bool
) -> None:
    assert pythons.is_optimised(configured, prefix=prefix) is optimised


def test_a_python_that_is_named_is_taken_as_it_is() -> None:
    assert pythons.chosen(named=True) == (sys.executable, "as it was named")


def test_an_unknown_failure_is_not_guessed_at() -> None:
    assert str(failures.told("It could not be done", Outcome(3, "a sentence that no installer ever printed"))) == (
        "It could not be done (exit code 3). What it printed itself is above."
    )


def test_a_password_in_an_address_is_not_repeated() -> None:
    words = "Failed to fetch: https://nurse:secret@mirror.example/simple: 403 Forbidden"
    assert "secret" not in str(failures.told("It could not be done", Outcome(1, words)))


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("E: You don't have enough free space in /var/cache/apt/archives/.", "disk"),
        ("Certificate verification failed: The certificate is NOT trusted.", "certificate"),
        ("npm error code CERT_HAS_EXPIRED", "expired certificate"),
        ("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)", "permission"),
        ("Temporary failure resolving 'deb.debian.org'", "name"),
        ("E: Unable to locate package chromium-headless-shell", "missing"),
        ("Because only the following versions of x have no wheels with a matching Python ABI tag", "version"),
        (
            "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync",
            "lock",
        ),
        ("npm error code EINTEGRITY", "hash"),
        ("Error: getaddrinfo EAI_AGAIN cdn.playwright.dev", "name"),
    ],
)
def test_what_cannot_be_brought_about_here_is_known_by_its_words(printed: str, name: str) -> None:
    cause = failures.cause_of(printed)
    assert cause is not None
    assert cause.name == name
