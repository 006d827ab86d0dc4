"""A file that says of any password whether it is on a long list, without the list: a filter of shortened hashes.

The key of a password is its SHA-1, in which Have I Been Pwned publishes its lists: a filter of theirs and one of plain
passwords are looked up alike. The file is a line of text, the number of keys that begin with each two bytes, and the
next four bytes of each key in order. So a look-up is one short read, memory holds only where each two bytes begin, and
of what is on no list, entries / 2^48 is taken for listed: at five million entries, one in sixty million.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import weakref
import zlib
from array import array
from collections.abc import Iterable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

_HEADER = "password filter 1, {entries:015d} entries, checksum {checksum:08x}, of {made_of}\n"
_HEADER_FORM = re.compile(rb"password filter 1, (\d{15}) entries, checksum ([0-9a-f]{8}), of ([^\n]{1,300})\n")
_LONGEST_MADE_OF = 300
_BEGINNING = b"password filter "
_LONGEST_HEADER = 400
_BUCKETS = 65_536
_LENGTH_OF_COUNTS = 4 * _BUCKETS
_KEY, _REST = 6, 4
_PARTS = 256
# Keys: 50 MB of them. A list that has more is sorted in files.
MOST_IN_MEMORY = 8_000_000
# A larger file is trusted by its length: to read it at each start of a process would take seconds.
LARGEST_SUMMED = 256 * 1024 * 1024
_AT_ONCE = 1024 * 1024

# No secret is kept by it: the lists are public.
sha1 = partial(hashlib.sha1, usedforsecurity=False)
log = logging.getLogger("esr_portal.common_passwords")


class FilterUnusable(Exception):
    """A file is no filter, or a damaged one; the message says what is wrong with it, to go after its name."""


def key_of(password: str) -> bytes:
    """Return the SHA-1 of a password in UTF-8, as Have I Been Pwned has it. Lone surrogates are taken as they are."""
    return sha1(password.encode("utf-8", "surrogatepass")).digest()


def is_filter(path: Path) -> bool:
    """Return whether a file can be read and begins as a filter does, sound or not."""
    try:
        with path.open("rb") as file:
            return file.read(len(_BEGINNING)) == _BEGINNING
    except OSError:
        return False


class Filter:
    """A filter that is open for look-ups. Threads and forked processes may share it."""

    def __init__(self, path: Path) -> None:
        """Open a filter. Raises FilterUnusable where it is none or damaged, and OSError where it cannot be read."""
        self.path = path
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        header = _HEADER_FORM.match(os.pread(self._file, _LONGEST_HEADER, 0))
        if header is None:
            raise FilterUnusable("is no password filter of this version")
        self.entries = int(header[1])
        self.made_of = header[3].decode("utf-8", "replace")
        self._start = header.end() + _LENGTH_OF_COUNTS
        length, right = os.fstat(self._file).st_size, self._start + _REST * self.entries
        if length != right:
            raise FilterUnusable(f"is damaged: it has {length:,} bytes and should have {right:,}")
        counts = os.pread(self._file, _LENGTH_OF_COUNTS, header.end())
        if length <= LARGEST_SUMMED and self._checksum(counts) != int(header[2], 16):
            raise FilterUnusable("is damaged: its checksum is wrong")
        self._ends = array("Q", accumulate(memoryview(counts).cast("I")))
        if self._ends[-1] != self.entries:
            raise FilterUnusable("is damaged: its parts are not as many as it says")

    def _checksum(self, counts: bytes) -> int:
        checksum = zlib.crc32(counts)
        at = self._start
        while block := os.pread(self._file, _AT_ONCE, at):
            checksum = zlib.crc32(block, checksum)
            at += len(block)
        return checksum

    def holds(self, digest: bytes) -> bool:
        """Return whether a SHA-1 is that of a listed password."""
        bucket = int.from_bytes(digest[:2], "big")
        begin = self._ends[bucket - 1] if bucket else 0
        length = _REST * (self._ends[bucket] - begin)
        rests = os.pread(self._file, length, self._start + _REST * begin)
        if len(rests) != length:
            log.error("%s was cut off while it was in use. Build it again, and start again.", self.path)
            return False
        wanted = digest[2:_KEY]
        at = rests.find(wanted)
        while at % _REST and at > 0:
            at = rests.find(wanted, at + 1)
        return at >= 0


def write(digests: Iterable[bytes], *, to: Path, made_of: str) -> int:
    """Write a filter of SHA-1 digests in any order and return how many different ones it has.

    `made_of` says of what it was made, in a line. Takes some 100 MB of memory however many there are, and three times
    the room of the filter in its folder meanwhile. A filter that is in use already is replaced when the new one is
    whole. Raises OSError.
    """
    with tempfile.TemporaryDirectory(prefix=".filter-", dir=to.parent) as folder:
        parts = _Parts(Path(folder))
        parts.take(digests)
        made = Path(folder) / "made"
        with made.open("w+b") as file:
            entries = _write_sorted(parts, file, made_of=_one_line(made_of))
            file.flush()
            os.fsync(file.fileno())
        made.replace(to)
    return entries


def _one_line(made_of: str) -> str:
    """Return a text as the header takes it: a line of 1 to 300 bytes."""
    line = " ".join(made_of.encode("utf-8", "replace").decode().split())
    return line.encode()[:_LONGEST_MADE_OF].decode(errors="ignore") or "-"


class _Parts:
    """Keys by their first byte, in memory as long as they are few, and in files of `folder` beyond that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = [bytearray() for _ in range(_PARTS)]

    def take(self, digests: Iterable[bytes]) -> None:
        """Take the keys of all digests."""
        keys = self._keys
        for number, digest in enumerate(digests, start=1):
            keys[digest[0]] += digest[:_KEY]
            if number % MOST_IN_MEMORY == 0:
                self._spill()

    def in_order(self, part: int) -> list[bytes]:
        """Return the different keys of a part in order."""
        spilled = self._folder / f"{part}"
        keys = (spilled.read_bytes() if spilled.exists() else b"") + self._keys[part]
        return sorted({keys[at : at + _KEY] for at in range(0, len(keys), _KEY)})

    def _spill(self) -> None:
        for part, keys in enumerate(self._keys):
            with (self._folder / f"{part}").open("ab") as file:
                file.write(keys)
            keys.clear()


def _write_sorted(parts: _Parts, made: BinaryIO, *, made_of: str) -> int:
    """Write a whole filter of parts; return how many different keys there are."""
    header = _HEADER.format(entries=0, checksum=0, made_of=made_of).encode()
    counts = array("I", bytes(_LENGTH_OF_COUNTS))
    made.write(header + counts.tobytes())
    for part in range(_PARTS):
        in_order = parts.in_order(part)
        for key in in_order:
            counts[key[0] << 8 | key[1]] += 1
        made.write(b"".join(key[2:] for key in in_order))
    entries = sum(counts)
    made.seek(len(header))
    made.write(counts.tobytes())
    made.seek(len(header))
    checksum = 0
    while block := made.read(_AT_ONCE):
        checksum = zlib.crc32(block, checksum)
    made.seek(0)
    made.write(_HEADER.format(entries=entries, checksum=checksum, made_of=made_of).encode())
    return entries
