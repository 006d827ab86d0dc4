"""What care_identity has to delete once a day (see accounts.daily_work)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from care_identity.services import logout

if TYPE_CHECKING:
    from collections.abc import Callable

CHORES: dict[str, Callable[[], int]] = {
    "log-out messages of Care Identity that are refused as old": logout.delete_spent,
}
