"""Install what the lock files name, into this folder, and build what is built. `make` runs it first.

Needs a Python and nothing else: it brings its own uv. What is up to date is left alone, so a second run takes no time.
Runs on any Python 3, to be able to say which one is needed.

    python3 bootstrap.py run     what the portal and its demo need
    python3 bootstrap.py check   also what the linters and the benchmark need
    python3 bootstrap.py test    also a browser
    python3 bootstrap.py mutants also what changes the code to see whether a test notices
    python3 bootstrap.py lock    nothing: says whether uv.lock is what pyproject.toml asks for
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# The uv that wrote uv.lock. One that is installed already is used if it is not older.
UV_VERSION = "0.13.9"
GROUPS = {
    "run": ["build", "demo"],
    "check": ["build", "demo", "dev"],
    "mutants": ["build", "demo", "dev", "mutants"],
}
# Any will do, the first that is there is taken: the headless shell is Chromium without what only a window needs.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class CannotInstall(Exception):
    """Something is missing that a person must install; the message says what to do."""


def main() -> None:
    """Install what the wanted target needs, while no other bootstrap of this folder runs."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else "run"
    if wanted not in {"run", "check", "test", "mutants", "lock"}:
        sys.exit(__doc__)
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if wanted == "lock":
                check_lock()
                return
            install_packages("check" if wanted == "test" else wanted)
            build_static()
            build_locale()
            build_leaked_passwords()
            if wanted == "test":
                install_browser()
        except CannotInstall as problem:
            sys.exit(f"\n{problem}\n")


# Python packages ------------------------------------------------------------------------------------------------------


