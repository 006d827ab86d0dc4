"""The lists of common passwords and of words: Django's, those of zxcvbn, and one of the operator's own."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import util
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ImproperlyConfigured

from common_passwords import leaked
from common_passwords.characters import bare_spellings, plain
from common_passwords.filters import is_filter

# Three letters of any kind are guessed as fast as one word of a list, so shorter ones need no list.
SHORTEST_WORD = 4
LONGEST_WORD = 24
# Five times the NCSC's list. Each line takes about 250 bytes in each process of the portal.
MOST_LINES = 500_000
LARGEST_FILE = 64 * 1024 * 1024
_COMMAND = "manage.py build_password_filter."


class Listed(NamedTuple):
    """What is known of a bare spelling: whether it is that of a common password, and how many letters it lost."""

    is_common: bool
    lost: int


_NOTHING_LOST = {common: Listed(is_common=common, lost=0) for common in (False, True)}


@dataclass(frozen=True, slots=True)
class Lists:
    """Every listed password, word and name, in small letters: whether it is a common password or just a word."""

    as_listed: dict[str, bool]
    # By bare spelling (characters.bare_spelling), those whose bare spelling is another than they are.
    bare: dict[str, Listed]
    # Passwords longer than any that is looked for as a part: they are compared as a whole.
    whole: frozenset[str]

    def is_common_password(self, text: str) -> bool:
        """Return whether a plain text is itself listed as a common password."""
        return self.as_listed.get(text, False) or text in self.whole

    def unmangled(self, spelling: str) -> Listed | None:
        """Return what is known of a bare spelling, or None where it is that of nothing listed."""
        if listed := self.bare.get(spelling):
            return listed
        common = self.as_listed.get(spelling)
        return None if common is None else _NOTHING_LOST[common]


@lru_cache(maxsize=1)
def _read(operators_file: str) -> Lists:
    as_listed: dict[str, bool] = {}
    for name, words in zxcvbns_lists().items():
        _add(as_listed, words, common=name == "passwords")
    _add(as_listed, django_list(), common=True)
    operators = [plain(word) for word in _lines(operators_file)]
    _add(as_listed, operators, common=True)
    whole = frozenset(word for word in operators if len(word) > LONGEST_WORD)
    return Lists(as_listed=as_listed, bare=_by_bare_spelling(as_listed), whole=whole)


def _by_bare_spelling(as_listed: dict[str, bool]) -> dict[str, Listed]:
    bare: dict[str, Listed] = {}
    kinds: dict[Listed, Listed] = {}
    for (word, common), spelling in zip(as_listed.items(), bare_spellings(as_listed), strict=True):
        # Digits around a listed word, or alone, are digits and no leetspeak.
        within = word.strip("0123456789")
        is_more = within and (within == word or within not in as_listed)
        if is_more and spelling != word and len(spelling) >= SHORTEST_WORD - 1:
            other = bare.get(spelling, _NOTHING_LOST[False])
            listed = Listed(common or other.is_common, max(len(word) - len(spelling), other.lost))
            # One object for all that are equal: there are few, and a hundred thousand words.
            bare[spelling] = kinds.setdefault(listed, listed)
    return bare


def lists() -> Lists:
    """Return all lists, read once in a process. Raises ImproperlyConfigured where the operator's file is unreadable."""
    return _read(str(settings.COMMON_PASSWORDS_FILE or ""))


def read_lists() -> None:
    """Read the lists and open the filters now, so that the first password of a process takes no longer than the others.

    Raises ImproperlyConfigured where a file cannot be read.
    """
    lists()
    leaked.open_filters()


def forget() -> None:
    """Let the lists and filters be read again, from the files that the settings name by then."""
    _read.cache_clear()
    leaked.forget()


def django_list() -> list[str]:
    """Return the 20,000 common passwords that come with Django, the most used first."""
    packed = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    return gzip.decompress(packed.read_bytes()).decode("utf-8").split()


def zxcvbns_lists() -> dict[str, list[str]]:
    """Return the lists that come with zxcvbn, by their names, the most used first.

    They are read without zxcvbn itself, which makes a second copy of them as it is imported: 12 MiB in each process.
    """
    package = util.find_spec("zxcvbn")
    if package is None or package.origin is None:
        raise ImproperlyConfigured("zxcvbn is not installed. Run: python3 bootstrap.py run")
    path = Path(package.origin).with_name("frequency_lists.py")
    # Not kept among the imported modules, so that it goes once it is read.
    spec = util.spec_from_file_location("_zxcvbns_lists", path)
    if spec is None or spec.loader is None:
        raise ImproperlyConfigured(f"zxcvbn: {path} cannot be read. Run: python3 bootstrap.py run")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, list[str]] = module.FREQUENCY_LISTS
    return found


def operators_file_problem() -> str | None:
    """Return what is wrong with COMMON_PASSWORDS_FILE in a sentence, or None where it is unset or can be read."""
    try:
        _lines(str(settings.COMMON_PASSWORDS_FILE or ""))
        leaked.operators_filter()
    except ImproperlyConfigured as problem:
        return str(problem)
    return None


def _lines(operators_file: str) -> list[str]:
    """Return the lines of the operator's list, or none where there is none. Raises ImproperlyConfigured."""
    path = Path(operators_file)
    # A filter is looked up in leaked.py.
    if not operators_file or is_filter(path):
        return []
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ImproperlyConfigured(
                f"COMMON_PASSWORDS_FILE: {path} is larger than {LARGEST_FILE // 1024**2} MB. Keep the most used lines, "
                f"or make a filter of it: {_COMMAND}"
            )
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"COMMON_PASSWORDS_FILE: {path} cannot be read: {_why(error)}.") from error
    lines = [line for line in (line.strip() for line in text.splitlines()) if line]
    if not lines:
        raise ImproperlyConfigured(f"COMMON_PASSWORDS_FILE: {path} has no passwords in it.")
    if len(lines) > MOST_LINES:
        raise ImproperlyConfigured(
            f"COMMON_PASSWORDS_FILE: {path} has {len(lines):,} lines; at most {MOST_LINES:,} are kept in memory. "
            f"Keep the most used ones, or make a filter of it: {_COMMAND}"
        )
    return lines


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 text (at byte {error.start})"
    return str(error.strerror if isinstance(error, OSError) else error)


def _add(words: dict[str, bool], more: Iterable[str], *, common: bool) -> None:
    for word in more:
        text = plain(word)
        if SHORTEST_WORD <= len(text) <= LONGEST_WORD:
            words[text] = words.get(text, False) or common
