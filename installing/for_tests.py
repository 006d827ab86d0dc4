"""What tests run with beside packages: a browser, which journeys need, and servers, without which some are skipped."""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path

from installing import sources
from installing.commands import PYTHON, Outcome, answers, run, say
from installing.failures import cause_of, told

# Any will do, the first that is there is taken: the headless shell is Chromium without what only a window needs.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Debian's package, and a file of it by which it is known to be there.
SERVERS = {
    "nginx-light": "/usr/sbin/nginx",
    "libnginx-mod-http-brotli-static": "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so",
    "pgbouncer": "/usr/sbin/pgbouncer",
}
# Debian starts a server when it is installed, nginx on port 80, and with the machine. The tests start their own.
_POLICY = Path("/usr/sbin/policy-rc.d")
_WITHOUT_STARTING = f"""
trap 'rm -f {_POLICY}' EXIT
printf '#!/bin/sh\\nexit 101\\n' > {_POLICY} && chmod 755 {_POLICY} && "$@"
"""


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
        if install_from_system(name, "fonts-liberation").code == 0 and shutil.which(name):
            return
    command = [str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"]
    outcome = run(command, environment=sources.for_installers(()))
    if outcome.code:
        by_hand = "on Debian, as root: apt-get install --no-install-recommends chromium fonts-liberation"
        raise told(f"The browser tests need Chromium ({by_hand}), and it could not be installed", outcome)


def install_servers() -> None:
    """Install the servers that some tests run on, where we may. Tests of those that are missing are skipped."""
    missing = [package for package, file in SERVERS.items() if not Path(file).exists()]
    if not missing or _as_root() is None:
        return
    say(f"Installing {', '.join(missing)} for the tests, without starting them …")
    for package in missing:
        outcome = install_from_system(package, start=False)
        if outcome.code:
            cause = cause_of(outcome.words)
            say(f"{package} could not be installed; tests that need it are skipped. {cause.what if cause else ''}")
        else:
            _keep_from_starting(package)


def _keep_from_starting(package: str) -> None:
    """Keep a server that was just installed from starting with the machine, by systemd or without it."""
    service = {"nginx-light": "nginx"}.get(package, package)
    if not package.startswith("lib"):
        run([*(_as_root() or ()), "/usr/sbin/update-rc.d", service, "disable"], silent=True)


def install_from_system(*packages: str, start: bool = True) -> Outcome:
    """Install packages of the system's where we may without asking for a password, and `start` servers or not."""
    as_root = _as_root()
    if as_root is None:
        return Outcome(1, "")
    apt = (*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
    updated = _update(apt)
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    # A machine that has a policy of its own on what may start keeps it.
    if not start and not _POLICY.exists():
        command = [*as_root, "sh", "-c", _WITHOUT_STARTING, "sh", *command[len(as_root) :]]
    installed = run(command, quiet=True)
    return Outcome(installed.code, updated.words + installed.words)


@functools.cache
def _update(apt: tuple[str, ...]) -> Outcome:
    """Read anew, once, what there is to install: the lists may be old, or not there at all, as in a container."""
    return run([*apt, "update"])


def _as_root() -> list[str] | None:
    """Return what a command of root's begins with, or None where we may not, or there is no apt-get."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and answers(["sudo", "-n", "true"]) else None
