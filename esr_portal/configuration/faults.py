"""What is wrong with a variable, in words that hold nothing of its content: the log of a start is read by many."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# As django-environ reads them; what is none of these is a fault, not a "no".
YES = frozenset({"1", "true", "yes", "on", "y", "ok"})
NO = frozenset({"0", "false", "no", "off", "n"})
_ANOTHER_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """A variable that is unsafe, missing or malformed.

    `code` is that of the check, `what` a sentence that begins with the variable, `example` one that says what to put
    there. `is_warning` is True of what `manage.py check --deploy` says and a start does not refuse.
    """

    code: str
    what: str
    example: str
    is_warning: bool = False

    def __str__(self) -> str:
        """Return the line that is shown."""
        return f"{self.what} {self.example}"


class Variables:
    """The environment as the portal reads it, and the faults found on the way."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[Fault] = []

    def fault(self, code: str, what: str, example: str) -> None:
        """Note what is wrong with a variable."""
        self.faults.append(Fault(code, what, example))

    def warn(self, code: str, what: str, example: str) -> None:
        """Note what will not do, though the portal can start with it."""
        self.faults.append(Fault(code, what, example, is_warning=True))

    def raw(self, name: str) -> str:
        """Return a variable as it was given, "" where it is not set. `$OTHER` is what the variable OTHER holds."""
        value = self._environment.get(name, "")
        other = _ANOTHER_VARIABLE.fullmatch(value)
        return self._environment.get(other[1], value) if other else value

    def text(self, name: str, default: str = "") -> str:
        """Return a variable without the blanks around it, or `default` where nothing is in it."""
        return self.raw(name).strip() or default

    def words(self, name: str) -> list[str]:
        """Return the members of a list with commas, without the blanks around them; empty ones are none."""
        return [word for word in (part.strip() for part in self.raw(name).split(",")) if word]

    def flag(self, name: str, *, code: str) -> bool:
        """Return whether a variable says yes. Not set is no; what is neither is a fault, and no."""
        word = self.text(name).lower()
        if word and word not in YES | NO:
            self.fault(code, f"{name} is neither 0 nor 1.", f"Put {name}=0 or {name}=1 there.")
        return word in YES

    def starting_with(self, prefix: str) -> dict[str, str]:
        """Return the variables whose names begin with `prefix`, and in which anything is."""
        return {name: value for name, value in self._environment.items() if name.startswith(prefix) and value}
