"""What care_identity has to delete once a day (see accounts/tidying.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from care_identity.services import back_channel_logout, spent_states

if TYPE_CHECKING:
    from collections.abc import Callable

TIDYING: dict[str, Callable[[], int]] = {
    "log-out messages of Care Identity that are refused as old": back_channel_logout.delete_spent,
    "answers of Care Identity that are refused as old": spent_states.delete_spent,
}
