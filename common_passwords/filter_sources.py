"""What a password filter is made of: lists of passwords, and the files of Have I Been Pwned."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from common_passwords.filters import key_of, sha1

# The whole list: SHA-1 in hexadecimal, and how often it was seen. By ranges: the first five digits name the file.
_HASH = re.compile(rb"([0-9A-Fa-f]{40}):([0-9]{1,12})\r?\n?\Z")
_HASH_OF_A_RANGE = re.compile(rb"([0-9A-Fa-f]{35}):([0-9]{1,12})\r?\n?\Z")
_NAME_OF_A_RANGE = re.compile(r"[0-9A-Fa-f]{5}")

# Told how many bytes were read.
Progress = Callable[[int], object]


class SourceUnusable(Exception):
    """A file is neither a list nor one of Have I Been Pwned's; the message names it and the line."""


def files_of(path: Path) -> list[Path]:
    """Return the file itself, or the files in a folder in the order of their names. Raises OSError."""
    return sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]


def digests_of(path: Path, *, seen: int, progress: Progress) -> Iterator[bytes]:
    """Yield the SHA-1 digests of a file: each password of a list as it stands and in small letters, or hashes as given.

    `seen` is how often a password was seen at least; a list of passwords does not say it, and is taken whole. Raises
    OSError and SourceUnusable.
    """
    with path.open("rb") as file:
        first = file.readline()
    if _HASH.match(first):
        yield from _hashes(path, _HASH, "", seen=seen, progress=progress)
    elif _HASH_OF_A_RANGE.match(first) and _NAME_OF_A_RANGE.fullmatch(path.stem):
        yield from _hashes(path, _HASH_OF_A_RANGE, path.stem, seen=seen, progress=progress)
    else:
        yield from _passwords(path, progress=progress)


def spellings(password: str) -> set[str]:
    """Return a password as it stands, in NFKC, and in small letters: what is looked up, and what is kept of a list."""
    compatible = unicodedata.normalize("NFKC", password)
    return {password, compatible, compatible.lower()}


def _passwords(path: Path, *, progress: Progress) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            progress(len(line))
            password = line.rstrip(b"\r\n")
            if not password.isascii():
                yield from map(key_of, spellings(_text(password.removeprefix(codecs.BOM_UTF8))))
            elif password:
                # What is ASCII is its own NFKC form. Most lines are: this is what building takes its time for.
                yield sha1(password).digest()
                small = password.lower()
                if small != password:
                    yield sha1(small).digest()


def _text(password: bytes) -> str:
    """Return a line as text: collections of leaked passwords have lines of other encodings than UTF-8."""
    try:
        return password.decode("utf-8")
    except UnicodeDecodeError:
        return password.decode("latin-1")


def _hashes(path: Path, form: re.Pattern[bytes], prefix: str, *, seen: int, progress: Progress) -> Iterator[bytes]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            progress(len(line))
            found = form.match(line)
            if found is None:
                raise SourceUnusable(f"{path}, line {number}, is not what the first line is: a hash, “:” and a number.")
            if int(found[2]) >= seen:
                yield bytes.fromhex(prefix + found[1].decode())
