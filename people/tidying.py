"""What people has to delete once a day (see accounts/tidying.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from people.services import second_step_excuses

if TYPE_CHECKING:
    from collections.abc import Callable

TIDYING: dict[str, Callable[[], int]] = {
    "excuses from the second step that ended long ago": second_step_excuses.delete_past,
}
