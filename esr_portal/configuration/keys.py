"""The keys that cookies, links and counters are made with: SECRET_KEY and SECRET_KEY_FALLBACKS."""

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
    """The key, and those before it while it is being replaced."""

    secret: str = dataclasses.field(repr=False)
    fallbacks: list[str] = dataclasses.field(repr=False)


def read(variables: Variables, *, demo: bool, of_the_demo: Callable[[], str]) -> Keys:
    """Return the keys. `of_the_demo` makes a demo's own, and is asked where SECRET_KEY is not set."""
    key, fallbacks = variables.raw("SECRET_KEY"), variables.words("SECRET_KEY_FALLBACKS")
    if demo:
        return Keys(key or of_the_demo(), fallbacks)
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
    # Never empty, so that the other faults are found too instead of Django stopping at this one.
    return Keys(key or secrets.token_urlsafe(48), fallbacks)


def _is_simple(key: str) -> bool:
    return len(key) < SHORTEST or len(set(key)) < FEWEST_DIFFERENT