def install_packages(scope: str) -> None:
    """Make .venv hold what uv.lock names for `scope`. Raises CannotInstall."""
    lock = hashlib.sha256((ROOT / "uv.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / ".installed-from"
    scopes = list(GROUPS)
    # What was installed for more is enough for less.
    fitting = {f"{wider} {lock}" for wider in scopes[scopes.index(scope) :]}
    if stamp.exists() and stamp.read_text() in fitting and _answers([str(PYTHON), "--version"]):
        return
    say("Installing Python packages …")
    groups = [argument for group in GROUPS[scope] for argument in ("--group", group)]
    # Compiled now, once: each of the portal's processes starts a second sooner.
    options = ["--locked", "--inexact", "--quiet", "--no-default-groups", "--compile-bytecode"]
    command = [find_uv(), "sync", *options, *groups]
    # A Python of the system's: uv would otherwise download one of its own.
    environment = {"UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
    if run(command, environment=environment) != 0:
        raise CannotInstall(
            "The Python packages could not be installed (see above). The portal needs Python 3.11 or newer;\n"
            f"this one is {sys.version.split()[0]}. On Debian and Ubuntu: apt-get install python3"
        )
    stamp.write_text(f"{scope} {lock}")


def check_lock() -> None:
    """Raise CannotInstall where uv.lock is not what pyproject.toml asks for."""
    if run([find_uv(), "lock", "--check", "--quiet"]) != 0:
        raise CannotInstall("uv.lock is not what pyproject.toml asks for (see above). Run: uv lock")


def find_uv() -> str:
    """Return a uv that is new enough: the one on the PATH, or one of our own in .tools. Raises CannotInstall."""
    own = TOOLS / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(own)):
        if candidate and _version(candidate) >= _numbers(UV_VERSION):
            return candidate
    shutil.rmtree(TOOLS / "uv", ignore_errors=True)
    if not (_uv_in_a_venv() or _uv_by_pip() or (install_from_system("python3-venv") and _uv_in_a_venv())):
        raise CannotInstall(
            "Python's venv module or pip is needed to install uv, and neither is here.\n"
            "On Debian and Ubuntu, as root: apt-get install python3-venv"
        )
    return str(own)


def _uv_in_a_venv() -> bool:
    """Install uv with the pip that a virtual environment brings; return whether that worked."""
    # Debian's python3 without python3-venv has the module but cannot make an environment with pip in it.
    if not _answers([sys.executable, "-c", "import venv, ensurepip"]):
        return False
    made = run([sys.executable, "-m", "venv", str(TOOLS / "uv")]) == 0
    return made and run([str(TOOLS / "uv" / "bin" / "python"), "-m", "pip", *_pip_install()]) == 0


def _uv_by_pip() -> bool:
    """Install uv with the system's pip into a folder of ours; return whether that worked."""
    if not _answers([sys.executable, "-m", "pip", "--version"]):
        return False
    return run([sys.executable, "-m", "pip", *_pip_install(), "--target", str(TOOLS / "uv")]) == 0


def _pip_install() -> list[str]:
    return ["install", "--quiet", "--disable-pip-version-check", f"uv=={UV_VERSION}"]


def _version(uv: str) -> tuple[int, ...]:
    """Return the version of a uv, or () where it does not run."""
    try:
        answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return _numbers(answer.stdout.split()[1])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


# What is built, and browser -------------------------------------------------------------------------------------------


def build_static() -> None:
    """Build the stylesheet and scripts, unless they are up to date. Raises CannotInstall."""
    if not (ROOT / "static-built").exists():
        say("Building the stylesheet and scripts …")
    if run([str(PYTHON), "-m", "esr_portal.build_static"], quiet=True) != 0:
        raise CannotInstall("The static files could not be built (see above).")


def build_locale() -> None:
    """Compile the catalogues of words, unless they are up to date. Raises CannotInstall."""
    if run([str(PYTHON), "-m", "esr_portal.build_locale"], quiet=True) != 0:
        raise CannotInstall("The catalogues of words could not be built (see above).")


def build_leaked_passwords() -> None:
    """Build the filter of leaked passwords, unless it is up to date. Raises CannotInstall."""
    if not (ROOT / "leaked-passwords.filter").exists():
        say("Building the filter of leaked passwords, which takes up to a minute, once …")
    if run([str(PYTHON), "-m", "esr_portal.build_leaked_passwords"], quiet=True) != 0:
        raise CannotInstall("The filter of leaked passwords could not be built (see above).")


def install_browser() -> None:
    """Make sure that there is a Chromium for the journeys: the system's, or else the one Playwright brings.

    Raises CannotInstall.
    """
    if any(shutil.which(name) for name in BROWSERS):
        return
    say("Installing Chromium for the browser tests …")
    # Ubuntu's package is only a pointer to a snap, which does not run everywhere; there Playwright's own is used.
    is_ubuntu = "ubuntu" in Path("/etc/os-release").read_text().lower() if Path("/etc/os-release").exists() else False
    for name in () if is_ubuntu else BROWSERS[:2]:
        if install_from_system(name, "fonts-liberation") and shutil.which(name):
            return
    if run([str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"]) != 0:
        raise CannotInstall(
            "The browser tests need Chromium, and it could not be installed from here.\n"
            "On Debian, as root: apt-get install --no-install-recommends chromium fonts-liberation"
        )


# Commands -------------------------------------------------------------------------------------------------------------


def install_from_system(*packages: str) -> bool:
    """Install packages of the system's where we may without asking for a password; return whether that worked."""
    if not shutil.which("apt-get"):
        return False
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and not (shutil.which("sudo") and _answers(["sudo", "-n", "true"])):
        return False
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    # The lists may be old, or not there at all, as in a container.
    run([*apt, "update"])
    return run([*apt, "install", "-y", "--no-install-recommends", *packages], quiet=True) == 0


def run(command: list[str], *, quiet: bool = False, environment: dict[str, str] | None = None) -> int:
    """Run a command in this folder and return its exit code; what it prints goes to the terminal unless `quiet`."""
    output = subprocess.DEVNULL if quiet else sys.stderr
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        check=False,
    ).returncode


def _answers(command: list[str]) -> bool:
    """Return whether a command runs and succeeds, whatever it prints."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def say(text: str) -> None:
    """Tell the person at the terminal what takes a while."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
