"""Leaked passwords that look like nothing: on a long list, whatever they are made of.

Sources of the rule: NIST SP 800-63B-4, section 3.1.1.2 (a list of compromised passwords), OWASP ASVS 6.2.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common_passwords.filter_sources import spellings
from common_passwords.filters import Filter, FilterUnusable, is_filter, key_of

# What people put at the end of a password that was refused. No leaked password of fewer characters is looked for.
_ADDED = re.compile(r"[\W\d_]+\Z")
MOST_ADDED = 12
SHORTEST_LEAKED = 8


def how_leaked(password: str) -> str | None:
    """Return what was added at the end of a leaked password: "" for one as it is listed, None for one that is not.

    Raises ImproperlyConfigured where a filter is missing or damaged.
    """
    opened = filters()
    for leaked, added in _what_may_be_listed(password):
        key = key_of(leaked)
        if any(known.holds(key) for known in opened):
            return added
    return None


def _what_may_be_listed(password: str) -> Iterator[tuple[str, str]]:
    """Yield what to look for, with what was added to it: first the password as it was typed, in each spelling."""
    written = sorted(spellings(password))
    yield from ((text, "") for text in written)
    for text in written:
        added = _ADDED.search(text)
        begins = max(added.start(), len(text) - MOST_ADDED, SHORTEST_LEAKED) if added else len(text)
        yield from ((text[:end], text[end:]) for end in range(len(text) - 1, begins - 1, -1))


def open_filters() -> None:
    """Open the filters now, so that the first password of a process takes no longer than the others.

    Raises ImproperlyConfigured.
    """
    filters()


def forget() -> None:
    """Let the filters be opened again, from the files that the settings name by then."""
    _open_all.cache_clear()


def problem() -> str | None:
    """Return what is wrong with the filter that is built with the portal in a sentence, or None where nothing is."""
    try:
        _open(settings.LEAKED_PASSWORDS_FILTER)
    except ImproperlyConfigured as unusable:
        return str(unusable)
    return None


def operators_filter() -> Filter | None:
    """Return the filter that COMMON_PASSWORDS_FILE names, or None where it names none, but a list or nothing.

    Raises ImproperlyConfigured where it names a damaged one.
    """
    path = Path(settings.COMMON_PASSWORDS_FILE or "")
    return _open(path, "COMMON_PASSWORDS_FILE") if is_filter(path) else None


def filters() -> tuple[Filter, ...]:
    """Return the filter that is built and the operator's, open. Raises ImproperlyConfigured."""
    return _open_all(str(settings.LEAKED_PASSWORDS_FILTER), str(settings.COMMON_PASSWORDS_FILE or ""))


@lru_cache(maxsize=1)
def _open_all(built: str, _operators: str) -> tuple[Filter, ...]:
    operators = operators_filter()
    return (_open(Path(built)), *([operators] if operators else []))


def _open(path: Path, named: str = "The filter of leaked passwords") -> Filter:
    try:
        return Filter(path)
    except FilterUnusable as unusable:
        raise ImproperlyConfigured(f"{named}: {path} {unusable}.") from unusable
    except OSError as error:
        raise ImproperlyConfigured(f"{named}: {path} cannot be read: {error.strerror}.") from error
