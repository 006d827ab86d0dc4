"""The switch that makes the stand-in misbehave. The folder misbehaviours/ holds the ways in which it can.

A misbehaviour happens once, or until it is switched off, at one place of what the provider does.
"""

from __future__ import annotations

import dataclasses
import enum
import threading
from collections.abc import Callable
from typing import Any


class Place(enum.Enum):
    """Where a misbehaviour happens: what its function is given and what it gives back in its place."""

    DISCOVERY = "The discovery document"  # an HttpResponse
    KEYS = "The published keys"  # an HttpResponse
    REDIRECT = "The way back to the portal"  # an HttpResponse with a Location
    CLAIMS = "A claim of the ID token"  # a dictionary of claims
    ID_TOKEN = "The ID token as a whole"  # noqa: S105 - claims; gives back a string
    TOKEN = "The token endpoint"  # noqa: S105 - an HttpResponse
    USERINFO = "The userinfo endpoint"  # an HttpResponse
    AT_ONCE = "At once, and for good"  # nothing


Function = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Misbehaviour:
    """One way to misbehave: its name in addresses, what the page says of it, where it happens, and what it does."""

    name: str
    says: str
    place: Place
    do: Function


TABLE: dict[str, Misbehaviour] = {}


def misbehaviour(place: Place) -> Callable[[Function], Function]:
    """Put a function into the table, under its own name with hyphens and with its docstring for the page."""

    def register(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        says = (function.__doc__ or "").rstrip(".")
        TABLE[name] = Misbehaviour(name=name, says=says, place=place, do=function)
        return function

    return register


_lock = threading.Lock()
# Names, and whether once is enough.
_switched_on: dict[str, bool] = {}


def switch_on(name: str, *, once: bool) -> None:
    """Misbehave from now on. Raises KeyError where there is no such way."""
    chosen = TABLE[name]
    if chosen.place is Place.AT_ONCE:
        chosen.do(None)
        return
    with _lock:
        _switched_on[name] = once


def reset() -> None:
    """Behave."""
    with _lock:
        _switched_on.clear()


def switched_on() -> dict[str, bool]:
    """Return the names of what is switched on, and whether for once only."""
    with _lock:
        return dict(_switched_on)


def taken(place: Place) -> list[Function]:
    """Return what is to be done at this place now; what was for once is over with it."""
    with _lock:
        here = [name for name in _switched_on if TABLE[name].place is place]
        for name in here:
            if _switched_on[name]:
                del _switched_on[name]
    return [TABLE[name].do for name in here]


def at(place: Place, value: Any) -> Any:
    """Return `value` as it leaves this place: untouched, or as the misbehaviours there make it."""
    for do in taken(place):
        value = do(value)
    return value
