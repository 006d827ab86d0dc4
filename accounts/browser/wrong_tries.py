"""The wrong tries of this browser, by the username that was typed: what the log-in page says about a lock.

It is this browser's own past alone, real name or not, so the page can be exact and tells a stranger nothing. What
counts against guessing is kept on the server, tries of other browsers too (services/lockout.py): neither knows of the
other. docs/decisions/0033-the-lock-page-knows-its-own-browser.md.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from typing import Self

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.browser import cookies
from accounts.identifiers import Username, keyed_digest
from accounts.services import lockout

_NAME = "tries"
_SALT = "esr-portal.wrong-tries.by-name"
_DIGEST_LENGTH = 16
_BETWEEN_NAMES, _BETWEEN_FACTS = "~", "."
_SECONDS = int(lockout.DURATION.total_seconds())
# Names that are kept, the newest first: what travels with each request has an end.
MOST_NAMES = 5


@dataclasses.dataclass(frozen=True, slots=True)
class OfOneName:
    """The wrong tries for one typed username. `last` and `tenth` are in seconds since 1970; `tenth` is 0 before it.

    They follow the server's own rule (services/lockout.py): forgotten fifteen minutes after the last, and during a lock
    none is counted.
    """

    digest: str
    count: int = 0
    last: int = 0
    tenth: int = 0

    def one_more(self, *, now: float) -> Self:
        """Return what they are with a wrong try at `now`."""
        if self._is_locked(now=now):
            return self
        # Upwards, so that what the page promises is never sooner than the server's lock ends.
        count, second = (self.count if self.counts(now=now) and not self.tenth else 0) + 1, math.ceil(now)
        tenth = second if count >= lockout.LIMIT else 0
        return dataclasses.replace(self, count=count, last=second, tenth=tenth)

    def counts(self, *, now: float) -> bool:
        """Return whether they are not forgotten at `now`."""
        return now - self.last < _SECONDS

    def _is_locked(self, *, now: float) -> bool:
        return bool(self.tenth) and now - self.tenth < _SECONDS

    @property
    def left(self) -> int:
        """How many tries this browser has left before its own tries lock the username."""
        return max(lockout.LIMIT - self.count, 0)

    @property
    def locked_until(self) -> datetime.datetime | None:
        """When the lock ends that these tries began, or None where they have begun none."""
        if not self.tenth:
            return None
        return datetime.datetime.fromtimestamp(self.tenth, tz=datetime.UTC) + lockout.DURATION


@dataclasses.dataclass(frozen=True, slots=True)
class WrongTries:
    """All that this browser remembers, the name that was tried last at the beginning."""

    names: tuple[OfOneName, ...]

    @property
    def latest(self) -> OfOneName:
        """Those for the username that was typed just now."""
        return self.names[0]

    @property
    def in_all(self) -> int:
        """How many there were of late, for any username."""
        return sum(each.count for each in self.names)


def with_one_more(request: HttpRequest, *, username: Username) -> WrongTries:
    """Return this browser's wrong tries, with one for `username` that was refused just now."""
    now = timezone.now().timestamp()
    digest = keyed_digest(purpose="wrong_tries.name", value=username)[:_DIGEST_LENGTH]
    kept = [each for each in _sent(request) if each.counts(now=now)]
    this = next((each for each in kept if each.digest == digest), OfOneName(digest))
    others = [each for each in kept if each.digest != digest]
    return WrongTries((this.one_more(now=now), *others)[:MOST_NAMES])


def remember(request: HttpRequest, response: HttpResponse, tries: WrongTries) -> None:
    """Have this browser remember `tries`, for as long as wrong passwords are remembered."""
    value = _BETWEEN_NAMES.join(_BETWEEN_FACTS.join(map(str, dataclasses.astuple(each))) for each in tries.names)
    cookies.keep(response, name=_NAME, value=cookies.sign(value, salt=_salt(request)), lasts=lockout.DURATION)


def forget(response: HttpResponse) -> None:
    """Have this browser forget them: the person is in, or has set a new password."""
    cookies.forget(response, name=_NAME)


def _sent(request: HttpRequest) -> list[OfOneName]:
    """Return what the browser sent, or nothing where it was not made here, for this browser, and of late."""
    value = cookies.unsign(cookies.read(request, name=_NAME), salt=_salt(request), lasts=lockout.DURATION)
    return [_read(name) for name in value.split(_BETWEEN_NAMES)] if value else []


def _read(name: str) -> OfOneName:
    digest, *numbers = name.split(_BETWEEN_FACTS)
    return OfOneName(digest, *map(int, numbers))


def _salt(request: HttpRequest) -> str:
    """Return what the cookie is signed with: it is worth nothing in another browser, nor after the next log-in here."""
    return f"{_SALT}.{cookies.secret_of_browser(request)}"
