"""The uv that installs Python packages: the one on the PATH, or one of our own in .tools, as uv.lock names it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from installing import for_tests, sources
from installing.commands import ROOT, TOOLS, Outcome, answers, run
from installing.failures import CannotInstall, told

OWN = TOOLS / "uv" / "bin" / "uv"
_DOING = "uv, which installs the Python packages, could not be installed"
# pip says there why it found nothing; on the terminal it says that it found nothing.
_LOG = TOOLS / "pip.log"
_REASONS = ("Could not fetch URL", "connection broken by", "ERROR:")


def find() -> str:
    """Return a uv that is new enough. Raises CannotInstall."""
    version, digests = _locked()
    for candidate in (shutil.which("uv"), str(OWN)):
        if candidate and _version(candidate) >= _numbers(version):
            return candidate
    shutil.rmtree(TOOLS / "uv", ignore_errors=True)
    folder = sources.offline_folder()
    if folder:
        _unpack(folder / sources.WHEELS, version, digests)
    elif not (_by_venv(version, digests) or _by_pip(version, digests)):
        if not for_tests.install_from_system("python3-venv").code and _by_venv(version, digests):
            return str(OWN)
        raise CannotInstall(
            "Python's venv module or pip is needed to install uv, and neither is here.\n"
            "On Debian and Ubuntu, as root: apt-get install python3-venv"
        )
    return str(OWN)


def pip() -> tuple[str, ...]:
    """Return the command of a pip that is here, or () where there is none."""
    for python in (sys.executable, str(TOOLS / "uv" / "bin" / "python")):
        if answers([python, "-m", "pip", "--version"]):
            return (python, "-m", "pip")
    return ()


def _by_venv(version: str, digests: list[str]) -> bool:
    """Install uv with the pip that a virtual environment brings; return False where there is no such pip."""
    # Debian's python3 without python3-venv has the module but cannot make an environment with pip in it.
    if not answers([sys.executable, "-c", "import venv, ensurepip"]):
        return False
    made = run([sys.executable, "-m", "venv", str(TOOLS / "uv")])
    if made.code:
        raise told(_DOING, made)
    _install([str(TOOLS / "uv" / "bin" / "python"), "-m", "pip"], [], version, digests)
    return True


def _by_pip(version: str, digests: list[str]) -> bool:
    """Install uv with the system's pip into a folder of ours; return False where there is no pip."""
    if not answers([sys.executable, "-m", "pip", "--version"]):
        return False
    _install([sys.executable, "-m", "pip"], ["--target", str(TOOLS / "uv")], version, digests)
    return True


def _install(pip: list[str], options: list[str], version: str, digests: list[str]) -> None:
    """Install uv by a pip, as the lock file names it. Raises CannotInstall."""
    _LOG.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", dir=TOOLS) as wanted:
        wanted.write(f"uv=={version} " + " ".join(f"--hash={digest}" for digest in digests))
        wanted.flush()
        safely = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
        plainly = ["--quiet", "--progress-bar", "off", "--log", str(_LOG)]
        command = [*pip, "install", *plainly, *safely, *options, "--requirement", wanted.name]
        outcome = run(command, environment=sources.for_installers(tuple(pip)))
    if outcome.code:
        logged = _LOG.read_text(encoding="utf-8", errors="replace") if _LOG.exists() else ""
        reasons = [line for line in logged.splitlines() if any(reason in line for reason in _REASONS)]
        raise told(_DOING, Outcome(outcome.code, "\n".join([*reasons, outcome.words])))
    _LOG.unlink(missing_ok=True)


def _unpack(wheels: Path, version: str, digests: list[str]) -> None:
    """Take uv out of its wheel in a folder, where it is the one that the lock file names. Raises CannotInstall."""
    for wheel in sorted(wheels.glob(f"uv-{version}-*.whl")):
        if f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" not in digests:
            raise CannotInstall(f"{_DOING}: {wheel.name} is not the one that uv.lock names. Fill the folder anew.")
        OWN.parent.mkdir(parents=True)
        with zipfile.ZipFile(wheel) as packed:
            OWN.write_bytes(packed.read(f"uv-{version}.data/scripts/uv"))
        OWN.chmod(0o755)
        return
    raise CannotInstall(f"{_DOING}: there is no uv-{version}-*.whl in {wheels}. Fill the folder anew.")


def _locked() -> tuple[str, list[str]]:
    """Return the version of uv that uv.lock names, and the digests of its wheels."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    (package,) = [package for package in packages if package["name"] == "uv"]
    return str(package["version"]), [str(wheel["hash"]) for wheel in package["wheels"]]


def _version(uv: str) -> tuple[int, ...]:
    """Return the version of a uv, or () where it does not run."""
    outcome = run([uv, "--version"], silent=True) if os.access(uv, os.X_OK) else Outcome(127, "")
    return () if outcome.code else _numbers(outcome.words.split()[1])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
