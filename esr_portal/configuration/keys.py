"""The keys: SECRET_KEY and SECRET_KEY_FALLBACKS, which cookies, links and counters are made with, and SECOND_STEP_KEYS.

The last encrypt the secrets of second steps in the database (accounts/sealing.py). They are apart from the first, so
that each can be replaced without the other.
"""

from __future__ import annotations

import dataclasses
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from esr_portal.configuration.faults import Variables

# As Django's security.W009: its generator makes 50 characters, and a shorter key was typed by hand.
SHORTEST = 50
# Fewer different characters are a word again and again.
FEWEST_DIFFERENT = 10
_OF_DEVELOPMENT = "django-insecure"
_EXAMPLE = f"Put {SHORTEST} or more random characters there"
_COMMAND = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
    """The key, and those before it while it is being replaced; and those of the second step."""

    secret: str = dataclasses.field(repr=False)
    fallbacks: list[str] = dataclasses.field(repr=False)
    # The newest first; never empty.
    second_step: list[str] = dataclasses.field(repr=False)


def read(variables: Variables, *, demo: bool, of_the_demo: Callable[[], str]) -> Keys:
    """Return the keys. `of_the_demo` makes a demo's own, and is asked where SECRET_KEY is not set."""
    key, fallbacks = variables.raw("SECRET_KEY"), variables.words("SECRET_KEY_FALLBACKS")
    if demo:
        key = key or of_the_demo()
        return Keys(key, fallbacks, variables.words("SECOND_STEP_KEYS") or [f"of the demo alone {key}"])
    _look_at(variables, key=key, fallbacks=fallbacks)
    # Never empty, so that the other faults are found too instead of Django stopping at this one.
    return Keys(key or secrets.token_urlsafe(48), fallbacks, _second_step(variables, others={key, *fallbacks}))


def _look_at(variables: Variables, *, key: str, fallbacks: list[str]) -> None:
    if not key:
        variables.fault("E010", "SECRET_KEY is not set.", f"{_EXAMPLE}, and keep them secret: {_COMMAND} makes them.")
    elif _is_simple(key):
        variables.fault("E011", "SECRET_KEY is too short or too simple.", f"{_EXAMPLE}: {_COMMAND} makes them.")
    elif key.startswith(_OF_DEVELOPMENT):
        variables.fault("E012", "SECRET_KEY is one made for development.", f"{_EXAMPLE} of your own: {_COMMAND}.")
    if any(_is_simple(fallback) or fallback.startswith(_OF_DEVELOPMENT) for fallback in fallbacks):
        what = "SECRET_KEY_FALLBACKS has a key that is too short or too simple: what it signed could be forged."
        put = f"Put earlier keys of {SHORTEST} or more random characters there, with commas between, or leave it out."
        variables.fault("E026", what, put)


def _second_step(variables: Variables, *, others: set[str]) -> list[str]:
    keys = variables.words("SECOND_STEP_KEYS")
    if not keys:
        variables.fault(
            "E060",
            "SECOND_STEP_KEYS is not set.",
            f"{_EXAMPLE}, apart from back-ups of the database that they protect: {_COMMAND} makes them.",
        )
    elif any(_is_simple(key) for key in keys):
        put = f"Put keys of {SHORTEST} or more random characters there, the newest first, with commas between."
        variables.fault("E061", "SECOND_STEP_KEYS has a key that is too short or too simple.", put)
    elif others & set(keys):
        put = f"Put a key of its own there: {_COMMAND} makes it."
        variables.fault("E062", "SECOND_STEP_KEYS has a key of SECRET_KEY or SECRET_KEY_FALLBACKS in it.", put)
    return keys or [secrets.token_urlsafe(48)]


def _is_simple(key: str) -> bool:
    return len(key) < SHORTEST or len(set(key)) < FEWEST_DIFFERENT
